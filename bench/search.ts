import { parseArgs } from 'node:util';
import { Kysely, PostgresDialect, sql, type CompiledQuery } from 'kysely';
import { DateTime } from 'luxon';
import { openPool } from '../db/connect';
import { searchConversations, type InboxFilter } from '../db/inboxSearch';
import { migrateToLatest } from '../db/migrate';
import type { Schema } from '../db/schema';
import { fillInbox, word } from './inboxData';
import { percentile, rounded } from './measures';
import { withPostgres } from './stack';

const PAGE = 20;
const REPEATS = 15;

interface Case {
  name: string;
  filter: InboxFilter;
  offset?: number;
}

/**
 * The inbox's list and search over --conversations (200,000) with --messages (1,000,000): milliseconds of each kind of
 * search, all of its statements together, warm. `--plans` prints how PostgreSQL runs them. Prints one line of JSON.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      conversations: { type: 'string', default: '200000' },
      messages: { type: 'string', default: '1000000' },
      plans: { type: 'boolean', default: false },
    },
  });
  const size = { conversations: Number(values.conversations), messages: Number(values.messages) };
  await withPostgres(async (url) => {
    const statements: CompiledQuery[] = [];
    const db = new Kysely<Schema>({
      dialect: new PostgresDialect({ pool: openPool(url, { max: 1 }) }),
      log: ({ query }) => void statements.push(query),
    });
    await migrateToLatest(db);
    const until = DateTime.utc();
    const { accountId, senders } = await fillInbox(db, size, until.toJSDate());
    const search = ({ filter, offset = 0 }: Case) =>
      searchConversations(db, accountId, filter, { limit: PAGE, offset });
    const measured = [];
    for (const kind of cases(until, senders)) {
      const { total, uncounted } = await search(kind);
      const times = [];
      for (let n = 0; n < REPEATS; n += 1) {
        const startedAt = performance.now();
        await search(kind);
        times.push(performance.now() - startedAt);
      }
      const [p50Ms, maxMs] = [percentile(times, 0.5), Math.max(...times)].map((ms) => rounded(ms));
      measured.push({ name: kind.name, p50Ms, maxMs, total: uncounted ? `> ${total - 1}` : total });
      if (values.plans) await printPlans(db, statements, kind, search);
    }
    console.log(JSON.stringify({ bench: 'search', ...size, ...(await sizes(db)), measured }));
    await db.destroy();
  });
}

/** One of each kind, from the common to the rare. */
function cases(until: DateTime, senders: readonly string[]): Case[] {
  const daysAgo = (days: number) => until.minus({ days }).toJSDate();
  const aDay = { from: daysAgo(31), to: daysAgo(30) };
  return [
    { name: 'first page', filter: {} },
    { name: 'page 5,000', filter: {}, offset: 5_000 * PAGE },
    { name: 'status, one in fifty', filter: { status: 'pending_customer' } },
    { name: 'the smallest sender', filter: { senderId: senders.at(-1)! } },
    { name: 'active on one day', filter: aDay },
    { name: 'a rare name', filter: { search: word(15_000) } },
    { name: 'a common name', filter: { search: word(0) } },
    { name: 'a number', filter: { search: '+1 (415) 000-79-19' } },
    { name: 'text in 50 messages', filter: { text: word(19_998) } },
    { name: 'text in 1,000', filter: { text: word(1_000) } },
    { name: 'text in 2,000', filter: { text: word(500) } },
    { name: 'text in 20,000', filter: { text: word(30) } },
    { name: 'text in every other', filter: { text: word(0) } },
    { name: 'three common words in a row', filter: { text: [0, 300, 1].map(word).join(' ') } },
    { name: 'text in none', filter: { text: 'qqqqq' } },
    { name: 'common text, one day', filter: { text: word(0), ...aDay } },
    { name: 'common text, smallest sender', filter: { text: word(1), senderId: senders.at(-1)! } },
    { name: 'common text, page 500', filter: { text: word(0) }, offset: 500 * PAGE },
    { name: 'common text, 300 days ago', filter: { text: word(0), to: daysAgo(300) } },
  ];
}

async function printPlans(
  db: Kysely<Schema>,
  statements: CompiledQuery[],
  kind: Case,
  search: (kind: Case) => Promise<unknown>,
): Promise<void> {
  statements.length = 0;
  await search(kind);
  for (const { sql: text, parameters } of statements.splice(0)) {
    const analyzed = {
      ...sql``.compile(db),
      sql: `EXPLAIN (ANALYZE, COSTS OFF) ${text}`,
      parameters,
    };
    const { rows } = await db.executeQuery<{ 'QUERY PLAN': string }>(analyzed);
    console.log(
      [`-- ${kind.name}`, ...rows.map((row) => row['QUERY PLAN'].slice(0, 200))].join('\n'),
    );
  }
}

async function sizes(db: Kysely<Schema>): Promise<object> {
  const { rows } = await sql<{ name: string; mb: number }>`
    SELECT relname AS name, (pg_relation_size(oid) / 1048576)::int AS mb FROM pg_class
    WHERE relname IN ('messages', 'messages_text_search', 'messages_said')`.execute(db);
  return { megabytes: Object.fromEntries(rows.map(({ name, mb }) => [name, mb])) };
}
