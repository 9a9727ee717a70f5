import { sql, type RawBuilder } from 'kysely';
import type { Pool } from 'pg';
import type { MarketingRoute } from '../domain/ports';
import type { LedgerEntry } from './ledger';
import type { Tx } from './connect';
import { LANE_CHANNEL, MESSAGE_CHANNEL } from './notifications';

/**
 * The send ledger of direct messages (API sends, replies, confirmations): the same words and rules as a campaign's
 * recipients, over a queue. The attempt is on disk before the POST; whoever holds the lane's lease may claim.
 *
 *   pending → claimed → sent | failed | unknown    the row leaves the queue
 *                     → pending                    again later
 *   pending → skipped                              opted out meanwhile
 *   pending → failed (131047)                      free-form, and the customer service window has closed meanwhile
 *
 * Within a conversation a message waits for the one before it, unless that one is tried again more than a minute later,
 * or was never to go out before its time (a scheduled resend).
 */

export interface QueuedMessage {
  messageId: string;
  senderId: string;
  conversationId: string;
  /** E.164, or the BSUID of a user whose number is hidden; the claim sends to where the customer is by then. */
  phone: string;
  freeForm: boolean;
  consent: 'none' | 'messages' | 'marketing';
  notBefore?: Date;
}

/** A message claimed by the lane; its attempt is on disk, its POST may go out. */
export interface ClaimedMessage {
  messageId: string;
  phone: string;
  content: unknown;
  marketing: MarketingRoute | null;
  /** Message it answers. */
  contextWamid: string | null;
  /** Tries including this one. */
  attempts: number;
  firstAttemptAt: Date;
}

export interface MessageOutcome {
  messageId: string;
  verdict: LedgerEntry;
}

export interface QueueTurn {
  claimed: ClaimedMessage[];
  /** False when another attempt of the lane has taken over: nothing was claimed, and nothing will be. */
  open: boolean;
}

/** More than 24 hours since the customer last wrote: what the provider would answer. */
const WINDOW_CLOSED = 131047;

/** Puts messages at the end of their sender's queue and wakes its lane, should it listen. */
export async function enqueueMessages(tx: Tx, messages: readonly QueuedMessage[]): Promise<void> {
  await tx
    .insertInto('send_queue')
    .values(
      messages.map((message) => ({
        message_id: message.messageId,
        sender_id: message.senderId,
        conversation_id: message.conversationId,
        phone: message.phone,
        free_form: message.freeForm,
        consent: message.consent,
        next_attempt_at: message.notBefore,
      })),
    )
    .execute();
  for (const senderId of new Set(messages.map((message) => message.senderId))) {
    await sql`SELECT pg_notify(${LANE_CHANNEL}, ${senderId})`.execute(tx);
  }
}

/** Messages of a conversation wait for those before them, if these are due, on their way, or tried again within a minute. */
const IN_ORDER = `
  NOT EXISTS (
    SELECT FROM send_queue before
    WHERE before.conversation_id = q.conversation_id AND before.seq < q.seq
      AND (before.lease IS NOT NULL OR before.next_attempt_at <= now()
        OR (before.first_attempt_at IS NOT NULL AND before.next_attempt_at < now() + interval '1 minute')))`;

const DUE = `
  SELECT q.message_id FROM send_queue q
  WHERE q.sender_id = $1 AND q.lease IS NULL AND q.next_attempt_at <= now() AND ${IN_ORDER}
  ORDER BY q.seq`;

const COUNT_DUE = {
  name: 'queue-count-due',
  text: `SELECT count(*)::int AS due FROM (${DUE} LIMIT $2) AS due`,
};

/** How many messages could be claimed now, counted up to `most`. */
export async function countDue(pool: Pool, senderId: string, most: number): Promise<number> {
  const { rows } = await pool.query<{ due: number }>({ ...COUNT_DUE, values: [senderId, most] });
  return rows[0]!.due;
}

/** When the first message is due that does not wait for another one; null when there is none. */
export async function nextDue(tx: Tx, senderId: string): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    SELECT min(q.next_attempt_at) AS at FROM send_queue q
    WHERE q.sender_id = ${senderId} AND q.lease IS NULL AND ${sql.raw(IN_ORDER)}`.execute(tx);
  return rows[0]?.at ?? null;
}

/** Who is told is not asked: direct messages are few beside a campaign's. */
const tell = (settled: string): string => `
  INSERT INTO events (account_id, kind, conversation_id, message_id, data, at)
  SELECT account_id, 'message.' || state, conversation_id, id,
    jsonb_strip_nulls(jsonb_build_object('code', reason)), now()
  FROM ${settled} ORDER BY id`;

/**
 * Opt-outs and the window are read in the claim itself: the last moment before the POST. So is the wamid of an answered
 * message that its client knows by another id, and the customer's address: a reply follows them to another number.
 */
const CLAIM = {
  name: 'queue-claim',
  text: `
WITH lane AS MATERIALIZED (
  SELECT sender_id FROM sender_lanes WHERE sender_id = $1 AND lease = $2 FOR SHARE
), judged AS MATERIALIZED (
  SELECT q.message_id, coalesce(p.phone, p.bsuid) AS address, CASE
    WHEN EXISTS (SELECT FROM blockers b WHERE b.sender_id = $1 AND b.phone IN (q.phone, p.phone, p.bsuid)
      AND ((b.scope = 'all' AND q.consent <> 'none') OR q.consent = 'marketing')) THEN 'blocked'
    WHEN q.free_form AND NOT coalesce(c.window_closes_at > now(), false) THEN 'outside_service_window'
    END AS refusal
  FROM lane, (${DUE} LIMIT $3) AS due
  JOIN send_queue q USING (message_id) JOIN conversations c ON c.id = q.conversation_id
  JOIN contacts p ON p.id = c.contact_id
), refused AS (
  UPDATE messages m SET status = CASE refusal WHEN 'blocked' THEN 'skipped' ELSE 'failed' END, reason = refusal,
    error_code = CASE refusal WHEN 'blocked' THEN NULL ELSE ${WINDOW_CLOSED} END, updated_at = now()
  FROM judged j WHERE m.id = j.message_id AND j.refusal IS NOT NULL
  RETURNING m.id, m.account_id, m.conversation_id, 'failed' AS state, m.reason, pg_notify('${MESSAGE_CHANNEL}', m.id::text)
), told AS (${tell('refused')}
), dropped AS (
  DELETE FROM send_queue q USING refused WHERE q.message_id = refused.id
), taken AS (
  UPDATE send_queue q SET lease = $2, phone = j.address, attempts = q.attempts + 1,
    first_attempt_at = coalesce(q.first_attempt_at, now())
  FROM judged j WHERE q.message_id = j.message_id AND j.refusal IS NULL
  RETURNING q.message_id, q.seq, q.phone, q.attempts, q.first_attempt_at
), marked AS (
  UPDATE messages m SET status = 'claimed', attempt_at = now(), updated_at = now()
  FROM taken WHERE m.id = taken.message_id
  RETURNING m.id, m.content, m.marketing, m.context_wamid
)
SELECT EXISTS (SELECT FROM lane) AS open, c.*
FROM (SELECT) AS always LEFT JOIN (
  SELECT t.*, m.content, m.marketing,
    CASE WHEN answered.id IS NULL THEN m.context_wamid ELSE answered.wamid END AS context_wamid
  FROM taken t JOIN marked m ON m.id = t.message_id
  LEFT JOIN messages answered ON answered.sender_id = $1 AND answered.cloud_id = m.context_wamid
) AS c ON true
ORDER BY c.seq`,
};

interface ClaimRow {
  open: boolean;
  message_id: string | null;
  phone: string;
  content: unknown;
  marketing: MarketingRoute | null;
  context_wamid: string | null;
  attempts: number;
  first_attempt_at: Date;
}

/** Claims up to `limit` due messages in the order of the queue. The attempts are on disk when this returns. */
export async function claimMessages(
  pool: Pool,
  senderId: string,
  lease: string,
  limit: number,
): Promise<QueueTurn> {
  const { rows } = await pool.query<ClaimRow>({ ...CLAIM, values: [senderId, lease, limit] });
  const claimed = rows.flatMap((row): ClaimedMessage[] =>
    row.message_id === null ? [] : [{ ...claimedOf(row), messageId: row.message_id }],
  );
  return { claimed, open: rows[0]?.open ?? false };
}

function claimedOf(row: ClaimRow): Omit<ClaimedMessage, 'messageId'> {
  return {
    phone: row.phone,
    content: row.content,
    marketing: row.marketing,
    contextWamid: row.context_wamid,
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at,
  };
}

/**
 * Settles or requeues. An outcome counts while the message is claimed or unknown: a status webhook may have been faster.
 * Only who still holds the message may requeue it: what another attempt has declared unknown stays so.
 * What went out makes its conversation wait for the customer, unless the customer has written meanwhile.
 */
const RECORD = {
  name: 'queue-record',
  text: `
WITH outcome AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::smallint[])
    AS o (id, state, reason, wamid, next_attempt_at, refunded)
), moved AS (
  UPDATE messages m SET
    status = CASE WHEN m.status IN ('claimed', 'unknown') THEN o.state ELSE m.status END,
    reason = CASE WHEN m.status IN ('claimed', 'unknown') THEN o.reason ELSE m.reason END,
    error_code = CASE WHEN o.state = 'failed' AND o.reason ~ '^-?[0-9]{1,9}$' THEN o.reason::int ELSE m.error_code END,
    wamid = coalesce(o.wamid, m.wamid), updated_at = now()
  FROM outcome o WHERE m.id = o.id
    AND (o.state <> 'pending' OR EXISTS (SELECT FROM send_queue q WHERE q.message_id = m.id AND q.lease = $7))
  RETURNING m.id, m.account_id, m.conversation_id, m.created_at, o.state, m.reason, old.status AS was, m.status AS now,
    pg_notify('${MESSAGE_CHANNEL}', m.id::text)
), settled AS (
  SELECT * FROM moved WHERE was <> now AND now IN ('sent', 'failed')
), told AS (${tell('settled')}
), left_queue AS (
  DELETE FROM send_queue q USING outcome o LEFT JOIN moved m ON m.id = o.id
  WHERE q.message_id = o.id AND (o.state <> 'pending' OR m.now <> 'pending')
), requeued AS (
  UPDATE send_queue q SET lease = NULL, next_attempt_at = o.next_attempt_at, attempts = q.attempts - o.refunded
  FROM outcome o JOIN moved m ON m.id = o.id WHERE q.message_id = o.id AND m.now = 'pending' AND q.lease = $7
)
UPDATE conversations c SET
  last_outbound_at = greatest(c.last_outbound_at, now()), updated_at = now(),
  status = CASE WHEN c.status = 'open' AND (c.last_inbound_at IS NULL OR c.last_inbound_at <= s.created_at)
    THEN 'pending_customer' ELSE c.status END
FROM (SELECT conversation_id, max(created_at) AS created_at FROM moved WHERE state = 'sent' GROUP BY 1) AS s
WHERE c.id = s.conversation_id`,
};

/** Records what became of messages that this lease claimed. */
export async function recordMessages(
  pool: Pool,
  lease: string,
  outcomes: readonly MessageOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await pool.query({
    ...RECORD,
    values: [
      outcomes.map((o) => o.messageId),
      outcomes.map((o) => o.verdict.state),
      outcomes.map((o) => o.verdict.reason),
      outcomes.map((o) => o.verdict.wamid),
      outcomes.map((o) => o.verdict.nextAttemptAt),
      outcomes.map((o) => o.verdict.refundedTries),
      lease,
    ],
  });
}

/** Fails everything that waits: the sender is gone. */
export async function failQueue(tx: Tx, senderId: string, reason: string): Promise<void> {
  await failWaiting(tx, sql`sender_id = ${senderId}`, reason, null);
}

/** Fails one message that waits, for a provider's code. */
export async function failQueued(tx: Tx, messageId: string, code: number): Promise<void> {
  await failWaiting(tx, sql`message_id = ${messageId}`, String(code), code);
}

/** What is claimed is left to its lane: its POST may be on its way. */
async function failWaiting(
  tx: Tx,
  which: RawBuilder<unknown>,
  reason: string,
  code: number | null,
): Promise<void> {
  await sql`
    WITH gone AS (
      DELETE FROM send_queue WHERE ${which} AND lease IS NULL RETURNING message_id
    ), failed AS (
      UPDATE messages m SET status = 'failed', reason = ${reason}, error_code = ${code}, updated_at = now()
      FROM gone WHERE m.id = gone.message_id
      RETURNING m.id, m.account_id, m.conversation_id, m.status AS state, m.reason
    ), told AS (${sql.raw(tell('failed'))}
    )
    SELECT pg_notify(${MESSAGE_CHANNEL}, id::text) FROM failed`.execute(tx);
}
