import { isUniqueViolation } from '../db/connect';
import type { Template } from '../db/schema';
import { findSenderByCode } from '../db/sender';
import {
  findTemplate,
  hideTemplate,
  insertTemplate,
  listTemplateRows,
  type TemplateFilter,
} from '../db/template';
import { DomainError } from '../domain/errors';
import { parameterFormatOf, placeholdersOf } from '../domain/template';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';

export interface CreateTemplate {
  name: string;
  language: string;
  category: Template['category'];
  body: string;
  /** Name, number or id of the sender whose WhatsApp account reviews the template. */
  senderCode: string;
}

/** Takes a template in; the worker submits it to the sender's provider for review. */
export async function createTemplate(
  deps: Deps,
  caller: Caller,
  input: CreateTemplate,
): Promise<Template> {
  const sender = await findSenderByCode(deps.db, caller.accountId, input.senderCode);
  if (!sender) throw new DomainError('template_sender_required', 'No sender has this code.');
  const placeholders = placeholdersOf(input.body);
  try {
    return await insertTemplate(deps.db, {
      account_id: caller.accountId,
      sender_id: sender.id,
      name: input.name,
      language: input.language,
      channel: sender.channel,
      category: input.category,
      status: 'in_review',
      body: input.body,
      parameter_format: parameterFormatOf(placeholders),
      placeholders,
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError('template_name_taken', 'A template with this name exists.');
  }
}

/** Newest first. */
export async function listTemplates(
  deps: Deps,
  caller: Caller,
  filter: TemplateFilter,
): Promise<Page<Template>> {
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listTemplateRows(deps.db, caller.accountId, more);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

export async function getTemplate(deps: Deps, caller: Caller, id: string): Promise<Template> {
  const template = await findTemplate(deps.db, caller.accountId, id);
  if (!template) throw new DomainError('template_not_found', 'Template not found.');
  return template;
}

/** Here only: the provider keeps its copy, which others may use. Throws `template_in_review` while it is reviewed. */
export async function deleteTemplate(deps: Deps, caller: Caller, id: string): Promise<void> {
  await getTemplate(deps, caller, id);
  const hidden = await hideTemplate(deps.db, caller.accountId, id, deps.clock.now().toJSDate());
  if (!hidden) throw new DomainError('template_in_review', 'The template is being reviewed.');
}
