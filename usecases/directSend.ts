import { findMessageRows, type MessageView } from '../db/message';
import { findConversationParties } from '../db/conversation';
import type { Sender, Template } from '../db/schema';
import { findSender, findSenderByName } from '../db/sender';
import { findSendableTemplate, findTemplate } from '../db/template';
import { DomainError } from '../domain/errors';
import type { OutboundContent, TemplateContent } from '../domain/message';
import type { E164 } from '../domain/phone';
import { renderBody, templateContent } from '../domain/template';
import { headerValue, templateForm, variablesOf, type GivenHeader } from '../domain/templateForm';
import { bindVariables, type GivenValues } from '../domain/templateValues';
import type { Answers } from './answers';
import type { Caller, Deps } from './deps';
import { sendMessages, type DirectMessage } from './message';

/** Sending for APIs whose answer tells what the provider said. */
export interface DirectSendDeps extends Deps {
  answers: Pick<Answers, 'wait'>;
}

/** A message that needs an open window; `text` is what a reader sees of it. */
export interface FreeForm {
  content: Exclude<OutboundContent, TemplateContent>;
  text: string | null;
}

/** A template of the account with what fills it. */
export interface FilledTemplate {
  templateId: string;
  values: GivenValues;
  /** What its header shows, in case that is not a text; null: the template's own media. */
  header: GivenHeader | null;
  /** Longest value, in characters. */
  longest: number;
}

export interface SameToAll {
  senderName: string;
  recipients: readonly E164[];
  message: FreeForm | FilledTemplate;
  clientData?: string;
}

/**
 * Says the same to several people, to all or to nobody; a number that is given twice gets it once. Throws
 * `message_sender_unknown`, what `sendMessages` throws, and for templates `message_template_unknown`,
 * `message_template_not_approved` and what `templateMessage` throws.
 */
export async function sendToNumbers(
  deps: DirectSendDeps,
  caller: Caller,
  { senderName, recipients, message, clientData }: SameToAll,
): Promise<MessageView[]> {
  const sender = await findSenderByName(deps.db, caller.accountId, senderName);
  if (!sender) throw unknownSender();
  const said =
    'templateId' in message ? await chosenTemplate(deps, caller, message) : { ...message };
  const messages = [...new Set(recipients)].map((phone): DirectMessage => ({
    ...said,
    recipient: { phone, bsuid: null },
    ...(clientData !== undefined && { clientData }),
  }));
  return sendAndWait(deps, caller, sender, messages);
}

async function chosenTemplate(deps: Deps, caller: Caller, choice: FilledTemplate) {
  const template = await findTemplate(deps.db, caller.accountId, choice.templateId);
  if (!template || template.channel !== 'WHATSAPP') throw unknownTemplate();
  return templateMessage(template, choice);
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
  deps: DirectSendDeps,
  caller: Caller,
  { senderId, phone, templateName, values, customerName }: TemplateToPhone,
): Promise<MessageView> {
  const sender = await findSender(deps.db, caller.accountId, senderId);
  if (!sender) throw unknownSender();
  const template = await findSendableTemplate(deps.db, sender, templateName);
  if (!template) throw unknownTemplate();
  const message = {
    ...templateMessage(template, { values, header: null, longest: Infinity }),
    recipient: { phone, bsuid: null },
    ...(customerName !== undefined && { contactName: customerName }),
  };
  return only(await sendAndWait(deps, caller, sender, [message]));
}

/** A free-form message to whom the conversation is with. Throws `conversation_not_found` and as `sendMessages` does. */
export async function sendToConversation(
  deps: DirectSendDeps,
  caller: Caller,
  conversationId: string,
  message: FreeForm,
): Promise<MessageView> {
  const found = await findConversationParties(deps.db, caller.accountId, conversationId);
  const sender = found && (await findSender(deps.db, caller.accountId, found.senderId));
  if (!sender) {
    throw new DomainError('conversation_not_found', 'There is no conversation with this id.');
  }
  const { phone, bsuid } = found;
  return only(
    await sendAndWait(deps, caller, sender, [{ ...message, recipient: { phone, bsuid } }]),
  );
}

/**
 * The message that a template makes. Throws `message_template_not_approved`, what `bindVariables` throws for the
 * values and `headerValue` for the header.
 */
export function templateMessage(
  template: Template,
  { values: given, header, longest }: Omit<FilledTemplate, 'templateId'>,
): Pick<DirectMessage, 'content' | 'text' | 'template'> {
  if (template.status !== 'approved') {
    throw new DomainError('message_template_not_approved', 'The template is not approved.');
  }
  const values = bindVariables(template, given, longest);
  const form = templateForm(template, headerValue(template.header, header));
  const named = variablesOf(template).map((name, index) => [name, values[index] ?? '']);
  return {
    content: templateContent(form, values),
    text: renderBody(template.body, Object.fromEntries(named)),
    template,
  };
}

/** Queues the messages and waits a while for the provider's answers; returns them as they then are. */
async function sendAndWait(
  deps: DirectSendDeps,
  caller: Caller,
  sender: Sender,
  messages: readonly DirectMessage[],
): Promise<MessageView[]> {
  const ids = await sendMessages(deps, sender, messages);
  // A halted number sends when an operator resumes it: nothing to wait for.
  if (sender.health !== 'halted') await deps.answers.wait(ids);
  return findMessageRows(deps.db, caller.accountId, ids);
}

function only(messages: readonly MessageView[]): MessageView {
  const [message] = messages;
  if (!message) throw new DomainError('message_not_found', 'The message was deleted meanwhile.');
  return message;
}

function unknownSender(): DomainError {
  return new DomainError('message_sender_unknown', 'There is no sender like this.');
}

function unknownTemplate(): DomainError {
  return new DomainError('message_template_unknown', 'There is no template like this.');
}
