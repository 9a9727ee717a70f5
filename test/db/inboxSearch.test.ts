import { Kysely, PostgresDialect, sql, type CompiledQuery } from 'kysely';
import type { Pool } from 'pg';
import { fillInbox, word } from '../../bench/inboxData';
import { openPool } from '../../db/connect';
import { searchConversations, type InboxFilter } from '../../db/inboxSearch';
import type { Schema } from '../../db/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** Enough for the statistics to say what they say of millions. */
const SIZE = { conversations: 20_000, messages: 60_000 };
const UNTIL = new Date('2026-03-01T00:00:00Z');
const SLICE = { limit: 20, offset: 0 };

let database: TestDatabase;
let pool: Pool;
let logged: Kysely<Schema>;
let accountId: string;
let seen: CompiledQuery[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  ({ accountId } = await fillInbox(database.db, SIZE, UNTIL));
  pool = openPool(database.url);
  logged = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => void seen.push(query),
  });
}, 120_000);

afterAll(async () => {
  await logged?.destroy();
  await database?.drop();
});

const search = (filter: InboxFilter, slice = SLICE) =>
  searchConversations(database.db, accountId, filter, slice);

/** The plans of the statements that a search runs, one after the other. */
async function plansOf(filter: InboxFilter): Promise<string[]> {
  seen = [];
  await searchConversations(logged, accountId, filter, SLICE);
  return Promise.all(
    seen.map(async (query) => {
      const { rows } = await pool.query(`EXPLAIN ${query.sql}`, [...query.parameters]);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    }),
  );
}

test('the list walks the index of activity', async () => {
  const [page] = await plansOf({});
  expect(page).toContain('conversations_activity');
  expect(page).not.toContain('Seq Scan');
});

test('a time begins and ends in the index of activity', async () => {
  const day = { from: new Date('2026-02-10T00:00:00Z'), to: new Date('2026-02-11T00:00:00Z') };
  const [page, count] = await plansOf(day);
  for (const plan of [page, count]) {
    expect(plan).toMatch(/conversations_activity[^]*Index Cond: .*GREATEST.*>=.*GREATEST.*</);
  }
});

test.each([
  ['a name', word(5_000), 'contacts_name_search'],
  ['the beginning of a name', 'zz', 'contacts_name_search'],
  ['a number', '+1 415 000 79 19', 'contacts_phone_search'],
])('%s is found by its index', async (_what, given, index) => {
  const [page] = await plansOf({ search: given });
  expect(page).toContain(index);
});

test('a rare text is found by the index of texts, and counted exactly', async () => {
  const text = word(15_000);
  const [said, page, ...counts] = await plansOf({ text });
  expect(said).toContain('messages_text_search');
  expect(said).not.toContain('Seq Scan');
  expect(page).not.toContain('messages');
  expect(counts).toEqual([]);
  const { rows, total, uncounted } = await search({ text });
  expect(rows.length).toBeGreaterThan(0);
  expect({ total, uncounted }).toEqual({ total: rows.length, uncounted: false });
});

test('a common text is looked for in one conversation after the other, newest first', async () => {
  const [, walk, ...counts] = await plansOf({ text: word(0) });
  expect(walk).toContain('conversations_activity');
  expect(walk).toContain('messages_history');
  expect(counts).toEqual([]);
  const first = await search({ text: word(0) });
  expect(first).toMatchObject({ total: 21, uncounted: true });
  const second = await search({ text: word(0) }, { limit: 20, offset: 20 });
  expect(second).toMatchObject({ total: 41, uncounted: true });
  const ids = [...first.rows, ...second.rows].map(({ id }) => id);
  expect(new Set(ids).size).toBe(40);
});

test('both ways find the same conversations in the same order', async () => {
  const day = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-02T00:00:00Z') };
  const few = await search({ text: word(0), ...day }, { limit: 100, offset: 0 });
  expect(few.uncounted).toBe(false);
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM conversations c WHERE account_id = ${accountId} AND EXISTS (
      SELECT FROM messages WHERE conversation_id = c.id AND text ILIKE ${`%${word(0)}%`}
        AND sent_at >= ${day.from} AND sent_at < ${day.to})
    ORDER BY last_inbound_at DESC, id LIMIT 100`.execute(database.db);
  expect(few.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  const every = await search({ text: word(0) }, { limit: 100, offset: 0 });
  const found = await sql<{ id: string }>`
    SELECT id FROM conversations c WHERE account_id = ${accountId} AND EXISTS (
      SELECT FROM messages WHERE conversation_id = c.id AND text ILIKE ${`%${word(0)}%`})
    ORDER BY last_inbound_at DESC, id LIMIT 100`.execute(database.db);
  expect(every.rows.map(({ id }) => id)).toEqual(found.rows.map(({ id }) => id));
});

test('a common text of a short time is found by the time', async () => {
  const hours = { from: new Date('2026-02-10T00:00:00Z'), to: new Date('2026-02-10T06:00:00Z') };
  const [said] = await plansOf({ text: word(0), ...hours });
  expect(said).toContain('messages_said');
});
