import { findSendableTemplate } from '../db/template';
import type { Sender, Template } from '../db/schema';
import { DomainError } from '../domain/errors';
import type { TemplateContent } from '../domain/message';
import { renderBody, templateContent } from '../domain/template';
import { headerValue, templateForm, type GivenHeader } from '../domain/templateForm';
import { completeTemplate } from '../domain/templateGiven';
import { bindVariables, type GivenValues } from '../domain/templateValues';
import type { Deps } from './deps';
import type { DirectMessage } from './message';

/**
 * A template's message as the sender may send it: name and language lead to a template of its account, and what the
 * template fixes is filled in. Throws `message_template_unknown`, `message_template_not_approved`, and for values that
 * do not fit what `completeTemplate` throws.
 */
export async function templateMessage(
  deps: Pick<Deps, 'db'>,
  sender: Sender,
  { name, language, components }: TemplateContent,
): Promise<Pick<DirectMessage, 'content' | 'text' | 'template'>> {
  const template = await findSendableTemplate(deps.db, sender, name, language);
  if (!template) {
    throw new DomainError(
      'message_template_unknown',
      `There is no template ${name} in the language ${language}.`,
    );
  }
  requireApproved(template);
  return { ...completeTemplate(template, components), template };
}

/** What fills a template, by its placeholders. */
export interface TemplateValues {
  values: GivenValues;
  /** What its header shows, in case that is not a text; null: the template's own media. */
  header: GivenHeader | null;
  /** Longest value in characters, where the caller has a limit of its own. */
  longest?: number;
}

/**
 * A template's message of plain values. Throws `message_template_not_approved`, and as `bindVariables` and `headerValue`
 * do.
 */
export function filledMessage(
  template: Template,
  { values: given, header, longest }: TemplateValues,
): Pick<DirectMessage, 'content' | 'text' | 'template'> {
  requireApproved(template);
  const form = templateForm(template, headerValue(template.header, header));
  const values = bindVariables(template, given, longest);
  const named = form.placeholders.map((name, index) => [name, values[index] ?? '']);
  return {
    content: templateContent(form, values),
    text: renderBody(template.body, Object.fromEntries(named)),
    template,
  };
}

function requireApproved({ name, status }: Template): void {
  if (status === 'approved') return;
  throw new DomainError(
    'message_template_not_approved',
    `The template ${name} is not approved: ${status}.`,
  );
}
