import { sql } from 'kysely';
import type { JsonObject } from '../domain/json';
import type { DeliveryStatus } from '../domain/message';
import type { BlockerSource } from './blocker';
import type { Tx } from './connect';
import type { Opening } from './conversation';
import { stepsBetween } from './event';
import { chargesOf, rank } from './status';

/** A provider's status of one direct message, found by our reference or by its wamid. */
export interface MessageStatus {
  /** Whose hook told it: a reference to another sender's message changes nothing. */
  senderId: string;
  messageId: string;
  status: DeliveryStatus;
  at: Date;
  wamid: string;
  errorCode: number | null;
  /** Told with this status alone, as it is: `pricing`, `conversation`. */
  charge?: JsonObject;
}

const STOPPED_MARKETING_SOURCE: BlockerSource = 'provider_131050';

/**
 * Applies statuses set-based by rank, as for campaigns: order and repeats do not matter, and one that overtook the
 * answer of its own POST settles the message. Who has stopped marketing at the provider goes on the sender's list.
 * Messages waiting for a retry move only by news that the message reached the phone. Each move is told to the account.
 * Returns the windows that they open by the sender's policy.
 */
export async function applyMessageStatuses(
  tx: Tx,
  statuses: readonly MessageStatus[],
): Promise<Opening[]> {
  if (statuses.length === 0) return [];
  const { rows } = await sql<Opening>`
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest(
        ${statuses.map((s) => s.messageId)}::uuid[], ${statuses.map((s) => s.senderId)}::uuid[],
        ${statuses.map((s) => s.status)}::text[], ${statuses.map((s) => s.at)}::timestamptz[],
        ${statuses.map((s) => s.wamid)}::text[], ${statuses.map((s) => s.errorCode)}::int[],
        ${chargesOf(statuses)}::jsonb[]
      ) AS n (id, sender_id, status, at, wamid, error_code, charge)
    ), news AS MATERIALIZED (
      SELECT DISTINCT ON (id) *,
        min(at) FILTER (WHERE status IN ('delivered', 'read')) OVER (PARTITION BY id) AS delivered_at,
        jsonb_object_agg(status, charge) FILTER (WHERE charge IS NOT NULL) OVER (PARTITION BY id) AS charges
      FROM given ORDER BY id, ${rank('status')} DESC, at
    ), locked AS MATERIALIZED (
      SELECT n.* FROM news n JOIN messages m ON m.id = n.id AND m.sender_id = n.sender_id
      WHERE m.direction = 'outbound'
      ORDER BY m.id FOR UPDATE OF m
    ), moved AS (
      UPDATE messages m SET status = n.status, error_code = n.error_code, reason = n.error_code::text,
        wamid = coalesce(m.wamid, n.wamid), updated_at = now(),
        delivered_at = coalesce(m.delivered_at, n.delivered_at),
        read_at = CASE n.status WHEN 'read' THEN n.at ELSE m.read_at END
      FROM locked n
      WHERE m.id = n.id AND ${rank('n.status')} > ${rank('m.status')}
        AND (m.status <> 'pending' OR n.status IN ('delivered', 'read'))
      RETURNING m.*, n.at AS news_at, n.charges, old.status AS was
    ), unqueued AS (
      DELETE FROM send_queue q USING moved WHERE q.message_id = moved.id AND q.lease IS NULL
    ), opted_out AS (
      INSERT INTO blockers (sender_id, phone, source, scope, created_at)
      SELECT DISTINCT ON (m.sender_id, coalesce(p.phone, p.bsuid)) m.sender_id, coalesce(p.phone, p.bsuid), ${STOPPED_MARKETING_SOURCE},
        'marketing', m.news_at
      FROM moved m JOIN conversations c ON c.id = m.conversation_id JOIN contacts p ON p.id = c.contact_id
      WHERE m.status = 'failed' AND m.error_code = 131050
      ORDER BY m.sender_id, coalesce(p.phone, p.bsuid), m.news_at
      ON CONFLICT DO NOTHING
    ), told AS (
      INSERT INTO events (account_id, kind, conversation_id, message_id, data, at)
      SELECT account_id, 'message.' || step, conversation_id, id,
        jsonb_strip_nulls(jsonb_build_object('code', error_code::text)) || coalesce(charges -> step, '{}'), news_at
      FROM moved CROSS JOIN LATERAL ${sql.raw(stepsBetween('was', 'status'))} AS s (step, n)
      ORDER BY id, n
    )
    SELECT m.conversation_id AS "conversationId", m.news_at AS at FROM moved m JOIN senders s ON s.id = m.sender_id
    WHERE m.type = 'template' AND s.window_policy = 'template_delivered' AND m.status IN ('delivered', 'read')
      AND m.was NOT IN ('delivered', 'read')`.execute(tx);
  return rows;
}

/** The direct message that the provider knows by this id. */
export async function findMessageByWamid(
  tx: Tx,
  senderId: string,
  wamid: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('messages')
    .select('id')
    .where('sender_id', '=', senderId)
    .where('wamid', '=', wamid)
    .where('direction', '=', 'outbound')
    .executeTakeFirst();
  return row?.id;
}
