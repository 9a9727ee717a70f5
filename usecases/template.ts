import { isUniqueViolation, json } from '../db/connect';
import type { Sender, Template } from '../db/schema';
import { findSender, findSenderByCode } from '../db/sender';
import {
  findTemplate,
  hideTemplate,
  hideTemplates,
  insertTemplate,
  isOfBusiness,
  listTemplateRows,
  type TemplateFilter,
} from '../db/template';
import { DomainError } from '../domain/errors';
import type { TemplateCategory } from '../domain/template';
import { cardsOf, formatOf, variablesOf, type Examples } from '../domain/templateForm';
import type { TemplateHeader, TemplateParts } from '../domain/templateParts';
import type { LibraryRequest } from '../domain/templateLibrary';
import { checkTemplate, checkTemplateName } from '../domain/templateRules';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';

type TemplateDeps = Pick<Deps, 'db' | 'clock' | 'urlGuard'>;

export interface CreateTemplate extends TemplateParts {
  name: string;
  language: string;
  category: TemplateCategory;
  /** By variable; reviewers see made-up ones in place of those that are missing. */
  examples?: Examples;
  /** The provider's library has its parts: there are none here (`NO_PARTS`) until the provider has listed it. */
  library?: LibraryRequest;
  /** Name, number or id of the sender whose WhatsApp account reviews the template; absent: the one the key is bound to. */
  senderCode?: string;
}

/** As WhatsApp writes them: `en`, `en_US`, `zh_Hant_HK`. */
const LANGUAGE = /^[a-z]{2,3}(_[A-Za-z]{2,4}){0,2}$/;

/**
 * Takes a template in; the worker submits it to the sender's provider for review. Throws the code of the first rule
 * that the template breaks.
 */
export async function createTemplate(
  deps: TemplateDeps,
  caller: Caller,
  input: CreateTemplate,
): Promise<Template> {
  const { name, language, category, library, header, body, footer, buttons } = input;
  if (!LANGUAGE.test(language)) {
    throw new DomainError('template_language_invalid', `'language' is no code such as en_US.`, {
      field: 'language',
    });
  }
  if (library) checkTemplateName(name);
  else checkTemplate(input);
  for (const shown of [header, ...cardsOf(input).map((card) => card.header)])
    checkLink(deps, shown);
  const sender = await senderOf(deps, caller, input.senderCode);
  try {
    return await insertTemplate(deps.db, {
      account_id: caller.accountId,
      sender_id: sender.id,
      name,
      language,
      channel: sender.channel,
      category,
      status: 'in_review',
      header: header && json(header),
      body,
      footer,
      buttons: json(buttons),
      cards: json(cardsOf(input)),
      examples: json(input.examples ?? {}),
      library: library && json(library),
      parameter_format: formatOf(input),
      placeholders: variablesOf(input),
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError('template_name_taken', 'A template with this name exists.');
  }
}

/** The sample of the review is fetched from there. */
function checkLink({ urlGuard }: TemplateDeps, header: TemplateHeader | null): void {
  const link = header && 'media' in header ? header.media?.link : undefined;
  const problem = link === undefined ? null : urlGuard.problemOf(link);
  if (problem === null) return;
  throw new DomainError('template_url_invalid', `The link of the header ${problem}.`, {
    field: 'header',
  });
}

async function senderOf(
  deps: TemplateDeps,
  caller: Caller,
  code: string | undefined,
): Promise<Sender> {
  const { db } = deps;
  const sender =
    code !== undefined
      ? await findSenderByCode(db, caller.accountId, code)
      : caller.senderId && (await findSender(db, caller.accountId, caller.senderId));
  if (sender) return sender;
  throw new DomainError('template_sender_required', 'No sender has this code.');
}

/** Newest first. */
export async function listTemplates(
  deps: TemplateDeps,
  caller: Caller,
  filter: TemplateFilter,
): Promise<Page<Template>> {
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listTemplateRows(deps.db, caller.accountId, more);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

/** A key that is bound to a sender reaches its business account's templates, and those of none. */
export async function getTemplate(
  { db }: TemplateDeps,
  { accountId, senderId }: Caller,
  id: string,
): Promise<Template> {
  const template = await findTemplate(db, accountId, id);
  const reached = template && (senderId === null || (await isOfBusiness(db, template, senderId)));
  if (!reached) throw notFound();
  return template;
}

/**
 * The worker also deletes it at the provider, as soon as no running campaign sends it. Throws `template_in_review`
 * while it is reviewed.
 */
export async function deleteTemplate(
  deps: TemplateDeps,
  caller: Caller,
  id: string,
): Promise<void> {
  await getTemplate(deps, caller, id);
  const hidden = await hideTemplate(deps.db, caller.accountId, id, deps.clock.now().toJSDate());
  if (!hidden) throw new DomainError('template_in_review', 'The template is being reviewed.');
}

/**
 * In all languages, or the one with this id, ours or the provider's: how Graph-shaped APIs delete, reviewed or not. Of the
 * sender's business account alone. Answers how many that were; throws `template_not_found` for none.
 */
export async function deleteTemplatesByName(
  deps: TemplateDeps,
  { accountId }: Caller,
  given: { senderId: string; name: string; id?: string },
): Promise<number> {
  const at = deps.clock.now().toJSDate();
  const hidden = await hideTemplates(deps.db, { ...given, accountId }, at);
  if (hidden === 0) throw notFound();
  return hidden;
}

function notFound(): DomainError {
  return new DomainError('template_not_found', 'Template not found.');
}
