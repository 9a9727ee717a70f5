import type { Insertable, Selectable } from 'kysely';
import type { Tx } from './connect';
import type { Message, MessageResendsTable } from './schema';

export type Resend = Selectable<MessageResendsTable>;

/** How this message came to be, if it is a resend. */
export function findResend(db: Tx, messageId: string): Promise<Resend | undefined> {
  return db
    .selectFrom('message_resends')
    .selectAll()
    .where('message_id', '=', messageId)
    .executeTakeFirst();
}

/**
 * A message and its resends, oldest first. Whoever asks next waits for the end of the transaction, and then sees what it
 * added.
 */
export async function lockChain(tx: Tx, rootId: string): Promise<Message[]> {
  await tx.selectFrom('messages').select('id').where('id', '=', rootId).forUpdate().execute();
  // A statement of its own: it must see what was committed while the first one waited.
  return tx
    .selectFrom('messages as m')
    .leftJoin('message_resends as r', 'r.message_id', 'm.id')
    .selectAll('m')
    .where((where) => where.or([where('m.id', '=', rootId), where('r.root_id', '=', rootId)]))
    .orderBy('r.attempt', (order) => order.asc().nullsFirst())
    .execute();
}

export async function insertResend(
  tx: Tx,
  resend: Insertable<MessageResendsTable>,
): Promise<Resend> {
  return tx.insertInto('message_resends').values(resend).returningAll().executeTakeFirstOrThrow();
}
