import { sql } from 'kysely';
import type { Db, Tx } from './connect';

export interface InboxEntry {
  senderId: string | null;
  body: Buffer;
}

export interface StoredEntry extends InboxEntry {
  id: number;
  receivedAt: Date;
}

/**
 * One multi-row insert for whatever has queued up; an entry is on disk when this returns. The bodies travel as one value,
 * which is sent as the bytes that it is: an array of them would be written out in hexadecimal and read back.
 */
export async function appendToInbox(db: Db, entries: readonly InboxEntry[]): Promise<void> {
  const sizes = entries.map(({ body }) => body.length);
  let end = 1;
  const starts = sizes.map((size) => (end += size) - size);
  await sql`
    INSERT INTO webhook_inbox (sender_id, body)
    SELECT sender_id, substring(${Buffer.concat(entries.map(({ body }) => body))}::bytea FROM start FOR size)
    FROM unnest(${entries.map(({ senderId }) => senderId)}::uuid[], ${starts}::int[], ${sizes}::int[])
      AS entry (sender_id, start, size)`.execute(db);
}

/** Bodies taken at once: a POST may carry a thousand statuses, so the number of POSTs alone bounds no memory. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The oldest entries not applied yet, locked for this transaction; other relays skip them. */
export async function takeFromInbox(tx: Tx, limit: number): Promise<StoredEntry[]> {
  const { rows } = await sql<{
    id: number;
    sender_id: string | null;
    body: Buffer;
    received_at: Date;
  }>`
    SELECT id, sender_id, body, received_at FROM webhook_inbox
    WHERE id IN (
      SELECT id FROM (
        SELECT id, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS bytes_before
        FROM (SELECT id, body FROM webhook_inbox WHERE problem IS NULL ORDER BY id LIMIT ${limit}) AS oldest
      ) AS sized WHERE bytes_before < ${MOST_BYTES}
    )
    ORDER BY id FOR UPDATE SKIP LOCKED`.execute(tx);
  return rows.map((row) => ({
    id: row.id,
    senderId: row.sender_id,
    body: row.body,
    receivedAt: row.received_at,
  }));
}

export async function dropFromInbox(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`DELETE FROM webhook_inbox WHERE id = ANY(${[...ids]}::bigint[])`.execute(tx);
}

/** Kept, out of the relay's way: somebody has to look at it, or a later release can read it. */
export async function setAside(tx: Tx, id: number, problem: string): Promise<void> {
  await tx.updateTable('webhook_inbox').set({ problem }).where('id', '=', id).execute();
}
