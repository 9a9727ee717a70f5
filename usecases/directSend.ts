import type { MessageView } from '../db/message';
import { findConversationParties } from '../db/conversation';
import { findSender, findSenderByName } from '../db/sender';
import { findSendableTemplate, findTemplate } from '../db/template';
import { contentText } from '../domain/contentText';
import { DomainError } from '../domain/errors';
import type { OutboundContent, TemplateContent } from '../domain/message';
import type { E164 } from '../domain/phone';
import type { Filling } from '../domain/templateMessage';
import type { GivenValues } from '../domain/templateValues';
import type { Caller, Deps } from './deps';
import type { DirectMessage } from './message';
import type { CheckedSendDeps } from './checkedSend';
import { sendAllNow, sendNow, type SendNowDeps } from './sendNow';
import { filledMessage } from './templateMessage';

/** Whatever may go out while the customer's window is open. */
export type FreeForm = Exclude<OutboundContent, TemplateContent>;

export interface ChosenTemplate extends Filling {
  templateId: string;
}

export interface SameToAll {
  senderName: string;
  recipients: readonly E164[];
  message: FreeForm | ChosenTemplate;
  clientData?: string;
}

/**
 * Says the same to several people, to all or to nobody; a number that is given twice gets it once. Throws
 * `message_sender_unknown`, for templates `message_template_unknown` and as `filledMessage` does, and as
 * `MediaChecks.check` and `sendAllNow`.
 */
export async function sendToNumbers(
  deps: CheckedSendDeps,
  caller: Caller,
  { senderName, recipients, message, clientData }: SameToAll,
): Promise<MessageView[]> {
  const sender = await findSenderByName(deps.db, caller.accountId, senderName);
  if (!sender) throw unknownSender();
  const said = 'templateId' in message ? await chosen(deps, caller, message) : spoken(message);
  await deps.media.check(said.content);
  const messages = [...new Set(recipients)].map((phone): DirectMessage => ({
    ...said,
    recipient: { phone, bsuid: null },
    ...(clientData !== undefined && { clientData }),
  }));
  return sendAllNow(deps, sender, messages);
}

export interface TemplateToPhone {
  senderId: string;
  phone: E164;
  templateName: string;
  values: GivenValues;
  /** For a customer who is not known yet. */
  customerName?: string;
}

/**
 * A template by its name, in the language in which the sender has it: the oldest one that is approved. Throws as
 * `sendToNumbers` does.
 */
export async function sendTemplateByName(
  deps: SendNowDeps,
  caller: Caller,
  { senderId, phone, templateName, values, customerName }: TemplateToPhone,
): Promise<MessageView> {
  const sender = await findSender(deps.db, caller.accountId, senderId);
  if (!sender) throw unknownSender();
  const template = await findSendableTemplate(deps.db, sender, templateName);
  if (!template) throw unknownTemplate();
  return sendNow(deps, sender, {
    ...filledMessage(template, { values }),
    recipient: { phone, bsuid: null },
    ...(customerName !== undefined && { contactName: customerName }),
  });
}

/** To whom the conversation is with. Throws `conversation_not_found`, and as `sendNow` does. */
export async function sendToConversation(
  deps: SendNowDeps,
  caller: Caller,
  conversationId: string,
  content: FreeForm,
): Promise<MessageView> {
  const parties = await findConversationParties(deps.db, caller.accountId, conversationId);
  const sender = parties && (await findSender(deps.db, caller.accountId, parties.senderId));
  if (!sender) {
    throw new DomainError('conversation_not_found', 'There is no conversation with this id.');
  }
  const { phone, bsuid } = parties;
  return sendNow(deps, sender, { ...spoken(content), recipient: { phone, bsuid } });
}

function spoken(content: FreeForm): Pick<DirectMessage, 'content' | 'text'> {
  return { content, text: contentText(content) };
}

async function chosen(deps: Pick<Deps, 'db'>, caller: Caller, choice: ChosenTemplate) {
  const template = await findTemplate(deps.db, caller.accountId, choice.templateId);
  if (template?.channel !== 'WHATSAPP') throw unknownTemplate();
  return filledMessage(template, choice);
}

function unknownSender(): DomainError {
  return new DomainError('message_sender_unknown', 'There is no sender like this.');
}

function unknownTemplate(): DomainError {
  return new DomainError('message_template_unknown', 'There is no template like this.');
}
