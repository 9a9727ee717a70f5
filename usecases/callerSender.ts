import {
  findSender,
  findSenderByNumberId,
  findSendersOfBusiness,
  listSenderRows,
} from '../db/sender';
import type { Sender } from '../db/schema';
import { DomainError } from '../domain/errors';
import type { Caller, Deps } from './deps';

/**
 * The number that a key speaks for, in APIs whose requests name none: the one it is bound to, or else the account's
 * only one. Throws `message_sender_required` where there is a choice, or nothing to choose from, and
 * `message_sender_unknown` when the key's number is gone.
 */
export async function senderOfCaller(deps: Pick<Deps, 'db'>, caller: Caller): Promise<Sender> {
  const { accountId, senderId } = caller;
  if (senderId !== null) {
    const own = await findSender(deps.db, accountId, senderId);
    if (own) return own;
    throw new DomainError('message_sender_unknown', 'The number of this API key was removed.');
  }
  const { rows } = await listSenderRows(deps.db, accountId, { limit: 2 });
  if (rows.length === 1) return rows[0]!;
  throw new DomainError(
    'message_sender_required',
    rows.length === 0
      ? 'The account has no number to send from.'
      : 'The account has several numbers: use an API key that is bound to one of them.',
  );
}

/** The sender with this phone number id, of which a key that is bound to a sender sees its own alone. */
export async function findNumber(
  { db }: Pick<Deps, 'db'>,
  { accountId, senderId }: Caller,
  numberId: string,
): Promise<Sender | undefined> {
  const sender = await findSenderByNumberId(db, accountId, numberId);
  return senderId === null || senderId === sender?.id ? sender : undefined;
}

/** Throws `sender_not_found`. */
export async function senderOfNumberId(
  deps: Pick<Deps, 'db'>,
  caller: Caller,
  numberId: string,
): Promise<Sender> {
  const sender = await findNumber(deps, caller, numberId);
  if (sender) return sender;
  throw new DomainError('sender_not_found', 'There is no phone number with this id.');
}

/** One of the senders of a business account at the provider: the key's own if it is bound. Throws `sender_not_found`. */
export async function senderOfBusiness(
  { db }: Pick<Deps, 'db'>,
  { accountId, senderId }: Caller,
  wabaId: string,
): Promise<Sender> {
  const senders = await findSendersOfBusiness(db, accountId, wabaId);
  const sender = senders.find(({ id }) => senderId === null || senderId === id);
  if (sender) return sender;
  throw new DomainError('sender_not_found', 'There is no business account with this id.');
}
