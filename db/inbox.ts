import { sql, type SqlBool } from 'kysely';
import type { ConversationMode, ConversationStatus } from '../domain/conversation';
import type { RecipientState } from '../domain/recipient';
import type { Tx } from './connect';
import { containing } from './contact';
import type { Agent, Conversation } from './schema';

/** A conversation with whom it is. */
export interface InboxRow extends Conversation {
  phone: string | null;
  first_name: string | null;
  last_name: string | null;
}

export interface InboxFilter {
  status?: ConversationStatus;
  mode?: ConversationMode;
  /** An agent's id; null: nobody's. */
  assigneeId?: string | null;
  /** Part of the customer's name, or of the number in any formatting. */
  search?: string;
}

export interface Slice {
  limit: number;
  offset: number;
}

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
}

/** What a campaign sent: a row of the send ledger with the template it was made from. */
export interface CampaignMessageRow {
  campaign_id: string;
  position: number;
  state: RecipientState;
  parameters: string[] | null;
  attempt_at: Date;
  name: string;
  body: string;
  placeholders: string[];
}

/** Exactly the expressions of conversations_activity and contacts_name_search: otherwise neither is used. */
const ACTIVITY = sql<Date>`greatest(c.last_inbound_at, c.last_outbound_at)`;
const NAME = sql<string>`lower((coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')) COLLATE "pg_unicode_fast")`;

/** Newest activity first. The page is cut before its contacts are looked up. */
export function listConversationRows(
  db: Tx,
  accountId: string,
  filter: InboxFilter,
  { limit, offset }: Slice,
): Promise<InboxRow[]> {
  const page = matching(db, accountId, filter)
    .selectAll('c')
    .orderBy(ACTIVITY, (order) => order.desc().nullsLast())
    .orderBy('c.id')
    .limit(limit)
    .offset(offset);
  return db
    .selectFrom(page.as('c'))
    .innerJoin('contacts as p', 'p.id', 'c.contact_id')
    .selectAll('c')
    .select(['p.phone', 'p.first_name', 'p.last_name'])
    .orderBy(ACTIVITY, (order) => order.desc().nullsLast())
    .orderBy('c.id')
    .execute();
}

export async function countConversationRows(
  db: Tx,
  accountId: string,
  filter: InboxFilter,
): Promise<number> {
  const { total } = await matching(db, accountId, filter)
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return total;
}

function matching(db: Tx, accountId: string, filter: InboxFilter) {
  const { status, mode, assigneeId, search } = filter;
  return db
    .selectFrom('conversations as c')
    .where('c.account_id', '=', accountId)
    .$if(status !== undefined, (query) => query.where('c.status', '=', status!))
    .$if(mode !== undefined, (query) => query.where('c.mode', '=', mode!))
    .$if(assigneeId === null, (query) => query.where('c.assignee_id', 'is', null))
    .$if(typeof assigneeId === 'string', (query) => query.where('c.assignee_id', '=', assigneeId!))
    .$if(search !== undefined, (query) =>
      query.where('c.contact_id', 'in', contactsLike(db, accountId, search!)),
    );
}

/** Less than this has no trigram of its own. */
const TRIGRAM = 3;

/**
 * Contacts with a conversation whose name or number contains the text. Texts of one or two characters are looked for at
 * the beginning of names only, and never in numbers: otherwise they would have to be searched for in every contact.
 *
 * OFFSET 0 keeps this a query of its own. Without it the planner walks all conversations for a text that it wrongly
 * believes to be common, and reads every contact (1.9 s among 200,000; with it 4 ms among 100,000).
 */
function contactsLike(db: Tx, accountId: string, search: string) {
  const text = search.trim().replace(/\s+/g, ' ');
  const inside = containing(text);
  const patterns =
    Array.from(text).length < TRIGRAM ? [inside.slice(1), `% ${inside.slice(1)}`] : [inside];
  const matches = patterns.map(
    (pattern) => sql<SqlBool>`${NAME} LIKE lower(${pattern} COLLATE "pg_unicode_fast")`,
  );
  const digits = digitsOf(text);
  if (digits.length >= TRIGRAM) matches.push(sql<SqlBool>`p.phone LIKE ${containing(digits)}`);
  return db
    .selectFrom('contacts as p')
    .select('p.id')
    .where('p.account_id', '=', accountId)
    .where('p.conversed', '=', true)
    .where((where) => where.or(matches))
    .offset(0);
}

/** The digits of what could be a number: nothing but digits and signs between them. `00` says what `+` says. */
function digitsOf(search: string): string {
  if (!/^[0-9\s\p{P}\p{S}\p{Cf}]+$/u.test(search)) return '';
  return search.replace(/[^0-9]/g, '').replace(/^00/, '');
}

export function findConversationRow(
  db: Tx,
  accountId: string,
  id: string,
): Promise<InboxRow | undefined> {
  return matching(db, accountId, {})
    .innerJoin('contacts as p', 'p.id', 'c.contact_id')
    .selectAll('c')
    .select(['p.phone', 'p.first_name', 'p.last_name'])
    .where('c.id', '=', id)
    .executeTakeFirst();
}

/** Newest first; without those that were deleted. */
export function newestMessages(
  db: Tx,
  conversationId: string,
  limit: number,
): Promise<MessageRow[]> {
  return db
    .selectFrom('messages')
    .select(['id', 'direction', 'type', 'text', 'status', 'sent_at'])
    .select(
      sql<string | null>`CASE type WHEN 'template' THEN content ->> 'name' END`.as('template'),
    )
    .where('conversation_id', '=', conversationId)
    .where('deleted_at', 'is', null)
    .orderBy('sent_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** What campaigns of the sender sent, or may have sent, to the contact; newest first. */
export function newestCampaignMessages(
  db: Tx,
  { sender_id, contact_id }: Pick<Conversation, 'sender_id' | 'contact_id'>,
  limit: number,
): Promise<CampaignMessageRow[]> {
  return db
    .selectFrom('recipients as r')
    .innerJoin('campaigns', 'campaigns.id', 'r.campaign_id')
    .innerJoin('templates as t', 't.id', 'campaigns.template_id')
    .select(['r.campaign_id', 'r.position', 'r.state', 'r.parameters', 't.name', 't.body'])
    .select(['t.placeholders', sql<Date>`r.attempt_at`.as('attempt_at')])
    .where('r.contact_id', '=', contact_id)
    .where('campaigns.sender_id', '=', sender_id)
    .where('r.state', 'in', ['claimed', 'unknown', 'sent', 'delivered', 'read', 'failed'])
    .where('r.attempt_at', 'is not', null)
    .orderBy('r.attempt_at', 'desc')
    .limit(limit)
    .execute();
}

export interface Steering {
  status?: ConversationStatus;
  mode?: ConversationMode;
  assignee_id?: string | null;
}

/** The conversation, locked until the transaction ends. */
export function lockConversationRow(
  tx: Tx,
  accountId: string,
  id: string,
): Promise<Conversation | undefined> {
  return tx
    .selectFrom('conversations')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function steerConversation(
  tx: Tx,
  id: string,
  change: Steering,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('conversations')
    .set({ ...change, updated_at: at })
    .where('id', '=', id)
    .execute();
}

/** False when the account has no such conversation. */
export async function clearUnread(db: Tx, accountId: string, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('conversations')
    .set({ unread_count: 0 })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** In the order in which they were added. */
export async function listAgentRows(
  db: Tx,
  accountId: string,
  { limit, offset }: Slice,
): Promise<{ rows: Agent[]; total: number }> {
  const all = db.selectFrom('agents').where('account_id', '=', accountId);
  const rows = await all.selectAll().orderBy('id').limit(limit).offset(offset).execute();
  const { total } = await all.select(sql<number>`count(*)`.as('total')).executeTakeFirstOrThrow();
  return { rows, total };
}

export async function agentExists(db: Tx, accountId: string, id: string): Promise<boolean> {
  const found = await db
    .selectFrom('agents')
    .select('id')
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

export function insertAgent(db: Tx, accountId: string, name: string, at: Date): Promise<Agent> {
  return db
    .insertInto('agents')
    .values({ account_id: accountId, name, created_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
}
