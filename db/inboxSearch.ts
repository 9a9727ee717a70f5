import { sql, type SqlBool } from 'kysely';
import type { ConversationMode, ConversationStatus } from '../domain/conversation';
import type { Tx } from './connect';
import { containing } from './contact';
import type { Conversation } from './schema';

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
  senderId?: string;
  /** Part of the customer's name, or of the number in any formatting. */
  search?: string;
  /** Part of a message. */
  text?: string;
  /** Of the newest activity; with `text`, of the message that says it. */
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

export interface Slice {
  limit: number;
  offset: number;
}

export interface InboxPage {
  rows: InboxRow[];
  total: number;
  /** There are more than `total`, and counting them would take too long. */
  uncounted: boolean;
}

/** What the filter selects by: as given, with what became of the text. */
interface Selection extends InboxFilter {
  /** The conversations in which the text was said; null when they are too many to be known. */
  saying?: readonly string[] | null;
}

/** Exactly the expressions of conversations_activity, contacts_name_search and messages_text_search, which are not used otherwise. */
const ACTIVITY = sql<Date>`greatest(c.last_inbound_at, c.last_outbound_at)`;
const NAME = sql<string>`lower((coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')) COLLATE "pg_unicode_fast")`;
const TEXT = sql<string>`lower(m.text COLLATE "pg_unicode_fast")`;

/** Newest activity first. */
export async function searchConversations(
  db: Tx,
  accountId: string,
  filter: InboxFilter,
  slice: Slice,
): Promise<InboxPage> {
  const { text } = filter;
  const saying = text === undefined ? undefined : await conversationsSaying(db, accountId, filter);
  const selection = { ...filter, saying };
  const found = await listRows(db, accountId, selection, { ...slice, limit: slice.limit + 1 });
  const rows = found.slice(0, slice.limit);
  const uncounted = saying === null && found.length > slice.limit;
  const known = slice.offset + found.length;
  const whole = found.length <= slice.limit && (found.length > 0 || slice.offset === 0);
  const total = whole || uncounted ? known : await countRows(db, accountId, selection);
  return { rows, total, uncounted };
}

/** The page is cut before its contacts are looked up. */
function listRows(
  db: Tx,
  accountId: string,
  selection: Selection,
  { limit, offset }: Slice,
): Promise<InboxRow[]> {
  const page = matching(db, accountId, selection)
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

async function countRows(db: Tx, accountId: string, selection: Selection): Promise<number> {
  const { total } = await matching(db, accountId, selection)
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return total;
}

function matching(db: Tx, accountId: string, selection: Selection) {
  const { status, mode, assigneeId, senderId, search, text, from, to, saying } = selection;
  return db
    .selectFrom('conversations as c')
    .where('c.account_id', '=', accountId)
    .$if(status !== undefined, (query) => query.where('c.status', '=', status!))
    .$if(mode !== undefined, (query) => query.where('c.mode', '=', mode!))
    .$if(assigneeId === null, (query) => query.where('c.assignee_id', 'is', null))
    .$if(typeof assigneeId === 'string', (query) => query.where('c.assignee_id', '=', assigneeId!))
    .$if(senderId !== undefined, (query) => query.where('c.sender_id', '=', senderId!))
    .$if(text === undefined && from !== undefined, (query) => query.where(ACTIVITY, '>=', from!))
    .$if(text === undefined && to !== undefined, (query) => query.where(ACTIVITY, '<', to!))
    .$if(search !== undefined, (query) =>
      query.where('c.contact_id', 'in', contactsLike(db, accountId, search!)),
    )
    .$if(Array.isArray(saying), (query) =>
      query.where(sql<SqlBool>`c.id = ANY(${[...(saying ?? [])]}::uuid[])`),
    )
    .$if(saying === null, (query) =>
      query.where((where) =>
        where.exists(
          messagesLike(db, selection)
            .where('m.conversation_id', '=', sql.ref<string>('c.id'))
            .offset(0),
        ),
      ),
    );
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
  const text = spaced(search);
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

function spaced(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** A text in more messages than this is common. */
const FEW = 5_000;

/**
 * The conversations in which the text was said, found by the index of texts; null when it is common. A common text is
 * better looked for in one conversation after the other, newest first, because a page of them is found soon: at
 * 1,000,000 messages both ways take 40 ms for a text in 5,000 of them, the index a second for a text in every other
 * one, and the walk seconds for a text in one (docs/search.md).
 *
 * Materialized: otherwise the limit lets the planner hope for a text that it believes to be common, and read on for it
 * to the end of the table.
 */
async function conversationsSaying(
  db: Tx,
  accountId: string,
  filter: InboxFilter,
): Promise<string[] | null> {
  const rows = await db
    .with(
      (cte) => cte('said').materialized(),
      () =>
        messagesLike(db, filter).select('m.conversation_id').where('m.account_id', '=', accountId),
    )
    .selectFrom('said')
    .select('conversation_id')
    .limit(FEW + 1)
    .execute();
  return rows.length > FEW ? null : [...new Set(rows.map((row) => row.conversation_id))];
}

function messagesLike(db: Tx, { text = '', from, to }: InboxFilter) {
  const pattern = containing(spaced(text));
  return db
    .selectFrom('messages as m')
    .where('m.deleted_at', 'is', null)
    .where(sql<SqlBool>`${TEXT} LIKE lower(${pattern} COLLATE "pg_unicode_fast")`)
    .$if(from !== undefined, (query) => query.where('m.sent_at', '>=', from!))
    .$if(to !== undefined, (query) => query.where('m.sent_at', '<', to!));
}
