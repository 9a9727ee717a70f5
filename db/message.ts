import { sql, type Insertable } from 'kysely';
import { json, type Tx } from './connect';
import type { Message, MessagesTable } from './schema';

export interface NewInbound {
  accountId: string;
  senderId: string;
  conversationId: string;
  wamid: string;
  type: string;
  text: string | null;
  /** The message as it came. */
  content: Readonly<Record<string, unknown>>;
  contextWamid: string | null;
  /** When the customer wrote it, by the provider's clock. */
  at: Date;
}

/** Which of these messages are stored already; as `sender wamid`. */
export async function storedMessages(
  tx: Tx,
  messages: readonly { senderId: string; wamid: string }[],
): Promise<Set<string>> {
  const { rows } = await sql<{ sender_id: string; wamid: string }>`
    SELECT m.sender_id, m.wamid
    FROM unnest(${messages.map((m) => m.senderId)}::uuid[], ${messages.map((m) => m.wamid)}::text[]) AS n (sender_id, wamid)
    JOIN messages m ON m.sender_id = n.sender_id AND m.wamid = n.wamid`.execute(tx);
  return new Set(rows.map((row) => `${row.sender_id} ${row.wamid}`));
}

/** Stores customers' messages; returns the ids of those that were new, by `sender wamid`. */
export async function insertInbound(
  tx: Tx,
  messages: readonly NewInbound[],
): Promise<Map<string, string>> {
  if (messages.length === 0) return new Map();
  const { rows } = await sql<{ id: string; sender_id: string; wamid: string }>`
    INSERT INTO messages (account_id, sender_id, conversation_id, wamid, type, text, content, context_wamid, sent_at,
      direction, status)
    SELECT n.*, 'inbound', 'received' FROM unnest(
      ${messages.map((m) => m.accountId)}::uuid[], ${messages.map((m) => m.senderId)}::uuid[],
      ${messages.map((m) => m.conversationId)}::uuid[], ${messages.map((m) => m.wamid)}::text[],
      ${messages.map((m) => m.type)}::text[], ${messages.map((m) => m.text)}::text[],
      ${messages.map((m) => json(m.content))}::jsonb[], ${messages.map((m) => m.contextWamid)}::text[],
      ${messages.map((m) => m.at)}::timestamptz[]) AS n
    ON CONFLICT (sender_id, wamid) WHERE wamid IS NOT NULL DO NOTHING
    RETURNING id, sender_id, wamid`.execute(tx);
  return new Map(rows.map((row) => [`${row.sender_id} ${row.wamid}`, row.id]));
}

type NewOutbound = Omit<Insertable<MessagesTable>, 'id' | 'direction' | 'status'>;

/** Stores messages that wait for their lane; returns their ids in the same order. */
export async function insertOutbound(tx: Tx, messages: readonly NewOutbound[]): Promise<string[]> {
  const rows = await tx
    .insertInto('messages')
    .values(
      messages.map((message) => ({
        ...message,
        direction: 'outbound' as const,
        status: 'pending',
      })),
    )
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/** A message with whom it was exchanged, and through which number. */
export interface MessageView extends Message {
  contact_phone: string | null;
  contact_bsuid: string | null;
  sender_name: string;
  sender_phone: string;
}

const PARTIES = [
  'p.phone as contact_phone',
  'p.bsuid as contact_bsuid',
  's.name as sender_name',
  's.phone as sender_phone',
] as const;

function ofAccount(db: Tx, accountId: string) {
  return db
    .selectFrom('messages as m')
    .innerJoin('conversations as c', 'c.id', 'm.conversation_id')
    .innerJoin('contacts as p', 'p.id', 'c.contact_id')
    .innerJoin('senders as s', 's.id', 'm.sender_id')
    .where('m.account_id', '=', accountId)
    .where('m.deleted_at', 'is', null);
}

export function findMessageRow(
  db: Tx,
  accountId: string,
  id: string,
): Promise<MessageView | undefined> {
  return ofAccount(db, accountId)
    .selectAll('m')
    .select(PARTIES)
    .where('m.id', '=', id)
    .executeTakeFirst();
}

/** Newest first. */
export function findMessageRows(
  db: Tx,
  accountId: string,
  ids: readonly string[],
): Promise<MessageView[]> {
  return ofAccount(db, accountId)
    .selectAll('m')
    .select(PARTIES)
    .where('m.id', '=', sql<string>`ANY(${[...ids]}::uuid[])`)
    .orderBy('m.id', 'desc')
    .execute();
}

/** How many of these messages have no answer of the provider yet, and may get one: a halted sender's get none for now. */
export async function countUnanswered(db: Tx, ids: readonly string[]): Promise<number> {
  const { waiting } = await db
    .selectFrom('messages as m')
    .innerJoin('senders as s', 's.id', 'm.sender_id')
    .select(sql<number>`count(*)`.as('waiting'))
    .where('m.id', 'in', [...ids])
    .where('m.status', 'in', ['pending', 'claimed'])
    .where('s.health', '<>', 'halted')
    .executeTakeFirstOrThrow();
  return waiting;
}

/** Hides a message, and takes it out of the queue unless its POST may be on its way. False when there is none. */
export async function deleteMessageRow(
  db: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<boolean> {
  const { rows } = await sql`
    WITH unqueued AS (
      DELETE FROM send_queue q USING messages m
      WHERE m.account_id = ${accountId} AND m.id = ${id} AND q.message_id = m.id AND q.lease IS NULL
      RETURNING q.message_id
    )
    UPDATE messages m SET deleted_at = ${at}, updated_at = ${at},
      status = CASE WHEN EXISTS (SELECT FROM unqueued) THEN 'skipped' ELSE m.status END,
      reason = CASE WHEN EXISTS (SELECT FROM unqueued) THEN 'canceled' ELSE m.reason END
    WHERE m.account_id = ${accountId} AND m.id = ${id} AND m.deleted_at IS NULL
    RETURNING m.id`.execute(db);
  return rows.length > 0;
}
