import { otherSpelling } from '../domain/phone';
import { sql } from 'kysely';
import type { JsonObject } from '../domain/json';
import type { DeliveryStatus } from '../domain/message';
import type { RecipientState } from '../domain/recipient';
import type { BlockerSource } from './blocker';
import { json, type Tx } from './connect';
import { heardOf, stepsBetween } from './event';
import { RELAY_SLOT } from './ledger';
import { tallyMoved } from './recipient';

/** A provider's status of one campaign message, found by our reference. */
export interface LedgerStatus {
  /** Whose hook told it: a reference to another sender's campaign changes nothing. */
  senderId: string;
  campaignId: string;
  position: number;
  status: DeliveryStatus;
  at: Date;
  wamid: string;
  errorCode: number | null;
  /** Told with this status alone, as it is: `pricing`, `conversation`. */
  charge?: JsonObject;
}

export interface StatusMove {
  campaignId: string;
  state: RecipientState;
  reason: string | null;
  count: number;
}

/** The user told WhatsApp to deliver no more marketing of this number: nothing else needs to be tried. */
const STOPPED_MARKETING = '131050';
const STOPPED_MARKETING_SOURCE: BlockerSource = 'provider_131050';

/** What statuses say of the price, as SQL takes it. */
export function chargesOf(statuses: readonly { charge?: JsonObject }[]): (string | null)[] {
  return statuses.map(({ charge }) => (charge ? json(charge) : null));
}

/** Failed is final unless something higher was seen; delivered after failed wins. Never a step back. */
export const rank = (state: string) =>
  sql.raw(`CASE ${state}
  WHEN 'sent' THEN 1 WHEN 'failed' THEN 2 WHEN 'delivered' THEN 3 WHEN 'read' THEN 4 WHEN 'skipped' THEN 9 ELSE 0 END`);

/**
 * Applies statuses set-based: order and repeats do not matter, and a status that overtook the answer of its own POST
 * settles the claim. Locks recipients by position, as the sending loop does. Recipients waiting for a retry move only
 * by news that the message reached the phone: an old `sent` or `failed` says nothing about the next attempt, nor, told
 * again, about a later one. Who has stopped marketing at the provider goes on the sender's list of blockers, once, by
 * the news itself. Whoever listens to campaigns' messages is told of each move; looking whether anybody does is part of
 * the statement.
 *
 * What is told travels with the locked rows: nobody knows how long the lists are when the statement is planned, so a join
 * of two of them compares each with each (500 statuses took 77 ms that way, and take 23 ms).
 */
export async function applyStatuses(
  tx: Tx,
  statuses: readonly LedgerStatus[],
): Promise<StatusMove[]> {
  if (statuses.length === 0) return [];
  const { rows } = await sql<StatusMove>`
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest(
        ${statuses.map((s) => s.campaignId)}::uuid[], ${statuses.map((s) => s.position)}::int[],
        ${statuses.map((s) => s.status)}::recipient_state[], ${statuses.map((s) => s.at)}::timestamptz[],
        ${statuses.map((s) => s.wamid)}::text[], ${statuses.map((s) => s.errorCode)}::text[],
        ${statuses.map((s) => s.senderId)}::uuid[], ${chargesOf(statuses)}::jsonb[]
      ) AS n (campaign_id, position, state, at, wamid, reason, sender_id, charge)
      WHERE EXISTS (SELECT FROM campaigns c WHERE c.id = n.campaign_id AND c.sender_id = n.sender_id)
    ), news AS MATERIALIZED (
      SELECT DISTINCT ON (campaign_id, position) *,
        jsonb_object_agg(state, charge) FILTER (WHERE charge IS NOT NULL) OVER (PARTITION BY campaign_id, position) AS charges
      FROM given ORDER BY campaign_id, position, ${rank('state')} DESC, at
    ), locked AS MATERIALIZED (
      SELECT news.* FROM news JOIN recipients r USING (campaign_id, position)
      ORDER BY campaign_id, position FOR UPDATE OF r
    ), moved AS (
      UPDATE recipients r SET state = news.state, reason = news.reason, status_at = news.at,
        wamid = coalesce(r.wamid, news.wamid), next_attempt_at = NULL
      FROM locked AS news
      WHERE r.campaign_id = news.campaign_id AND r.position = news.position
        AND ${rank('news.state')} > ${rank('r.state')}
        AND (news.state IN ('delivered', 'read')
          OR r.state <> 'pending' AND coalesce(r.wamid = news.wamid, true))
      RETURNING r.campaign_id, r.position, r.phone, r.status_at, old.state AS was, old.reason AS was_reason, new.state AS now,
        new.reason AS now_reason, news.charges
    ), opted_out AS (
      INSERT INTO blockers (sender_id, phone, source, scope, created_at)
      SELECT DISTINCT ON (c.sender_id, m.phone) c.sender_id, m.phone, ${STOPPED_MARKETING_SOURCE}, 'marketing', m.status_at
      FROM moved m JOIN campaigns c ON c.id = m.campaign_id
      WHERE m.now = 'failed' AND m.now_reason = ${STOPPED_MARKETING} AND m.phone <> ''
      ORDER BY c.sender_id, m.phone, m.status_at
      ON CONFLICT DO NOTHING
    ), heard AS MATERIALIZED (${sql.raw(heardOf('SELECT campaign_id FROM news'))}
    ), told AS (
      INSERT INTO events (account_id, kind, campaign_id, position, data, at)
      SELECT h.account_id, h.kind, m.campaign_id, m.position,
        jsonb_strip_nulls(jsonb_build_object('code', m.now_reason)) || coalesce(m.charges -> step, '{}'), m.status_at
      FROM heard h JOIN moved m USING (campaign_id)
      CROSS JOIN LATERAL ${sql.raw(stepsBetween('m.was', 'm.now'))} AS s (step, n)
      WHERE h.kind = 'message.' || step
      ORDER BY m.campaign_id, m.position, n
    ), tallied AS (${tallyMoved(RELAY_SLOT)})
    SELECT campaign_id AS "campaignId", now AS state, now_reason AS reason, count(*) AS count
    FROM moved GROUP BY 1, 2, 3`.execute(tx);
  return rows;
}

/** A status without our reference is found by its wamid among what the sender's account sent to that number. */
export async function findByWamid(
  tx: Tx,
  senderId: string,
  wamid: string,
  phone: string,
): Promise<{ campaignId: string; position: number } | undefined> {
  const row = await tx
    .selectFrom('recipients')
    .innerJoin('contacts', 'contacts.id', 'recipients.contact_id')
    .innerJoin('senders', 'senders.account_id', 'contacts.account_id')
    .select(['recipients.campaign_id', 'recipients.position'])
    .where('senders.id', '=', senderId)
    .where('contacts.phone', 'in', [phone, otherSpelling(phone) ?? phone])
    .where('recipients.wamid', '=', wamid)
    .executeTakeFirst();
  return row && { campaignId: row.campaign_id, position: row.position };
}
