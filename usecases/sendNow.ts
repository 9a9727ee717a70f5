import { findMessageRow, type MessageView } from '../db/message';
import type { Sender } from '../db/schema';
import { failQueued } from '../db/sendQueue';
import { findSender } from '../db/sender';
import { DomainError } from '../domain/errors';
import { isAccountBlocked } from '../domain/failure';
import type { Answers } from './answers';
import type { Caller, Deps } from './deps';
import { sendMessages, type DirectMessage } from './message';

export type SendNowDeps = Pick<Deps, 'db' | 'clock' | 'deliverSignals'> & {
  answers: Pick<Answers, 'wait'>;
};

/**
 * Sends messages, all or none, and waits for what the provider says, for as long as `answers` has patience. Throws as
 * `sendMessages`, and `sender_blocked` while the provider has blocked the sender's account: nothing goes out then, now
 * or later, because the caller was told so. Returns them in their order.
 */
export async function sendAllNow(
  deps: SendNowDeps,
  sender: Sender,
  messages: readonly DirectMessage[],
): Promise<MessageView[]> {
  refuseBlocked(sender);
  const ids = await sendMessages(deps, sender, messages);
  return Promise.all(ids.map((id) => answerTo(deps, sender, id)));
}

/** The same for one message. */
export async function sendNow(
  deps: SendNowDeps,
  sender: Sender,
  message: DirectMessage,
): Promise<MessageView> {
  const [sent] = await sendAllNow(deps, sender, [message]);
  return sent!;
}

/** Throws `sender_blocked`. */
export function refuseBlocked(sender: Sender): void {
  if (sender.health !== 'halted' || !isAccountBlocked(sender.health_reason)) return;
  throw new DomainError(
    'sender_blocked',
    'WhatsApp has blocked the account of this number: contact support.',
  );
}

/** The message with what the provider answered, or still on its way. */
export async function answerTo(
  deps: Pick<SendNowDeps, 'db' | 'answers'>,
  { id: senderId, account_id: accountId }: Pick<Sender, 'id' | 'account_id'>,
  id: string,
): Promise<MessageView> {
  await deps.answers.wait([id]);
  const message = await findMessageRow(deps.db, accountId, id);
  if (!message) throw notFound();
  if (message.status !== 'pending') return message;
  // Its own attempt may have told of the block; then it waits in the queue until somebody lifts it.
  const sender = await findSender(deps.db, accountId, senderId);
  if (sender?.health !== 'halted' || !isAccountBlocked(sender.health_reason)) return message;
  await failQueued(deps.db, id, Number(sender.health_reason));
  return (await findMessageRow(deps.db, accountId, id)) ?? message;
}

/**
 * A message that was sent by this key's number, or by any of the account when the key is bound to none. Throws
 * `message_not_found`.
 */
export async function getSent(
  deps: Pick<Deps, 'db'>,
  caller: Caller,
  id: string,
): Promise<MessageView> {
  const message = await findMessageRow(deps.db, caller.accountId, id);
  const mine = caller.senderId === null || caller.senderId === message?.sender_id;
  if (!message || message.direction !== 'outbound' || !mine) throw notFound();
  return message;
}

function notFound(): DomainError {
  return new DomainError('message_not_found', 'There is no message with this id.');
}
