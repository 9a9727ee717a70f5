import type { MessageView } from '../db/message';
import { findResend, insertResend, lockChain, type Resend } from '../db/resend';
import type { Tx } from '../db/connect';
import type { Message, Sender, Template } from '../db/schema';
import { findSender } from '../db/sender';
import { findTemplate } from '../db/template';
import { DomainError } from '../domain/errors';
import { planResend } from '../domain/resend';
import { parseContent } from '../wire/content';
import { senderWorkflowId } from '../workflows/contract';
import type { CheckedSendDeps } from './checkedSend';
import type { Caller } from './deps';
import { queueMessages, type DirectMessage } from './message';
import { answerTo, getSent, refuseBlocked } from './sendNow';

/** A resend with what became of it so far. */
export interface ResentMessage {
  resend: Resend;
  message: MessageView;
  /** It waits in the queue until `resend.due_at`. */
  scheduled: boolean;
}

/**
 * Sends a failed message again, with its content, as a message of its own. Attempts are counted on the message that was
 * sent first, and wait longer each time: one that comes too early is queued for its time. Waits for the provider's
 * answer otherwise.
 *
 * Throws `message_not_found`; `message_not_resendable` for what has not failed, or may not be sent any more;
 * `resend_in_progress`; `sender_blocked`; `message_media_invalid`; and as `queueMessages` for an opt-out or a closed
 * window. None of these cost an attempt.
 */
export async function resendMessage(
  deps: CheckedSendDeps,
  caller: Caller,
  id: string,
): Promise<ResentMessage> {
  const given = await getSent(deps, caller, id);
  const sender = await findSender(deps.db, given.account_id, given.sender_id);
  if (!sender) throw notResendable('The number it was sent from is gone.');
  refuseBlocked(sender);
  await deps.media.check(parseContent(given.content));
  const now = deps.clock.now().toJSDate();
  const resend = await deps.db.transaction().execute((tx) => queueResend(tx, now, sender, given));
  deps.deliverSignals([senderWorkflowId(sender.id)]);
  const scheduled = resend.due_at > now;
  const message = scheduled
    ? await getSent(deps, caller, resend.message_id)
    : await answerTo(deps, sender, resend.message_id);
  return { resend, message, scheduled };
}

async function queueResend(tx: Tx, now: Date, sender: Sender, given: MessageView): Promise<Resend> {
  const rootId = (await findResend(tx, given.id))?.root_id ?? given.id;
  const chain = await lockChain(tx, rootId);
  const [root, last] = [chain[0]!, chain.at(-1)!];
  refuseUnfailed(root, chain);
  const { attempt, dueAt } = planResend(
    { resends: chain.length - 1, firstSentAt: root.created_at, failedAt: last.updated_at },
    now,
  );
  const message = await again(tx, root, given);
  const later = dueAt > now ? { notBefore: dueAt } : {};
  const [messageId] = await queueMessages(tx, now, sender, [{ ...message, ...later }]);
  return insertResend(tx, { message_id: messageId!, root_id: rootId, attempt, due_at: dueAt });
}

/**
 * Whether a message of unknown outcome arrived is not known: sending it again could show it twice. So could a resend of
 * one that was told to have arrived after it had been resent.
 */
function refuseUnfailed(root: Message, chain: readonly Message[]): void {
  const other = chain.findLast(({ status }) => status !== 'failed');
  if (!other) return;
  const waits = other.status === 'pending' || other.status === 'claimed';
  if (waits && other.id !== root.id) {
    throw new DomainError('resend_in_progress', 'A resend of this message is in progress.');
  }
  throw notResendable(`Only failed messages can be resent; this one is ${other.status}.`);
}

function notResendable(message: string): DomainError {
  return new DomainError('message_not_resendable', message);
}

async function again(
  tx: Tx,
  root: Message,
  { contact_phone, contact_bsuid }: MessageView,
): Promise<DirectMessage> {
  const template = await templateOf(tx, root);
  return {
    recipient: { phone: contact_phone, bsuid: contact_bsuid },
    content: parseContent(root.content),
    text: root.text,
    ...(template && { template }),
    ...(root.marketing !== null && { marketing: root.marketing }),
    ...(root.context_wamid !== null && { contextWamid: root.context_wamid }),
    ...(root.client_data !== null && { clientData: root.client_data }),
  };
}

/** The category of a message's template says which consent it needs: without the template nobody knows. */
async function templateOf(tx: Tx, root: Message): Promise<Template | null> {
  if (root.template_id === null) return null;
  const template = await findTemplate(tx, root.account_id, root.template_id);
  if (template?.status === 'approved') return template;
  throw notResendable('Its template is gone, or not approved any more.');
}
