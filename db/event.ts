import { sql } from 'kysely';
import type { EventKind } from '../domain/event';
import type { JsonObject } from '../domain/json';
import { json, type Tx } from './connect';
import { EVENT_CHANNEL } from './notifications';
import { FOLLOWS } from './webhookCopy';
import { REACHES } from './webhookReach';

/** Something an account can be told of. Ids of what it is about, and only what cannot be read from there later. */
export interface NewEvent {
  accountId: string;
  kind: EventKind;
  conversationId?: string | null;
  messageId?: string | null;
  /** With `position`: one message of a campaign. */
  campaignId?: string | null;
  position?: number | null;
  data?: JsonObject;
  /** When it happened, by the provider's clock where it tells. */
  at: Date;
}

/** As readers see it. */
export interface AccountEvent {
  id: string;
  /** Its place among all events; readers resume after it. */
  seq: number;
  accountId: string;
  kind: EventKind;
  conversationId: string | null;
  messageId: string | null;
  campaignId: string | null;
  position: number | null;
  data: JsonObject;
  at: Date;
}

/** Part of the transaction that makes the facts true. In the order in which they are to be told. */
export async function recordEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await sql`
    INSERT INTO events (account_id, kind, conversation_id, message_id, campaign_id, position, data, at)
    SELECT * FROM unnest(
      ${events.map((e) => e.accountId)}::uuid[], ${events.map((e) => e.kind)}::text[],
      ${events.map((e) => e.conversationId ?? null)}::uuid[], ${events.map((e) => e.messageId ?? null)}::uuid[],
      ${events.map((e) => e.campaignId ?? null)}::uuid[], ${events.map((e) => e.position ?? null)}::int[],
      ${events.map((e) => json(e.data ?? {}))}::jsonb[], ${events.map((e) => e.at)}::timestamptz[])`.execute(
    tx,
  );
}

/**
 * SQL: the kinds that endpoints want to hear of these campaigns (an expression or a query of ids), as rows of campaign_id,
 * account_id and kind. What campaigns send is told to those alone: three events for each of a million recipients are
 * worth writing only if somebody reads them. Asked once a statement, it costs the same for one recipient and for hundreds.
 */
export const heardOf = (campaigns: string): string => `
  SELECT DISTINCT c.id AS campaign_id, c.account_id, kind
  FROM campaigns c
  JOIN webhook_endpoints w ON w.account_id = c.account_id AND w.enabled AND w.deleted_at IS NULL,
    unnest(w.kinds) AS kind
  WHERE c.id IN (${campaigns})`;

/**
 * SQL: the states, with their order, that a message went through from one to the other. Statuses come in batches, of which
 * the highest counts: who is told of "read" alone would wait for "delivered" in vain.
 */
export const stepsBetween = (was: string, now: string): string => `unnest(CASE
  WHEN ${now} = 'failed' THEN ARRAY['failed']
  ELSE array_remove(ARRAY[
    CASE WHEN ${was} IN ('pending', 'claimed', 'unknown') THEN 'sent' END,
    CASE WHEN ${now} IN ('delivered', 'read') AND ${was} <> 'delivered' THEN 'delivered' END,
    CASE WHEN ${now} = 'read' THEN 'read' END], NULL)
  END) WITH ORDINALITY`;

/** Whether anything waits for its place: one look at an index that is empty most of the time. */
export async function hasNewEvents(db: Tx): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM events WHERE seq IS NULL) AS found`.execute(db);
  return rows[0]?.found ?? false;
}

/** Any number: one relay at a time gives events their places. */
const LOCK = 7_236_007;

export interface Sequenced {
  /** How many events were given their place; 0 also when another relay is at work. */
  count: number;
  /** Endpoints that got deliveries of them. */
  endpointIds: string[];
}

/**
 * Gives what has been committed its place in the order of events, oldest first, and makes the deliveries for the
 * endpoints that listen. One statement, under a lock that is held to the end of the caller's transaction: so places
 * become visible in their order, and nobody who resumes after one misses another.
 */
export async function sequenceEvents(
  tx: Tx,
  limit: number,
  deliverForMs: number,
): Promise<Sequenced> {
  const { rows } = await sql<{ mine: boolean }>`
    SELECT pg_try_advisory_xact_lock(${LOCK}) AS mine`.execute(tx);
  if (!rows[0]?.mine) return { count: 0, endpointIds: [] };
  const { rows: done } = await sql<{ count: number; endpoint_ids: string[] }>`
    WITH committed AS MATERIALIZED (
      SELECT id FROM events WHERE seq IS NULL ORDER BY id LIMIT ${limit}
    ), placed AS MATERIALIZED (
      SELECT id, nextval('event_order') AS seq FROM committed
    ), sequenced AS (
      UPDATE events e SET seq = placed.seq FROM placed WHERE e.id = placed.id
      RETURNING e.id, e.seq, e.account_id, e.kind, e.message_id, e.campaign_id, e.conversation_id, e.data
    ), told AS (
      INSERT INTO webhook_deliveries (endpoint_id, event_id, expires_at)
      SELECT w.id, s.id, now() + make_interval(secs => ${deliverForMs / 1000})
      FROM sequenced s JOIN webhook_endpoints w ON w.account_id = s.account_id AND s.kind = ANY(w.kinds)
      WHERE w.enabled AND w.deleted_at IS NULL AND ${sql.raw(REACHES)} AND NOT ${sql.raw(FOLLOWS)}
      ORDER BY s.seq
      RETURNING endpoint_id
    ), woken AS (
      SELECT pg_notify(${EVENT_CHANNEL}, account_id::text) FROM (SELECT DISTINCT account_id FROM sequenced) AS accounts
    )
    SELECT (SELECT count(*) FROM sequenced) AS count, (SELECT count(*) FROM woken) AS accounts,
      ARRAY(SELECT DISTINCT endpoint_id FROM told ORDER BY endpoint_id) AS endpoint_ids`.execute(
    tx,
  );
  return { count: done[0]?.count ?? 0, endpointIds: done[0]?.endpoint_ids ?? [] };
}

/** The account's events after a place, in order. */
export async function readEvents(
  db: Tx,
  accountId: string,
  after: number,
  limit: number,
): Promise<AccountEvent[]> {
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    seq: row.seq!,
    accountId: row.account_id,
    kind: row.kind,
    conversationId: row.conversation_id,
    messageId: row.message_id,
    campaignId: row.campaign_id,
    position: row.position,
    data: row.data,
    at: row.at,
  }));
}

/** The newest place of each of these accounts; those that have no events are absent. */
export async function newestPlaces(
  db: Tx,
  accountIds: readonly string[],
): Promise<Map<string, number>> {
  if (accountIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; seq: number | null }>`
    SELECT a.id, (SELECT max(seq) FROM events WHERE account_id = a.id) AS seq
    FROM unnest(${[...accountIds]}::uuid[]) AS a (id)`.execute(db);
  return new Map(
    rows.flatMap(({ id, seq }): [string, number][] => (seq === null ? [] : [[id, seq]])),
  );
}

/**
 * Deletes what happened before `before`, at most `limit` events with their deliveries; returns how many. Ids begin with
 * the time, so that the primary keys find them. What has no place yet is kept.
 */
export async function pruneEvents(tx: Tx, before: Date, limit: number): Promise<number> {
  const first = firstIdOf(before);
  const { rows } = await sql<{ count: number }>`
    WITH old AS MATERIALIZED (
      SELECT id FROM events WHERE id < ${first}::uuid AND seq IS NOT NULL ORDER BY id LIMIT ${limit}
    ), deliveries AS (
      DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries WHERE id < ${first}::uuid ORDER BY id LIMIT ${limit})
      RETURNING 1
    ), gone AS (
      DELETE FROM events WHERE id IN (SELECT id FROM old) RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM deliveries) AS count`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** The smallest uuid of version 7 that can be made at this time. */
function firstIdOf(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
