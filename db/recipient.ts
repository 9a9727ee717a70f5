import { sql, type RawBuilder } from 'kysely';
import type { RecipientState, Progress } from '../domain/recipient';
import { emptyProgress } from '../domain/recipient';
import { MOST_TRIES } from '../domain/attempt';
import type { Tx } from './connect';
import { RELAY_SLOT } from './ledger';
import type { VariableSource } from './schema';

/** Contact columns that a placeholder may be filled from; any other name is looked up in the attributes. */
const CONTACT_FIELDS: Record<string, string> = {
  number: 'phone',
  phone: 'phone',
  first_name: 'first_name',
  last_name: 'last_name',
  custom1: 'custom1',
  custom2: 'custom2',
};

export interface FreezeInput {
  campaignId: string;
  audienceId: string;
  senderId: string;
  /** Whether the template is marketing: who has opted out of that alone still gets the other categories. */
  marketing: boolean;
  placeholders: readonly string[];
  variables: Readonly<Record<string, VariableSource>>;
  /** Wall time (`yyyy-MM-dd HH:mm:ss`) at which each recipient is due in its own zone; null: all at once. */
  localSchedule: string | null;
  accountTimeZone: string;
}

/** What decides who gets it, and with which words. */
export type ForecastInput = Pick<
  FreezeInput,
  'audienceId' | 'senderId' | 'marketing' | 'placeholders' | 'variables'
>;

/**
 * Freezes the audience: one row per contact with its rendered parameters and its place in the queue. Who must not or
 * cannot be messaged is born `skipped`, behind everybody else, so that ranges of sendable recipients are dense.
 * One statement; measured at 100,000 recipients and more a second (bench/RESULTS.md).
 */
export async function freezeAudience(tx: Tx, input: FreezeInput): Promise<void> {
  const dueAt = input.localSchedule
    ? sql`(${input.localSchedule}::timestamp AT TIME ZONE coalesce(c.time_zone, ${input.accountTimeZone}))`
    : sql`NULL::timestamptz`;
  await sql`
    INSERT INTO recipients
      (campaign_id, position, contact_id, phone, parameters, time_zone, state, reason, next_attempt_at)
    SELECT ${input.campaignId}, row_number() OVER (ORDER BY (reason IS NOT NULL), contact_id), contact_id,
      coalesce(phone, ''), parameters, time_zone,
      CASE WHEN reason IS NULL THEN 'pending' ELSE 'skipped' END::recipient_state, reason,
      CASE WHEN reason IS NULL AND due_at > now() THEN due_at END
    FROM (${audienceRows(input, dueAt)}) AS audience`.execute(tx);
  await sql`
    INSERT INTO campaign_tallies (campaign_id, slot, state, reason, count)
    SELECT campaign_id, ${RELAY_SLOT}, state, coalesce(reason, ''), count(*) FROM recipients
    WHERE campaign_id = ${input.campaignId} GROUP BY campaign_id, state, coalesce(reason, '')`.execute(
    tx,
  );
}

/**
 * The audience as the freeze would see it: shared with preflight, so that both tell the same story. Opt-outs count by
 * number and by BSUID, in a look each, because a look with an OR inside cannot be hashed.
 */
function audienceRows(input: ForecastInput, dueAt: RawBuilder<unknown>): RawBuilder<unknown> {
  const values = input.placeholders.map((name) => placeholderValue(name, input.variables[name]));
  const parameters =
    values.length === 0 ? sql`NULL::text[]` : sql`ARRAY[${sql.join(values)}]::text[]`;
  const blocked = (address: string) => sql`EXISTS (
    SELECT FROM blockers b WHERE b.sender_id = ${input.senderId} AND b.phone = filled.${sql.ref(address)}
      AND (b.scope = 'all' OR ${input.marketing}::boolean))`;
  return sql`
    SELECT contact_id, phone, parameters, time_zone, due_at,
      CASE WHEN phone IS NULL THEN 'no_phone'
        WHEN ${blocked('phone')} OR (bsuid IS NOT NULL AND ${blocked('bsuid')}) THEN 'blocked'
        WHEN array_position(parameters, NULL) IS NOT NULL THEN 'missing_variable' END AS reason
    FROM (
      SELECT c.id AS contact_id, c.phone, c.bsuid, c.time_zone, ${parameters} AS parameters, ${dueAt} AS due_at
      FROM audience_contacts a JOIN contacts c ON c.id = a.contact_id
      WHERE a.audience_id = ${input.audienceId}
    ) AS filled`;
}

/** A placeholder without a source of its own is filled from the contact's field of the same name. */
function placeholderValue(name: string, source: VariableSource | undefined): RawBuilder<unknown> {
  if (source && 'value' in source) return sql`${source.value}::text`;
  const field = source?.field ?? name;
  const column = CONTACT_FIELDS[field];
  return column
    ? sql`nullif(trim(${sql.ref(`c.${column}`)}), '')`
    : sql`nullif(trim(c.attributes ->> ${field}), '')`;
}

export interface AudienceForecast {
  total: number;
  sendable: number;
  skippedByReason: Record<string, number>;
  withoutTimeZone: number;
}

/** What the freeze would do now, without doing it. */
export async function forecastAudience(tx: Tx, input: ForecastInput): Promise<AudienceForecast> {
  const { rows } = await sql<{ reason: string | null; count: number; unzoned: number }>`
    SELECT reason, count(*) AS count, count(*) FILTER (WHERE time_zone IS NULL) AS unzoned
    FROM (${audienceRows(input, sql`NULL::timestamptz`)}) AS audience GROUP BY reason`.execute(tx);
  const skipped = rows.filter((row) => row.reason !== null);
  return {
    total: rows.reduce((sum, row) => sum + row.count, 0),
    sendable: rows.find((row) => row.reason === null)?.count ?? 0,
    skippedByReason: Object.fromEntries(skipped.map((row) => [row.reason!, row.count])),
    withoutTimeZone: rows.reduce((sum, row) => sum + row.unzoned, 0),
  };
}

/** Sums the tallies; never touches the ledger. Campaigns without any yet are absent from the map. */
export async function progressOf(
  tx: Tx,
  campaignIds: readonly string[],
): Promise<Map<string, Progress>> {
  const found = new Map<string, Progress>();
  if (campaignIds.length === 0) return found;
  const rows = await tx
    .selectFrom('campaign_tallies')
    .select(['campaign_id', 'state', sql<number>`sum(count)::bigint`.as('count')])
    .where('campaign_id', 'in', campaignIds)
    .groupBy(['campaign_id', 'state'])
    .execute();
  for (const row of rows) {
    const progress = found.get(row.campaign_id) ?? emptyProgress();
    progress[row.state] = row.count;
    progress.total += row.count;
    found.set(row.campaign_id, progress);
  }
  return found;
}

export async function tallyByReason(
  tx: Tx,
  campaignId: string,
  state: 'failed' | 'skipped',
): Promise<Record<string, number>> {
  const rows = await tx
    .selectFrom('campaign_tallies')
    .select(['reason', sql<number>`sum(count)::bigint`.as('count')])
    .where('campaign_id', '=', campaignId)
    .where('state', '=', state)
    .groupBy('reason')
    .having(sql<number>`sum(count)`, '>', 0)
    .orderBy('count', 'desc')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.reason, row.count]));
}

/** The tallies' upkeep for a set-based move: `moved` is a CTE with campaign_id, was, was_reason, now, now_reason. */
export function tallyMoved(slot: number): RawBuilder<unknown> {
  return sql`
    INSERT INTO campaign_tallies (campaign_id, slot, state, reason, count)
    SELECT campaign_id, ${sql.lit(slot)}, state, reason, sum(n) FROM (
      SELECT campaign_id, was AS state,
        CASE WHEN was IN ('failed', 'skipped') THEN coalesce(was_reason, '') ELSE '' END AS reason, -1 AS n FROM moved
      UNION ALL
      SELECT campaign_id, now, CASE WHEN now IN ('failed', 'skipped') THEN coalesce(now_reason, '') ELSE '' END, 1
      FROM moved
    ) AS change
    GROUP BY campaign_id, state, reason HAVING sum(n) <> 0
    ORDER BY campaign_id, state, reason
    ON CONFLICT (campaign_id, slot, state, reason) DO UPDATE SET count = campaign_tallies.count + excluded.count`;
}

/** First position of the range part that nobody has claimed yet; null when there is none. */
export async function firstUnclaimed(
  tx: Tx,
  campaignId: string,
  from: number,
  to: number,
): Promise<number | null> {
  const row = await tx
    .selectFrom('recipients')
    .select('position')
    .where('campaign_id', '=', campaignId)
    .where('position', '>=', from)
    .where('position', '<', to)
    .where('state', '=', 'pending')
    .where('next_attempt_at', 'is', null)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst();
  return row?.position ?? null;
}

export async function nextDueAt(tx: Tx, campaignId: string): Promise<Date | null> {
  const row = await tx
    .selectFrom('recipients')
    .select('next_attempt_at')
    .where('campaign_id', '=', campaignId)
    .where('next_attempt_at', 'is not', null)
    .orderBy('next_attempt_at')
    .limit(1)
    .executeTakeFirst();
  return row?.next_attempt_at ?? null;
}

/**
 * Recipients that a dead attempt left claimed become unknown: their POST may have gone out, so they are never sent
 * again by themselves. A status webhook, or the attempt itself if it was only slow, still settles them.
 */
export async function abandonClaims(
  tx: Tx,
  campaignId: string,
  which: { leases: readonly string[] } | { claimedBefore: Date },
): Promise<number> {
  const scope =
    'leases' in which
      ? sql`lease = ANY(${[...which.leases]}::uuid[])`
      : sql`attempt_at < ${which.claimedBefore}`;
  const { rows } = await sql<{ n: number }>`
    WITH moved AS (
      UPDATE recipients SET state = 'unknown'
      WHERE campaign_id = ${campaignId} AND state = 'claimed' AND ${scope}
      RETURNING campaign_id, old.state AS was, old.reason AS was_reason, new.state AS now, new.reason AS now_reason
    ), tallied AS (${tallyMoved(RELAY_SLOT)})
    SELECT count(*) AS n FROM moved`.execute(tx);
  return rows[0]?.n ?? 0;
}

/** Unknown recipients that may be sent to once more: each is tried so often at most, whatever becomes of the answers. */
const RESENDABLE = sql`state = 'unknown' AND attempts < ${MOST_TRIES}`;

/** Puts unknown recipients back in the queue: only for campaigns that ask for it (`on_unknown: "resend"`). */
export async function resendUnknown(tx: Tx, campaignId: string, before: Date): Promise<number> {
  const which = sql`${RESENDABLE} AND attempt_at < ${before}`;
  return requeue(tx, campaignId, which, sql`now()`, sql`attempts`);
}

/** Whether any unknown recipient may still be put back. */
export async function hasResendable(tx: Tx, campaignId: string): Promise<boolean> {
  const { rows } = await sql<{ some: boolean }>`
    SELECT EXISTS (SELECT FROM recipients WHERE campaign_id = ${campaignId} AND ${RESENDABLE}) AS some`.execute(
    tx,
  );
  return rows[0]?.some ?? false;
}

/** How long recipients have been tried is counted from now: a pause is no try. */
export async function forgiveAge(tx: Tx, campaignId: string): Promise<void> {
  await sql`
    UPDATE recipients SET first_attempt_at = NULL
    WHERE campaign_id = ${campaignId} AND state = 'pending' AND next_attempt_at IS NOT NULL
      AND first_attempt_at IS NOT NULL`.execute(tx);
}

/** Failed recipients wait for another round; those over a per-user cap not before a day after they failed. */
export async function requeueFailed(tx: Tx, campaignId: string): Promise<number> {
  return requeue(
    tx,
    campaignId,
    sql`state = 'failed'`,
    sql`greatest(now(), CASE WHEN reason = '131049' THEN coalesce(status_at, attempt_at) + interval '24 hours' END)`,
  );
}

async function requeue(
  tx: Tx,
  campaignId: string,
  which: RawBuilder<unknown>,
  dueAt: RawBuilder<unknown>,
  attempts: RawBuilder<unknown> = sql`0`,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    WITH moved AS (
      UPDATE recipients SET state = 'pending', next_attempt_at = ${dueAt}, lease = NULL, attempts = ${attempts},
        first_attempt_at = NULL, wamid = NULL
      WHERE campaign_id = ${campaignId} AND ${which}
      RETURNING campaign_id, old.state AS was, old.reason AS was_reason, new.state AS now, new.reason AS now_reason
    ), tallied AS (${tallyMoved(RELAY_SLOT)})
    SELECT count(*) AS n FROM moved`.execute(tx);
  return rows[0]?.n ?? 0;
}

/** Everything still waiting in a window of positions is skipped: the campaign was canceled or cannot go on. */
export async function skipPending(
  tx: Tx,
  campaignId: string,
  from: number,
  to: number,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    WITH moved AS (
      UPDATE recipients SET state = 'skipped', reason = 'canceled', next_attempt_at = NULL
      WHERE campaign_id = ${campaignId} AND position >= ${from} AND position < ${to} AND state = 'pending'
      RETURNING campaign_id, old.state AS was, old.reason AS was_reason, new.state AS now, new.reason AS now_reason
    ), tallied AS (${tallyMoved(RELAY_SLOT)})
    SELECT count(*) AS n FROM moved`.execute(tx);
  return rows[0]?.n ?? 0;
}

export interface RecipientPage {
  state?: RecipientState;
  after: number;
  limit: number;
}

/** Recipients by position; keyset, so that page a thousand costs what page one does. */
export function recipientPage(tx: Tx, campaignId: string, page: RecipientPage) {
  return tx
    .selectFrom('recipients')
    .selectAll()
    .where('campaign_id', '=', campaignId)
    .where('position', '>', page.after)
    .$if(page.state !== undefined, (query) => query.where('state', '=', page.state!))
    .orderBy('position')
    .limit(page.limit)
    .execute();
}
