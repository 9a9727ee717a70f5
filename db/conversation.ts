import { sql } from 'kysely';
import { WINDOW_MS } from '../domain/conversation';
import type { Tx } from './connect';
import { recordEvents } from './event';

export interface ConversationKey {
  accountId: string;
  senderId: string;
  contactId: string;
}

/** Through which number a conversation is held, and with whom. */
export async function findConversationParties(
  db: Tx,
  accountId: string,
  id: string,
): Promise<{ senderId: string; phone: string | null; bsuid: string | null } | undefined> {
  return db
    .selectFrom('conversations as c')
    .innerJoin('contacts as p', 'p.id', 'c.contact_id')
    .select(['c.sender_id as senderId', 'p.phone', 'p.bsuid'])
    .where('c.account_id', '=', accountId)
    .where('c.id', '=', id)
    .executeTakeFirst();
}

/** A customer service window that opened, or whose deadline moved. */
export interface WindowMove {
  conversationId: string;
  accountId: string;
  senderId: string;
  number: number;
  opened: boolean;
  closesAt: Date;
  /** The deadline before; null when there never was one. */
  closedAt: Date | null;
}

/** What a batch of messages does to one conversation. */
export interface Received {
  conversationId: string;
  /** How many messages the customer wrote. */
  spoken: number;
  /** When they wrote the last of them, by the provider's clock. */
  lastAt: Date;
}

const WINDOW_MOVE = sql`c.id AS "conversationId", c.account_id AS "accountId", c.sender_id AS "senderId",
  new.window_number AS "number", NOT old.window_open AND new.window_open AS "opened",
  new.window_closes_at AS "closesAt", old.window_closes_at AS "closedAt"`;

/** Of open windows alone, those whose deadline is another one. */
const MOVED = sql`new.window_open AND new.window_closes_at IS DISTINCT FROM old.window_closes_at`;

const WINDOW = sql`make_interval(secs => ${sql.lit(WINDOW_MS / 1000)})`;

/** News that keeps a window open until `n.closes_at`: opens or extends it, and never shortens it. */
const WINDOW_SET = sql`
  window_closes_at = greatest(c.window_closes_at, n.closes_at),
  window_open = c.window_open OR n.closes_at > now(),
  window_number = c.window_number + (NOT c.window_open AND n.closes_at > now())::int,
  updated_at = now()`;

type WindowRow = WindowMove & { moved: boolean };

function movesOf(rows: readonly WindowRow[]): WindowMove[] {
  return rows.filter((row) => row.moved || row.opened);
}

/**
 * The conversations of these pairs, created where missing and locked until the transaction ends, by id, so that
 * concurrent writers wait for each other. As a map from `sender contact` to the conversation's id. Throws when one has
 * become another contact's meanwhile: the caller's transaction knows people by what is no longer so, and the next try
 * finds them as they are.
 */
export async function lockConversations(
  tx: Tx,
  keys: readonly ConversationKey[],
): Promise<Map<string, string>> {
  const senders = keys.map((key) => key.senderId);
  const contacts = keys.map((key) => key.contactId);
  await sql`
    INSERT INTO conversations (account_id, sender_id, contact_id)
    SELECT DISTINCT n.* FROM unnest(${keys.map((key) => key.accountId)}::uuid[], ${senders}::uuid[], ${contacts}::uuid[])
      AS n (account_id, sender_id, contact_id)
    WHERE NOT EXISTS (
      SELECT FROM conversations c WHERE c.sender_id = n.sender_id AND c.contact_id = n.contact_id)
    ORDER BY n.sender_id, n.contact_id
    ON CONFLICT DO NOTHING`.execute(tx);
  const { rows } = await sql<{ id: string; sender_id: string; contact_id: string }>`
    SELECT id, sender_id, contact_id FROM conversations
    WHERE (sender_id, contact_id) IN (SELECT * FROM unnest(${senders}::uuid[], ${contacts}::uuid[]))
    ORDER BY id FOR UPDATE`.execute(tx);
  const found = new Map(rows.map((row) => [`${row.sender_id} ${row.contact_id}`, row.id]));
  if (!keys.every(({ senderId, contactId }) => found.has(`${senderId} ${contactId}`))) {
    throw new Error('A conversation has become that of another contact meanwhile.');
  }
  return found;
}

/**
 * What customers wrote reopens their conversations, counts as unread and opens or extends the window, by when they
 * wrote it: news of an old message neither opens a window nor shortens one. A window whose closing has not been
 * carried out yet is extended; only after that does the next message open another one.
 */
export async function receiveInConversations(
  tx: Tx,
  received: readonly Received[],
): Promise<WindowMove[]> {
  if (received.length === 0) return [];
  const { rows } = await sql<WindowRow>`
    UPDATE conversations c SET
      status = 'open',
      unread_count = c.unread_count + n.spoken,
      last_inbound_at = greatest(c.last_inbound_at, n.last_at),
      ${WINDOW_SET}
    FROM (
      SELECT *, last_at + ${WINDOW} AS closes_at FROM unnest(
        ${received.map((r) => r.conversationId)}::uuid[], ${received.map((r) => r.spoken)}::int[],
        ${received.map((r) => r.lastAt)}::timestamptz[]) AS r (id, spoken, last_at)
    ) AS n
    WHERE c.id = n.id
    RETURNING ${WINDOW_MOVE}, ${MOVED} AS "moved"`.execute(tx);
  return movesOf(rows);
}

/** What opens a conversation's window without being said by the customer. */
export interface Opening {
  conversationId: string;
  /** By the provider's clock; counts as now when that runs ahead. */
  at: Date;
}

/** Opens and extends windows, and leaves everything else of the conversations as it is. */
export async function openWindows(tx: Tx, openings: readonly Opening[]): Promise<WindowMove[]> {
  if (openings.length === 0) return [];
  const { rows } = await sql<WindowRow>`
    UPDATE conversations c SET ${WINDOW_SET}
    FROM (
      SELECT id, least(max(at), now()) + ${WINDOW} AS closes_at FROM unnest(
        ${openings.map((o) => o.conversationId)}::uuid[], ${openings.map((o) => o.at)}::timestamptz[]) AS o (id, at)
      GROUP BY id
    ) AS n
    WHERE c.id = n.id AND n.closes_at > greatest(now(), c.window_closes_at)
    RETURNING ${WINDOW_MOVE}, ${MOVED} AS "moved"`.execute(tx);
  return movesOf(rows);
}

/**
 * Moves a contact's conversations to another contact. Where both talked to the same sender, the survivor's conversation
 * takes the messages, the unread count and the later deadline of the other one; windows that are over are forgotten. A
 * human who answers either goes on answering; the survivor's own agent comes first.
 */
export async function moveConversations(tx: Tx, from: string, to: string): Promise<WindowMove[]> {
  await sql`
    UPDATE messages m SET conversation_id = pair.kept_id
    FROM (
      SELECT gone.id AS gone_id, kept.id AS kept_id
      FROM conversations gone JOIN conversations kept ON kept.sender_id = gone.sender_id
      WHERE gone.contact_id = ${from} AND kept.contact_id = ${to}
    ) AS pair
    WHERE m.conversation_id = pair.gone_id`.execute(tx);
  await sql`
    UPDATE send_queue q SET conversation_id = kept.id
    FROM conversations gone JOIN conversations kept ON kept.sender_id = gone.sender_id
    WHERE gone.contact_id = ${from} AND kept.contact_id = ${to} AND q.conversation_id = gone.id`.execute(
    tx,
  );
  const { rows } = await sql<WindowRow & { assigneeId: string | null; assigned: boolean }>`
    UPDATE conversations c SET
      status = CASE WHEN gone.status = 'open' THEN 'open' ELSE c.status END,
      mode = CASE WHEN gone.mode = 'human' THEN gone.mode ELSE c.mode END,
      assignee_id = coalesce(c.assignee_id, gone.assignee_id),
      unread_count = c.unread_count + gone.unread_count,
      last_inbound_at = greatest(c.last_inbound_at, gone.last_inbound_at),
      last_outbound_at = greatest(c.last_outbound_at, gone.last_outbound_at),
      window_closes_at = greatest(c.window_closes_at, gone.window_closes_at),
      window_open = c.window_open OR gone.window_open,
      window_number = c.window_number + (NOT c.window_open AND gone.window_open)::int,
      updated_at = now()
    FROM conversations gone
    WHERE gone.contact_id = ${from} AND c.contact_id = ${to} AND c.sender_id = gone.sender_id
    RETURNING ${WINDOW_MOVE}, ${MOVED} AS "moved", new.assignee_id AS "assigneeId",
      new.assignee_id IS DISTINCT FROM old.assignee_id AS "assigned"`.execute(tx);
  await recordEvents(
    tx,
    rows
      .filter(({ assigned }) => assigned)
      .map(({ accountId, conversationId, assigneeId }) => ({
        accountId,
        kind: 'conversation.assigned',
        conversationId,
        data: { assignee_id: assigneeId },
        at: new Date(),
      })),
  );
  await sql`
    DELETE FROM conversations gone USING conversations kept
    WHERE gone.contact_id = ${from} AND kept.contact_id = ${to} AND kept.sender_id = gone.sender_id`.execute(
    tx,
  );
  await tx
    .updateTable('conversations')
    .set({ contact_id: to })
    .where('contact_id', '=', from)
    .execute();
  return movesOf(rows);
}
