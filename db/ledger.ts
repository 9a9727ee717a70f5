import type { Pool } from 'pg';
import type { RecipientState } from '../domain/recipient';
import { heardOf } from './event';

/**
 * The hot path of the send ledger: claim recipients, record what became of them. One named (prepared) statement does
 * both, because planning a statement of this size costs as much as running it, and because a slot in flight is free
 * only when its outcome is on disk.
 *
 * Locks, in order: the lane's gate row, recipients by position, the lane's tallies. A control verb closes the gates
 * and so waits for the claim in progress, fairly (a share lock on the campaign row would let claims overtake it).
 */

/** A recipient claimed by this lane; its attempt is on disk, its POST may go out. */
export interface Claimed {
  position: number;
  phone: string;
  parameters: string[] | null;
  timeZone: string | null;
  /** Tries including this one. */
  attempts: number;
  firstAttemptAt: Date;
}

/** What became of a claimed recipient. */
export interface Outcome {
  position: number;
  verdict: LedgerEntry;
}

/** What to write for it. */
export interface LedgerEntry {
  state: RecipientState;
  /** Provider code or our own reason; shown to operators. */
  reason: string | null;
  wamid: string | null;
  /** For `pending`: when it is due again. */
  nextAttemptAt: Date | null;
  /** 1 when the attempt does not count as a try (throttled, campaign stopped). */
  refundedTries: 0 | 1;
}

export interface Lane {
  campaignId: string;
  senderId: string;
  /** Gate and tallies of this lane; 0 to GATES - 1. */
  slot: number;
  /** Fences this attempt of the activity: only its owner records outcomes of what it claimed. */
  lease: string;
  /** Whether it sends marketing: that is what some opt-outs are about, and no others. */
  marketing: boolean;
}

/** What a lane may claim next: positions of its range, or whatever is due again. */
export type Claim =
  | { kind: 'positions'; from: number; to: number }
  | { kind: 'due'; limit: number }
  | { kind: 'nothing' };

export interface Turn {
  claimed: Claimed[];
  /** Recipients that had opted out since the freeze: skipped, not sent. */
  skipped: number;
  /** False when a control verb has closed the campaign: nothing was claimed, and nothing will be. */
  open: boolean;
}

/** Lanes a campaign can have at once. */
export const GATES = 8;
/** Tallies written by others than lanes (status webhooks, freeze, maintenance). */
export const RELAY_SLOT = 100;

const RECORD = `
  UPDATE recipients r SET
    state = CASE WHEN r.state IN ('claimed', 'unknown') THEN o.state ELSE r.state END,
    reason = CASE WHEN r.state IN ('claimed', 'unknown') THEN o.reason ELSE r.reason END,
    next_attempt_at = CASE WHEN r.state IN ('claimed', 'unknown') THEN o.next_attempt_at ELSE r.next_attempt_at END,
    wamid = coalesce(o.wamid, r.wamid),
    attempts = r.attempts - CASE WHEN r.state IN ('claimed', 'unknown') THEN o.refunded ELSE 0 END
  FROM unnest($4::int[], $5::recipient_state[], $6::text[], $7::text[], $8::timestamptz[], $9::smallint[])
    AS o (position, state, reason, wamid, next_attempt_at, refunded)
  WHERE r.campaign_id = $1 AND r.position = o.position AND r.lease = $3
  RETURNING r.position, old.state AS was, old.reason AS was_reason, new.state AS now, new.reason AS now_reason`;

const TELL = `
  INSERT INTO events (account_id, kind, campaign_id, position, data, at)
  SELECT h.account_id, h.kind, $1, r.position, jsonb_strip_nulls(jsonb_build_object('code', r.now_reason)), now()
  FROM heard h JOIN recorded r ON h.kind = 'message.' || r.now
  WHERE r.was <> r.now AND r.now IN ('sent', 'failed')
  ORDER BY r.position`;

const TALLY = `
  INSERT INTO campaign_tallies (campaign_id, slot, state, reason, count)
  SELECT $1, $2, state, reason, sum(n) FROM (
    SELECT was AS state, was_reason AS reason, -1 AS n FROM moved
    UNION ALL
    SELECT now, now_reason, 1 FROM moved
  ) AS change (state, reason, n)
  GROUP BY state, reason HAVING sum(n) <> 0
  ORDER BY state, reason
  ON CONFLICT (campaign_id, slot, state, reason) DO UPDATE SET count = campaign_tallies.count + excluded.count
  RETURNING 1`;

/** Only failed and skipped recipients are tallied by reason. */
const reasonOf = (state: string, reason: string) =>
  `CASE WHEN ${state} IN ('failed', 'skipped') THEN coalesce(${reason}, '') ELSE '' END`;

/** Reads the opt-outs in the claim itself: the last moment before the POST. */
const CLAIM_SET = `
    (state, reason, attempts) = (
      SELECT CASE WHEN opted_out THEN 'skipped' ELSE 'claimed' END::recipient_state,
        CASE WHEN opted_out THEN 'blocked' END,
        r.attempts + CASE WHEN opted_out THEN 0 ELSE 1 END
      FROM (SELECT EXISTS (
        SELECT FROM blockers b WHERE b.sender_id = $10 AND b.phone = r.phone AND (b.scope = 'all' OR $11::boolean)
      ) AS opted_out) AS consent),
    first_attempt_at = coalesce(r.first_attempt_at, now()),
    attempt_at = now(), next_attempt_at = NULL, lease = $3`;

const CLAIM_RETURNING = `
  RETURNING new.position, new.phone, new.parameters, new.time_zone, new.attempts, new.first_attempt_at,
    new.state AS now, new.reason AS now_reason`;

// The range needs no queue scan and no ORDER BY: positions are dense, each range belongs to one lane.
const CLAIM_POSITIONS = `
  UPDATE recipients r SET ${CLAIM_SET}
  FROM gate
  WHERE r.campaign_id = $1 AND r.position >= $12 AND r.position < $13
    AND r.state = 'pending' AND r.next_attempt_at IS NULL
  ${CLAIM_RETURNING}`;

const CLAIM_DUE = `
  UPDATE recipients r SET ${CLAIM_SET}
  FROM gate, (
    SELECT position FROM recipients
    WHERE campaign_id = $1 AND next_attempt_at <= now() AND state = 'pending'
    ORDER BY next_attempt_at LIMIT $12 FOR UPDATE SKIP LOCKED
  ) AS due
  WHERE r.campaign_id = $1 AND r.position = due.position
  ${CLAIM_RETURNING}`;

const GATE = `SELECT slot FROM campaign_gates WHERE campaign_id = $1 AND slot = $2 AND open FOR UPDATE`;

const turnStatement = (claim: string) => `
WITH gate AS MATERIALIZED (${GATE}),
heard AS MATERIALIZED (${heardOf('$1')}),
recorded AS (${RECORD}),
told AS (${TELL}),
claimed AS (${claim}),
moved AS (
  SELECT was, ${reasonOf('was', 'was_reason')} AS was_reason, now, ${reasonOf('now', 'now_reason')} AS now_reason
  FROM recorded WHERE was <> now OR was_reason IS DISTINCT FROM now_reason
  UNION ALL
  SELECT 'pending', '', now, ${reasonOf('now', 'now_reason')} FROM claimed
),
tallied AS (${TALLY})
SELECT EXISTS (SELECT FROM gate) AS open, c.*
FROM (SELECT) AS always LEFT JOIN claimed c ON true`;

const RECORD_ONLY = `
WITH heard AS MATERIALIZED (${heardOf('$1')}),
recorded AS (${RECORD}),
told AS (${TELL}),
moved AS (
  SELECT was, ${reasonOf('was', 'was_reason')} AS was_reason, now, ${reasonOf('now', 'now_reason')} AS now_reason
  FROM recorded WHERE was <> now OR was_reason IS DISTINCT FROM now_reason
)
${TALLY}`;

const STATEMENTS = {
  positions: { name: 'ledger-turn-positions', text: turnStatement(CLAIM_POSITIONS) },
  due: { name: 'ledger-turn-due', text: turnStatement(CLAIM_DUE) },
  record: { name: 'ledger-record', text: RECORD_ONLY },
};

interface TurnRow {
  open: boolean;
  position: number | null;
  phone: string;
  parameters: string[] | null;
  time_zone: string | null;
  attempts: number;
  first_attempt_at: Date;
  now: RecipientState;
}

/** Records outcomes and claims the next recipients of one lane, atomically. Outcomes need not be sorted. */
export async function takeTurn(
  pool: Pool,
  lane: Lane,
  outcomes: readonly Outcome[],
  claim: Claim,
): Promise<Turn> {
  const values = recordValues(lane, outcomes);
  if (claim.kind === 'nothing') {
    if (outcomes.length > 0) await pool.query({ ...STATEMENTS.record, values });
    return { claimed: [], skipped: 0, open: true };
  }
  const bounds = claim.kind === 'positions' ? [claim.from, claim.to] : [claim.limit];
  const { rows } = await pool.query<TurnRow>({
    ...STATEMENTS[claim.kind],
    values: [...values, lane.senderId, lane.marketing, ...bounds],
  });
  const touched = rows.filter((row) => row.position !== null);
  const claimed = touched.filter((row) => row.now === 'claimed').map(toClaimed);
  return { claimed, skipped: touched.length - claimed.length, open: rows[0]?.open ?? false };
}

/** Sorted by position, so that concurrent writers lock recipients in one order. */
function recordValues(lane: Lane, outcomes: readonly Outcome[]): unknown[] {
  const sorted = [...outcomes].sort((a, b) => a.position - b.position);
  return [
    lane.campaignId,
    lane.slot,
    lane.lease,
    sorted.map((o) => o.position),
    sorted.map((o) => o.verdict.state),
    sorted.map((o) => o.verdict.reason),
    sorted.map((o) => o.verdict.wamid),
    sorted.map((o) => o.verdict.nextAttemptAt),
    sorted.map((o) => o.verdict.refundedTries),
  ];
}

function toClaimed(row: TurnRow): Claimed {
  return {
    position: row.position!,
    phone: row.phone,
    parameters: row.parameters,
    timeZone: row.time_zone,
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at,
  };
}
