import { sql } from 'kysely';
import { json, type Tx } from './connect';

export interface IdempotencySlot {
  apiKeyId: string;
  /** Method and path. */
  route: string;
  key: string;
}

export interface StoredAnswer {
  bodyHash: Buffer;
  /** Null while the first request runs. */
  status: number | null;
  /** The body as it was sent, byte for byte, sealed. */
  text: string;
}

/** Hours a stored answer is replayed. */
const RETENTION = sql`interval '24 hours'`;

/**
 * Takes the slot for a request that is about to run, in one statement, so that of two equal requests one runs.
 * Null: taken; otherwise what the other request left. A slot older than 24 hours is taken over.
 */
export async function takeSlot(
  db: Tx,
  slot: IdempotencySlot,
  bodyHash: Buffer,
): Promise<StoredAnswer | null> {
  const taken = await sql`
    INSERT INTO idempotency_keys AS k (api_key_id, route, key, body_hash)
    VALUES (${slot.apiKeyId}, ${slot.route}, ${slot.key}, ${bodyHash})
    ON CONFLICT (api_key_id, route, key) DO UPDATE
      SET body_hash = excluded.body_hash, status = NULL, response = NULL, created_at = now()
      WHERE k.created_at < now() - ${RETENTION}
    RETURNING 1`.execute(db);
  if (taken.rows.length > 0) return null;
  const found = await db
    .selectFrom('idempotency_keys')
    .select(['body_hash', 'status', 'response'])
    .where('api_key_id', '=', slot.apiKeyId)
    .where('route', '=', slot.route)
    .where('key', '=', slot.key)
    .executeTakeFirst();
  // Freed between the two statements: the other request failed, and this one counts as its neighbour in time.
  if (found === undefined) return { bodyHash, status: null, text: '' };
  const text = found.response?.['text'];
  return {
    bodyHash: found.body_hash,
    status: found.status,
    text: typeof text === 'string' ? text : '',
  };
}

/** The text is kept as text: jsonb would reorder an answer's keys. */
export async function fillSlot(
  db: Tx,
  slot: IdempotencySlot,
  answer: { status: number; text: string },
): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ status: answer.status, response: json({ text: answer.text }) })
    .where('api_key_id', '=', slot.apiKeyId)
    .where('route', '=', slot.route)
    .where('key', '=', slot.key)
    .execute();
}

export async function freeSlot(db: Tx, slot: IdempotencySlot): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('api_key_id', '=', slot.apiKeyId)
    .where('route', '=', slot.route)
    .where('key', '=', slot.key)
    .execute();
}

/** Housekeeping: removes what is past its 24 hours. Returns how many rows went. */
export async function dropExpiredSlots(db: Tx): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM idempotency_keys WHERE created_at < now() - ${RETENTION}`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
