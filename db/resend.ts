import { sql, type Insertable, type Selectable } from 'kysely';
import type { Tx } from './connect';
import type { Message, MessageResendsTable } from './schema';

export type Resend = Selectable<MessageResendsTable>;

/** Any number: sets these locks apart from others. */
const LOCK = 7_236_011;

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
 * added. An advisory lock, because rows are locked in two orders already: the sending loop takes messages before
 * conversations, and who queues a message takes the conversation first.
 */
export async function lockChain(tx: Tx, rootId: string): Promise<Message[]> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${rootId}, ${LOCK}))`.execute(tx);
  return tx
    .selectFrom('messages as m')
    .leftJoin('message_resends as r', 'r.message_id', 'm.id')
    .selectAll('m')
    .where('m.id', 'in', (ids) =>
      ids
        .selectFrom('message_resends')
        .select('message_id as id')
        .where('root_id', '=', rootId)
        .unionAll(ids.selectFrom('messages').select('id').where('id', '=', rootId)),
    )
    .orderBy('r.attempt', (order) => order.asc().nullsFirst())
    .execute();
}

export async function insertResend(
  tx: Tx,
  resend: Insertable<MessageResendsTable>,
): Promise<Resend> {
  return tx.insertInto('message_resends').values(resend).returningAll().executeTakeFirstOrThrow();
}
