import { sql } from 'kysely';
import { WINDOW_MS } from '../domain/conversation';
import type { Tx } from './connect';
import type { ConversationKey } from './conversation';
import { rank, type LedgerStatus } from './status';

/** A campaign message that is about to be told delivered or read, and whose sender's windows open by that. */
export interface Arriving extends ConversationKey {
  campaignId: string;
  position: number;
}

/**
 * Whom these statuses will move to delivered or read, and open a window for. Asked before they are applied, because
 * conversations are locked before recipients. Nothing but statuses moves anybody there, and one relay applies at a
 * time, so that who is delivered or read afterwards is whom they moved. Costs senders of the other policy one look-up.
 */
export async function findArriving(tx: Tx, statuses: readonly LedgerStatus[]): Promise<Arriving[]> {
  const news = statuses.filter(({ status }) => status === 'delivered' || status === 'read');
  if (news.length === 0) return [];
  const senders = await sendersOpening(
    tx,
    news.map(({ senderId }) => senderId),
  );
  const counting = news.filter(({ senderId }) => senders.has(senderId));
  if (counting.length === 0) return [];
  const { rows } = await sql<Arriving>`
    SELECT DISTINCT r.campaign_id AS "campaignId", r.position, c.account_id AS "accountId", c.sender_id AS "senderId",
      r.contact_id AS "contactId"
    FROM unnest(
      ${counting.map((s) => s.campaignId)}::uuid[], ${counting.map((s) => s.position)}::int[],
      ${counting.map((s) => s.senderId)}::uuid[], ${counting.map((s) => s.status)}::recipient_state[],
      ${counting.map((s) => s.at)}::timestamptz[]) AS n (campaign_id, position, sender_id, state, at)
    JOIN campaigns c ON c.id = n.campaign_id AND c.sender_id = n.sender_id
    JOIN recipients r ON r.campaign_id = n.campaign_id AND r.position = n.position
    JOIN contacts known ON known.id = r.contact_id
    WHERE ${rank('n.state')} > ${rank('r.state')}
      AND n.at > now() - make_interval(secs => ${sql.lit(WINDOW_MS / 1000)})`.execute(tx);
  return rows;
}

async function sendersOpening(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('senders')
    .select('id')
    .where('id', 'in', [...new Set(ids)])
    .where('window_policy', '=', 'template_delivered')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Making a conversation marks its contact (`contacts.conversed`): locked by number before, as imports do it. */
export async function lockUnmarked(tx: Tx, contactIds: readonly string[]): Promise<void> {
  await sql`
    SELECT FROM contacts WHERE id = ANY(${[...contactIds]}::uuid[]) AND NOT conversed
    ORDER BY account_id, phone FOR NO KEY UPDATE`.execute(tx);
}

/** Those of them that have been delivered or read by now, and when. */
export async function findArrived(
  tx: Tx,
  arriving: readonly Arriving[],
): Promise<(ConversationKey & { at: Date })[]> {
  const { rows } = await sql<ConversationKey & { at: Date }>`
    SELECT n.account_id AS "accountId", n.sender_id AS "senderId", n.contact_id AS "contactId", r.status_at AS "at"
    FROM unnest(
      ${arriving.map((a) => a.campaignId)}::uuid[], ${arriving.map((a) => a.position)}::int[],
      ${arriving.map((a) => a.accountId)}::uuid[], ${arriving.map((a) => a.senderId)}::uuid[],
      ${arriving.map((a) => a.contactId)}::uuid[]) AS n (campaign_id, position, account_id, sender_id, contact_id)
    JOIN recipients r ON r.campaign_id = n.campaign_id AND r.position = n.position
    WHERE r.state IN ('delivered', 'read') AND r.status_at IS NOT NULL`.execute(tx);
  return rows;
}
