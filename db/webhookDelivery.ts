import { sql } from 'kysely';
import type { EventKind } from '../domain/event';
import type { Tx } from './connect';
import type { WebhookDelivery, WebhookEndpoint } from './schema';

/** A delivery that is to be attempted. */
export interface DueDelivery {
  id: string;
  eventId: string;
  /** Before this one. */
  attempts: number;
  expiresAt: Date;
}

/**
 * What is due, in the order of the events. From an endpoint that is down first what has been tried least: otherwise one
 * event that it cannot digest would be all that is ever tried.
 */
export async function dueDeliveries(
  db: Tx,
  endpointId: string,
  now: Date,
  { limit, leastTriedFirst }: { limit: number; leastTriedFirst: boolean },
): Promise<DueDelivery[]> {
  const rows = await db
    .selectFrom('webhook_deliveries')
    .select(['id', 'event_id', 'attempts', 'expires_at'])
    .where('endpoint_id', '=', endpointId)
    .where('status', '=', 'pending')
    .where('next_attempt_at', '<=', now)
    .$if(leastTriedFirst, (query) => query.orderBy('attempts'))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    eventId: row.event_id,
    attempts: row.attempts,
    expiresAt: row.expires_at,
  }));
}

/** What waits for an endpoint is due now, however often it was tried. */
export async function hastenDeliveries(tx: Tx, endpointId: string, now: Date): Promise<void> {
  await tx
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: now })
    .where('endpoint_id', '=', endpointId)
    .where('status', '=', 'pending')
    .where('next_attempt_at', '>', now)
    .execute();
}

/** What an attempt came to. */
export interface Attempted {
  id: string;
  status: WebhookDelivery['status'];
  /** HTTP status; null: there was no answer. */
  answer: number | null;
  error: string | null;
  /** For `pending`: when it is tried again. */
  nextAttemptAt: Date | null;
}

/** One that somebody settled meanwhile is left as it is. */
export async function recordAttempts(
  tx: Tx,
  attempts: readonly Attempted[],
  at: Date,
): Promise<void> {
  if (attempts.length === 0) return;
  await sql`
    UPDATE webhook_deliveries d SET
      status = n.status, attempts = d.attempts + 1, attempted_at = ${at}::timestamptz, answer = n.answer, error = n.error,
      next_attempt_at = coalesce(n.next_attempt_at, d.next_attempt_at)
    FROM unnest(
      ${attempts.map((a) => a.id)}::uuid[], ${attempts.map((a) => a.status)}::text[],
      ${attempts.map((a) => a.answer)}::int[], ${attempts.map((a) => a.error)}::text[],
      ${attempts.map((a) => a.nextAttemptAt)}::timestamptz[]) AS n (id, status, answer, error, next_attempt_at)
    WHERE d.id = n.id AND d.status = 'pending'`.execute(tx);
}

/** Gives up what has waited too long for an endpoint that is down; returns how many deliveries that are. */
export async function parkExpired(tx: Tx, endpointId: string, now: Date): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', error: sql<string>`coalesce(error, 'The endpoint was down.')` })
    .where('endpoint_id', '=', endpointId)
    .where('status', '=', 'pending')
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Counting stops here: whoever looks wants to know whether it is a few or many. */
export const COUNTED = 1_000;

export interface Backlog {
  /** Pending deliveries, at most `COUNTED`. */
  waiting: number;
  /** When the first of them is due; null when there is none. */
  nextAt: Date | null;
}

export async function backlogOf(db: Tx, endpointId: string): Promise<Backlog> {
  const { rows } = await sql<{ waiting: number; next_at: Date | null }>`
    SELECT
      (SELECT count(*) FROM (
        SELECT FROM webhook_deliveries WHERE endpoint_id = ${endpointId} AND status = 'pending' LIMIT ${COUNTED}
      ) AS pending) AS waiting,
      (SELECT min(next_attempt_at) FROM webhook_deliveries
        WHERE endpoint_id = ${endpointId} AND status = 'pending') AS next_at`.execute(db);
  return { waiting: rows[0]?.waiting ?? 0, nextAt: rows[0]?.next_at ?? null };
}

/** The endpoint as it is now, deleted ones included; locked until the transaction ends. */
export function lockEndpoint(tx: Tx, id: string): Promise<WebhookEndpoint | undefined> {
  return tx
    .selectFrom('webhook_endpoints')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** A delivery with the kind of its event, as it is listed. */
export interface ListedDelivery extends WebhookDelivery {
  /** Null when the event is forgotten. */
  kind: EventKind | null;
}

export interface DeliveryFilter {
  status?: WebhookDelivery['status'] | undefined;
  after?: string | undefined;
  limit: number;
}

/** Newest event first. */
export async function listDeliveryRows(
  db: Tx,
  endpointId: string,
  { status, after, limit }: DeliveryFilter,
): Promise<{ rows: ListedDelivery[]; total: number }> {
  const all = db
    .selectFrom('webhook_deliveries as d')
    .where('d.endpoint_id', '=', endpointId)
    .$if(status !== undefined, (query) => query.where('d.status', '=', status!));
  const rows = await all
    .leftJoin('events as e', 'e.id', 'd.event_id')
    .selectAll('d')
    .select('e.kind')
    .$if(after !== undefined, (query) => query.where('d.id', '<', after!))
    .orderBy('d.id', 'desc')
    .limit(limit)
    .execute();
  const { total } = await all
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total };
}

/** Sends it again from the beginning, whatever became of it; undefined when the endpoint has no such delivery. */
export function reopenDelivery(
  tx: Tx,
  endpointId: string,
  id: string,
  { at, expiresAt }: { at: Date; expiresAt: Date },
): Promise<ListedDelivery | undefined> {
  return tx
    .updateTable('webhook_deliveries as d')
    .from('events as e')
    .set({
      status: 'pending',
      attempts: 0,
      next_attempt_at: at,
      expires_at: expiresAt,
      error: null,
    })
    .where('d.id', '=', id)
    .where('d.endpoint_id', '=', endpointId)
    .whereRef('e.id', '=', 'd.event_id')
    .returningAll('d')
    .returning('e.kind')
    .executeTakeFirst();
}
