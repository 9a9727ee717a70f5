import { sql, type SqlBool } from 'kysely';
import type { RecipientState } from '../domain/recipient';
import type { LedgerReference } from '../domain/reference';
import type { Tx } from './connect';
import type { Conversation } from './schema';

/**
 * A conversation's history lies in two tables: what was said, and what campaigns sent (decision 4). Newest first; of the
 * same microsecond what was said comes first; then by id.
 */

/** A message of the conversation itself. */
export interface MessageRow {
  id: string;
  direction: 'inbound' | 'outbound';
  type: string;
  text: string | null;
  status: string;
  /** Of templates: the name. */
  template: string | null;
  sent_at: Date;
  micros: number;
}

/** What a campaign sent: a row of the send ledger with the template it was made from. */
export interface CampaignMessageRow {
  campaign_id: string;
  position: number;
  state: RecipientState;
  parameters: string[] | null;
  attempt_at: Date;
  micros: number;
  name: string;
  body: string;
  placeholders: string[];
}

/** An entry that a reader has seen last: older ones come after it. */
export interface Place {
  entry: { messageId: string } | LedgerReference;
  /** Microseconds since the epoch, which a Date would round. */
  micros: number;
}

type Parties = Pick<Conversation, 'id' | 'sender_id' | 'contact_id'>;

const MICROS = (column: string) =>
  sql<number>`(extract(epoch FROM ${sql.ref(column)}) * 1000000)::bigint`;
const INSTANT = (micros: number) =>
  sql<Date>`timestamptz 'epoch' + ${micros} * interval '1 microsecond'`;

/** Where the entry stands; undefined when it is none of this conversation's. */
export async function placeOf(
  db: Tx,
  conversation: Parties,
  entry: Place['entry'],
): Promise<Place | undefined> {
  const row =
    'messageId' in entry
      ? await db
          .selectFrom('messages')
          .select(MICROS('sent_at').as('micros'))
          .where('id', '=', entry.messageId)
          .where('conversation_id', '=', conversation.id)
          .executeTakeFirst()
      : await campaignMessages(db, conversation)
          .select(MICROS('r.attempt_at').as('micros'))
          .where('r.campaign_id', '=', entry.campaignId)
          .where('r.position', '=', entry.position)
          .executeTakeFirst();
  return row && { entry, micros: row.micros };
}

/** Newest first, from the given place on; without those that were deleted. */
export function pastMessages(
  db: Tx,
  conversation: Parties,
  limit: number,
  before?: Place,
): Promise<MessageRow[]> {
  return db
    .selectFrom('messages')
    .select(['id', 'direction', 'type', 'text', 'status', 'sent_at'])
    .select(MICROS('sent_at').as('micros'))
    .select(
      sql<string | null>`CASE type WHEN 'template' THEN content ->> 'name' END`.as('template'),
    )
    .where('conversation_id', '=', conversation.id)
    .where('deleted_at', 'is', null)
    .$if(before !== undefined, (query) => query.where(olderMessage(before!)))
    .orderBy('sent_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

function olderMessage({ entry, micros }: Place) {
  return 'messageId' in entry
    ? sql<SqlBool>`(sent_at, id) < (${INSTANT(micros)}, ${entry.messageId}::uuid)`
    : sql<SqlBool>`sent_at < ${INSTANT(micros)}`;
}

/** What campaigns of the sender sent, or may have sent, to the contact; newest first, from the given place on. */
export function pastCampaignMessages(
  db: Tx,
  conversation: Parties,
  limit: number,
  before?: Place,
): Promise<CampaignMessageRow[]> {
  return campaignMessages(db, conversation)
    .innerJoin('templates as t', 't.id', 'campaigns.template_id')
    .select(['r.campaign_id', 'r.position', 'r.state', 'r.parameters', 't.name', 't.body'])
    .select(['t.placeholders', sql<Date>`r.attempt_at`.as('attempt_at')])
    .select(MICROS('r.attempt_at').as('micros'))
    .$if(before !== undefined, (query) => query.where(olderCampaignMessage(before!)))
    .orderBy('r.attempt_at', 'desc')
    .orderBy('r.campaign_id', 'desc')
    .orderBy('r.position', 'desc')
    .limit(limit)
    .execute();
}

function campaignMessages(db: Tx, { sender_id, contact_id }: Parties) {
  return db
    .selectFrom('recipients as r')
    .innerJoin('campaigns', 'campaigns.id', 'r.campaign_id')
    .where('r.contact_id', '=', contact_id)
    .where('campaigns.sender_id', '=', sender_id)
    .where('r.state', 'in', ['claimed', 'unknown', 'sent', 'delivered', 'read', 'failed'])
    .where('r.attempt_at', 'is not', null);
}

function olderCampaignMessage({ entry, micros }: Place) {
  return 'messageId' in entry
    ? sql<SqlBool>`r.attempt_at <= ${INSTANT(micros)}`
    : sql<SqlBool>`(r.attempt_at, r.campaign_id, r.position)
        < (${INSTANT(micros)}, ${entry.campaignId}::uuid, ${entry.position})`;
}
