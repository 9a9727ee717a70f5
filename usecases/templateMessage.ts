import { findSendableTemplate } from '../db/template';
import type { Sender, Template } from '../db/schema';
import { DomainError } from '../domain/errors';
import type { TemplateContent } from '../domain/message';
import { completeTemplate } from '../domain/templateGiven';
import { templateMessage as messageOf, type Filling } from '../domain/templateMessage';
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

/** A template's message of plain values. Throws `message_template_not_approved`, and as the domain's function does. */
export function filledMessage(
  template: Template,
  filling: Filling,
): Pick<DirectMessage, 'content' | 'text' | 'template'> {
  requireApproved(template);
  return { ...messageOf(template, filling), template };
}

function requireApproved({ name, status }: Template): void {
  if (status === 'approved') return;
  throw new DomainError(
    'message_template_not_approved',
    `The template ${name} is not approved: ${status}.`,
  );
}
