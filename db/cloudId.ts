import { sql } from 'kysely';
import type { Tx } from './connect';

/**
 * What clients that speak the Cloud API call messages: the provider's wamid, or an id of ours that they were told before
 * there was one. Once told, an id never changes.
 */

/** Names the message, unless the provider has done so by now: whichever id comes first stays. */
export async function nameMessage(db: Tx, id: string, cloudId: string): Promise<void> {
  await db
    .updateTable('messages')
    .set({ cloud_id: cloudId })
    .where('id', '=', id)
    .where('wamid', 'is', null)
    .where('cloud_id', 'is', null)
    .execute();
}

export interface SentState {
  status: string;
  /** Provider code or our own reason. */
  reason: string | null;
  errorCode: number | null;
  wamid: string | null;
  cloudId: string | null;
}

export async function findSentState(db: Tx, id: string): Promise<SentState> {
  return db
    .selectFrom('messages')
    .select(['status', 'reason', 'error_code as errorCode', 'wamid', 'cloud_id as cloudId'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

/** The provider's name of a message that its client calls `cloudId`; null: it has none yet. Undefined: not such an id. */
export async function findWamid(
  db: Tx,
  senderId: string,
  cloudId: string,
): Promise<string | null | undefined> {
  const row = await db
    .selectFrom('messages')
    .select('wamid')
    .where('sender_id', '=', senderId)
    .where('cloud_id', '=', cloudId)
    .executeTakeFirst();
  return row && row.wamid;
}

/** Whether a customer wrote this message to the sender. */
export async function isReceived(db: Tx, senderId: string, wamid: string): Promise<boolean> {
  const row = await db
    .selectFrom('messages')
    .select(sql`1`.as('one'))
    .where('sender_id', '=', senderId)
    .where('wamid', '=', wamid)
    .where('direction', '=', 'inbound')
    .executeTakeFirst();
  return row !== undefined;
}
