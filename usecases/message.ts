import { deleteMessageRow, findMessageRow, insertOutbound, type MessageView } from '../db/message';
import { listMessageRows, type MessageFilter } from '../db/messageList';
import { blockedAddresses } from '../db/blocker';
import { findCampaignMessage, type CampaignMessageView } from '../db/campaignMessage';
import { json, type Tx } from '../db/connect';
import { findPeople } from '../db/contactIdentity';
import { lockConversations } from '../db/conversation';
import type { Sender, Template } from '../db/schema';
import { enqueueMessages, type QueuedMessage } from '../db/sendQueue';
import { openWindowsOf } from '../db/window';
import { firstNameOf } from '../domain/contact';
import { DomainError } from '../domain/errors';
import { personKey, type Identity, type Person } from '../domain/identity';
import type { OutboundContent } from '../domain/message';
import type { MarketingRoute } from '../domain/ports';
import type { LedgerReference } from '../domain/reference';
import { isMarketing } from '../domain/template';
import { senderWorkflowId } from '../workflows/contract';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';
import { contactsOf } from './inboundContacts';
import { wakeLane } from './senderSignals';

/** What one of our own numbers says to somebody. */
export interface DirectMessage {
  recipient: Identity;
  content: OutboundContent;
  /** What a reader sees of it. */
  text: string | null;
  /** Where `content` is a template's. */
  template?: Pick<Template, 'id' | 'category'>;
  /** The message it answers. */
  contextWamid?: string;
  /** What the client wants to read again in its webhooks. */
  clientData?: string;
  /** Through the provider's API for marketing messages. */
  marketing?: MarketingRoute;
  /** For somebody who is no contact yet. */
  contactName?: string;
  /** Wait in the queue until then; later messages of the conversation do not wait for it. */
  notBefore?: Date;
}

/**
 * `now`: opt-outs and closed windows are errors, and nothing is stored. `later`: such messages are queued all the same,
 * and fail when their turn comes, as at a provider that says so by webhook.
 */
export type Refusals = 'now' | 'later';

/**
 * Queues messages for the sender's lane: all of them, or none. Contacts and conversations are created where missing.
 * Throws `recipient_blocked` for somebody who has opted out, and `outside_service_window` for a free-form message to
 * somebody whose window is closed; both are looked at again when the message leaves. Returns the messages' ids, in
 * their order.
 */
export async function sendMessages(
  deps: Pick<Deps, 'db' | 'clock' | 'deliverSignals'>,
  sender: Sender,
  messages: readonly DirectMessage[],
  refusals: Refusals = 'now',
): Promise<string[]> {
  const now = deps.clock.now().toJSDate();
  const ids = await deps.db
    .transaction()
    .execute((tx) => queueMessages(tx, now, sender, messages, refusals));
  deps.deliverSignals([senderWorkflowId(sender.id)]);
  return ids;
}

/** The same as part of another transaction, whose owner delivers the sender's signal after its commit. */
export async function queueMessages(
  tx: Tx,
  now: Date,
  sender: Sender,
  messages: readonly DirectMessage[],
  refusals: Refusals = 'now',
): Promise<string[]> {
  const letters = await addressed(tx, sender, messages);
  if (refusals === 'now') {
    await refuseBlocked(tx, sender, letters);
    await refuseClosed(tx, now, letters);
  }
  return enqueue(tx, now, sender, letters);
}

/**
 * One message of our own accord (the confirmation of an opt-out), as part of another transaction, whose owner delivers
 * the sender's signal after its commit. It needs no consent; a closed window still stops it.
 */
export async function queueNotice(
  tx: Tx,
  now: Date,
  sender: SenderKey,
  message: DirectMessage,
): Promise<void> {
  await enqueue(tx, now, sender, await addressed(tx, sender, [message]), 'none');
}

async function enqueue(
  tx: Tx,
  now: Date,
  sender: SenderKey,
  letters: readonly Letter[],
  consent?: QueuedMessage['consent'],
): Promise<string[]> {
  const ids = await insertOutbound(
    tx,
    letters.map(({ message, conversationId }) => ({
      account_id: sender.account_id,
      sender_id: sender.id,
      conversation_id: conversationId,
      type: message.content.type,
      text: message.text,
      content: json(message.content),
      template_id: message.template?.id ?? null,
      client_data: message.clientData ?? null,
      marketing: message.marketing ? json(message.marketing) : null,
      context_wamid: message.contextWamid ?? null,
      sent_at: now,
    })),
  );
  await enqueueMessages(
    tx,
    letters.map(({ message, conversationId, address }, index) => ({
      messageId: ids[index]!,
      senderId: sender.id,
      conversationId,
      phone: address,
      freeForm: message.content.type !== 'template',
      consent: consent ?? consentFor(message),
      ...(message.notBefore && { notBefore: message.notBefore }),
    })),
  );
  await wakeLane(tx, sender);
  return ids;
}

type SenderKey = Pick<Sender, 'id' | 'account_id'>;

interface Letter {
  message: DirectMessage;
  conversationId: string;
  /** E.164, or a BSUID. */
  address: string;
}

async function addressed(
  tx: Tx,
  { id: senderId, account_id: accountId }: SenderKey,
  messages: readonly DirectMessage[],
): Promise<Letter[]> {
  const people = await peopleOf(tx, accountId, messages);
  const contacts = await contactsOf(tx, people);
  const found = people.map((person) => contacts.get(personKey(person))!);
  const keys = found.map(({ id }) => ({ accountId, senderId, contactId: id }));
  const conversations = await lockConversations(tx, keys);
  return messages.map((message, index) => {
    const { id, phone, bsuid } = found[index]!;
    return {
      message,
      conversationId: conversations.get(`${senderId} ${id}`)!,
      address: (phone ?? bsuid)!,
    };
  });
}

async function peopleOf(
  tx: Tx,
  accountId: string,
  messages: readonly DirectMessage[],
): Promise<Person[]> {
  const people = messages.map(({ recipient }) => ({ accountId, ...recipient, profileName: null }));
  if (messages.every(({ contactName }) => contactName === undefined)) return people;
  const contacts = await findPeople(tx, people);
  const known = new Set(contacts.flatMap(({ phone, bsuid }) => [phone, bsuid]));
  return people.map((person, index) =>
    known.has(person.phone ?? person.bsuid)
      ? person
      : { ...person, profileName: firstNameOf(messages[index]!.contactName) },
  );
}

function consentFor({ template }: DirectMessage): QueuedMessage['consent'] {
  return template && isMarketing(template) ? 'marketing' : 'messages';
}

async function refuseBlocked(tx: Tx, sender: Sender, letters: readonly Letter[]): Promise<void> {
  const blocked = await blockedAddresses(
    tx,
    sender.id,
    letters.map(({ address }) => address),
  );
  const refused = letters.find(({ address, message }) => {
    const scope = blocked.get(address);
    return scope === 'all' || (scope === 'marketing' && consentFor(message) === 'marketing');
  });
  if (!refused) return;
  throw new DomainError('recipient_blocked', 'The recipient has opted out of this sender.');
}

async function refuseClosed(tx: Tx, now: Date, letters: readonly Letter[]): Promise<void> {
  const free = letters.filter(({ message }) => message.content.type !== 'template');
  const ids = new Set(free.map(({ conversationId }) => conversationId));
  if (ids.size === 0 || (await openWindowsOf(tx, [...ids], now)) === ids.size) return;
  throw new DomainError(
    'outside_service_window',
    'The customer has not written within 24 hours: only a template can be sent.',
  );
}

/** Newest first: what was said to and by customers, campaigns aside. */
export async function listMessages(
  deps: Deps,
  caller: Caller,
  filter: MessageFilter,
): Promise<Page<MessageView>> {
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listMessageRows(deps.db, caller.accountId, more);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

/** Throws `message_not_found`. */
export async function getMessage(deps: Deps, caller: Caller, id: string): Promise<MessageView> {
  const message = await findMessageRow(deps.db, caller.accountId, id);
  if (!message) throw new DomainError('message_not_found', 'Message not found.');
  return message;
}

/** What a campaign sends to one recipient, named as in webhooks. Throws `message_not_found`. */
export async function getCampaignMessage(
  deps: Deps,
  caller: Caller,
  reference: LedgerReference,
): Promise<CampaignMessageView> {
  const message = await findCampaignMessage(deps.db, caller.accountId, reference);
  if (!message) throw new DomainError('message_not_found', 'Message not found.');
  return message;
}

/** Hides the message; one that waits in the queue is never sent. What is with the provider cannot be taken back. */
export async function deleteMessage(deps: Deps, caller: Caller, id: string): Promise<void> {
  const gone = await deleteMessageRow(deps.db, caller.accountId, id, deps.clock.now().toJSDate());
  if (!gone) throw new DomainError('message_not_found', 'Message not found.');
}
