import { findSendableTemplate } from '../db/template';
import type { Sender } from '../db/schema';
import { DomainError } from '../domain/errors';
import type { TemplateContent } from '../domain/message';
import { completeTemplate } from '../domain/templateGiven';
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
  if (template.status !== 'approved') {
    throw new DomainError(
      'message_template_not_approved',
      `The template ${name} is not approved: ${template.status}.`,
    );
  }
  return { ...completeTemplate(template, components), template };
}
