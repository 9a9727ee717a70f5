import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { Tx } from './connect';
import { findMessageRows, type MessageView } from './message';

type Direction = 'inbound' | 'outbound';

export interface MessageFilter {
  direction?: Direction;
  statuses?: readonly string[];
  channel?: string;
  senderIds?: readonly string[];
  /** Numbers in E.164, or names of senders: one of them said it. */
  from?: readonly string[];
  to?: readonly string[];
  /** The beginning of a number, with the plus. */
  toPrefix?: string;
  /** A regular expression that the customer's number matches. */
  customerPattern?: string;
  createdFrom?: Date;
  createdTo?: Date;
  /** Id of the last row of the page before. */
  after?: string;
  limit: number;
}

/**
 * Newest first. Who said it and who was told is, depending on the direction, the customer or one of the account's few
 * senders: these are looked up first, and each direction is a query of its own that an index can answer. One query over
 * both, with the parties joined, took 23 s to find six among a million messages; these take milliseconds.
 */
export async function listMessageRows(
  db: Tx,
  accountId: string,
  filter: MessageFilter,
): Promise<{ rows: MessageView[]; total: number }> {
  const branches = await branchesOf(db, accountId, filter);
  const ids: string[] = [];
  let total = 0;
  for (const branch of branches) {
    const matching = messagesOf(db, accountId, filter, branch);
    const page = await matching
      .select('m.id')
      .$if(filter.after !== undefined, (query) => query.where('m.id', '<', filter.after!))
      .orderBy('m.id', 'desc')
      .limit(filter.limit)
      .execute();
    ids.push(...page.map(({ id }) => id));
    const counted = await matching
      .select(sql<number>`count(*)`.as('count'))
      .executeTakeFirstOrThrow();
    total += counted.count;
  }
  const newest = ids.sort((a, b) => (a < b ? 1 : -1)).slice(0, filter.limit);
  return { rows: await findMessageRows(db, accountId, newest), total };
}

/** Messages of one direction, or of both where it does not matter. */
interface Branch {
  direction?: Direction;
  /** Each a condition on the sender. */
  senders: readonly (readonly string[])[];
  /** Each a condition on the conversation. */
  conversations: readonly (readonly string[])[];
  customerPrefix?: string;
}

/** What `from`, `to` and the prefix mean in each direction; without the branches that match nothing. */
async function branchesOf(db: Tx, accountId: string, filter: MessageFilter): Promise<Branch[]> {
  const { direction, from, to, toPrefix } = filter;
  if (from === undefined && to === undefined && toPrefix === undefined) {
    return [{ direction, senders: [], conversations: [] }];
  }
  const senders = await db
    .selectFrom('senders')
    .select(['id', 'name', 'phone'])
    .where('account_id', '=', accountId)
    .execute();
  const called = (names: readonly string[]) =>
    senders
      .filter(({ name, phone }) => names.includes(name) || names.includes(phone))
      .map(({ id }) => id);
  const begun = (prefix: string) =>
    senders.filter(({ phone }) => phone.startsWith(prefix)).map(({ id }) => id);
  const outbound: Branch = {
    direction: 'outbound',
    senders: from === undefined ? [] : [called(from)],
    conversations: to === undefined ? [] : [await conversationsWith(db, accountId, to)],
    ...(toPrefix !== undefined && { customerPrefix: toPrefix }),
  };
  const inbound: Branch = {
    direction: 'inbound',
    senders: [
      ...(to === undefined ? [] : [called(to)]),
      ...(toPrefix === undefined ? [] : [begun(toPrefix)]),
    ],
    conversations: from === undefined ? [] : [await conversationsWith(db, accountId, from)],
  };
  return [outbound, inbound].filter(
    (branch) =>
      (direction === undefined || branch.direction === direction) &&
      [...branch.senders, ...branch.conversations].every((ids) => ids.length > 0),
  );
}

async function conversationsWith(
  db: Tx,
  accountId: string,
  phones: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('conversations as c')
    .innerJoin('contacts as p', 'p.id', 'c.contact_id')
    .select('c.id')
    .where('p.account_id', '=', accountId)
    .where('p.phone', '=', anyOf(phones, 'text'))
    .execute();
  return rows.map(({ id }) => id);
}

function messagesOf(db: Tx, accountId: string, filter: MessageFilter, branch: Branch) {
  const { statuses, channel, customerPattern, createdFrom, createdTo } = filter;
  const senders = [...branch.senders, ...(filter.senderIds ? [filter.senderIds] : [])];
  const { direction, customerPrefix } = branch;
  let query = db
    .selectFrom('messages as m')
    .where('m.account_id', '=', accountId)
    .where('m.deleted_at', 'is', null);
  if (direction) query = query.where('m.direction', '=', direction);
  if (statuses) query = query.where('m.status', '=', anyOf(statuses, 'text'));
  for (const ids of senders) query = query.where('m.sender_id', '=', anyOf(ids, 'uuid'));
  for (const ids of branch.conversations)
    query = query.where('m.conversation_id', '=', anyOf(ids, 'uuid'));
  if (createdFrom) query = query.where('m.created_at', '>=', createdFrom);
  if (createdTo) query = query.where('m.created_at', '<=', createdTo);
  if (channel !== undefined) query = query.where(isOfChannel(channel));
  if (customerPattern !== undefined) {
    query = query.where(customerIs(sql`p.phone ~ ${customerPattern}`));
  }
  if (customerPrefix !== undefined) {
    query = query.where(customerIs(sql`p.phone LIKE ${`${customerPrefix}%`}`));
  }
  return query;
}

function isOfChannel(channel: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`EXISTS (SELECT FROM senders s WHERE s.id = m.sender_id AND s.channel = ${channel})`;
}

function customerIs(condition: RawBuilder<unknown>): RawBuilder<SqlBool> {
  return sql<SqlBool>`EXISTS (
    SELECT FROM conversations c JOIN contacts p ON p.id = c.contact_id
    WHERE c.id = m.conversation_id AND ${condition})`;
}

/** Of an empty list nothing is any. */
function anyOf(values: readonly string[], type: 'text' | 'uuid'): RawBuilder<string> {
  return sql<string>`ANY(${[...values]}::${sql.raw(type)}[])`;
}
