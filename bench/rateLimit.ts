import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { SharedStore, type Rules } from '../api/rateLimitStore';
import { openDatabase, type Db } from '../db/connect';
import { migrateToLatest } from '../db/migrate';
import { rounded } from './measures';
import { withPostgres } from './stack';

const RULES: Rules = [
  { limit: 100_000_000, seconds: 1 },
  { limit: 100_000_000, seconds: 60 },
  { limit: 100_000_000, seconds: 86_400 },
];
const REQUESTS = 10_000;
const AT_ONCE = 64;

/** What counting a request costs: alone, with 64 of one key at once, and with 64 of different keys. One line of JSON. */
export async function run(): Promise<void> {
  await withPostgres(async (url) => {
    const db = openDatabase(url);
    await migrateToLatest(db);
    const clock = { now: () => DateTime.utc() };
    const results = [];
    for (const rules of [[RULES[0]], RULES] as const) {
      const store = new SharedStore({ db, clock }, 'bench', rules);
      await lanes(store, 1, 1);
      const alone = await lanes(store, 1, 1);
      const oneKey = await lanes(store, AT_ONCE, 1);
      const manyKeys = await lanes(store, AT_ONCE, AT_ONCE);
      results.push({ rules: rules.length, msAlone: rounded(1000 / alone, 2), oneKey, manyKeys });
    }
    console.log(JSON.stringify({ bench: 'rateLimit', selectMs: await selectMs(db), results }));
    await db.destroy();
  });
}

/** Requests a second, counted by so many lanes that take turns with so many keys. */
async function lanes(store: SharedStore, count: number, keys: number): Promise<number> {
  let next = 0;
  const lane = async (_: unknown, number: number): Promise<void> => {
    for (; next < REQUESTS; next += 1) await store.increment(`key ${number % keys}`);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: count }, lane));
  return Math.round(REQUESTS / ((performance.now() - startedAt) / 1000));
}

/** The least that asking the database takes. */
async function selectMs(db: Db): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < 1000; n += 1) await sql`SELECT 1`.execute(db);
  return rounded((performance.now() - startedAt) / 1000, 2);
}
