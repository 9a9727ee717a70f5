import { sql } from 'kysely';
import type { EventKind } from '../domain/event';
import type { Tx } from './connect';
import type { ConversationEventsTable, Conversation } from './schema';

/** One customer service window of one conversation. */
export interface WindowKey {
  conversationId: string;
  number: number;
}

export type WindowTruth = Pick<Conversation, 'window_number' | 'window_open' | 'window_closes_at'>;

export interface ClosedWindow {
  conversation_id: string;
  closes_at: Date;
}

/** The window's conversation as it is now; undefined when there is none. */
export function windowTruth(tx: Tx, conversationId: string): Promise<WindowTruth | undefined> {
  return tx
    .selectFrom('conversations')
    .select(['window_number', 'window_open', 'window_closes_at'])
    .where('id', '=', conversationId)
    .executeTakeFirst();
}

/** How many of these conversations have an open customer service window. */
export async function openWindowsOf(tx: Tx, ids: readonly string[], now: Date): Promise<number> {
  const { open } = await tx
    .selectFrom('conversations')
    .select(sql<number>`count(*)`.as('open'))
    .where('id', 'in', [...ids])
    .where('window_closes_at', '>', now)
    .executeTakeFirstOrThrow();
  return open;
}

/**
 * Records that the window is closing soon, if it closes at `by` at the latest. Once per window: a repeat, or an
 * extension after it, adds nothing. Null when the deadline has moved or the window is not open; the deadline otherwise.
 */
export async function recordClosingSoon(
  tx: Tx,
  { conversationId, number }: WindowKey,
  by: Date,
): Promise<Date | null> {
  const { rows } = await sql<{ closes_at: Date }>`
    WITH due AS (
      SELECT id, account_id, window_number, window_closes_at FROM conversations
      WHERE id = ${conversationId} AND window_number = ${number}
        AND window_open AND window_closes_at <= ${by}::timestamptz
      FOR UPDATE
    ), recorded AS (
      INSERT INTO conversation_events (account_id, conversation_id, kind, window_number, at)
      SELECT account_id, id, ${kind('window_closing_soon')}, window_number, window_closes_at FROM due
      ON CONFLICT DO NOTHING
      RETURNING *
    ), told AS (${tell('window.closing_soon')})
    SELECT window_closes_at AS closes_at FROM due`.execute(tx);
  return rows[0]?.closes_at ?? null;
}

/** Closes this window if it is due; null when it is not, or when nothing is left to close. */
export async function closeDueWindow(
  tx: Tx,
  { conversationId, number }: WindowKey,
  now: Date,
): Promise<Date | null> {
  const which = sql`id = ${conversationId} AND window_number = ${number}
    AND window_open AND window_closes_at <= ${now}::timestamptz`;
  const [closed] = await close(tx, which, now);
  return closed?.closes_at ?? null;
}

/** Closes windows whose deadline passed before `before`, the longest overdue first. */
export function closeOverdueWindows(
  tx: Tx,
  before: Date,
  now: Date,
  limit: number,
): Promise<ClosedWindow[]> {
  const which = sql`id IN (
      SELECT id FROM conversations WHERE window_open AND window_closes_at < ${before}::timestamptz
      ORDER BY window_closes_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )`;
  return close(tx, which, now);
}

/**
 * The one statement that closes windows. The row lock orders it against an inbound message: either this sees the
 * deadline that the message moved, or the message finds the window closed and opens the next one.
 *
 * A conversation nobody has to answer ends with its window: open and pending_customer become closed. One with unread
 * messages stays (or becomes) open, so that an agent sees that it now takes a template to answer. Resolved stays resolved.
 */
async function close(tx: Tx, which: ReturnType<typeof sql>, now: Date): Promise<ClosedWindow[]> {
  const { rows } = await sql<ClosedWindow>`
    WITH closed AS (
      UPDATE conversations
      SET window_open = false,
        updated_at = ${now}::timestamptz,
        status = CASE
          WHEN status NOT IN ('open', 'pending_customer') THEN status
          WHEN unread_count = 0 THEN 'closed'
          ELSE 'open'
        END
      WHERE ${which}
      RETURNING id, account_id, window_number, window_closes_at
    ), recorded AS (
      INSERT INTO conversation_events (account_id, conversation_id, kind, window_number, at)
      SELECT account_id, id, ${kind('window_closed')}, window_number, window_closes_at FROM closed
      ON CONFLICT DO NOTHING
      RETURNING *
    ), told AS (${tell('window.closed')})
    SELECT id AS conversation_id, window_closes_at AS closes_at FROM closed`.execute(tx);
  return rows;
}

/** What was recorded, and so had not been before, is told to the account. */
function tell(event: EventKind) {
  return sql`
    INSERT INTO events (account_id, kind, conversation_id, data, at)
    SELECT account_id, ${event}, conversation_id, jsonb_build_object('window', window_number, 'closes_at', at),
      least(at, created_at)
    FROM recorded`;
}

function kind(name: ConversationEventsTable['kind']): string {
  return name;
}
