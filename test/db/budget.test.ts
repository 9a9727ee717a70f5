import type { Pool } from 'pg';
import { HEADROOM, reserve, slowDown } from '../../db/budget';
import { openPool } from '../../db/connect';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let pool: Pool;
let id: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openPool(database.url);
});

beforeEach(async () => {
  id = (await buildWorld(database.db, { recipients: 1 })).sender.id;
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Moves the last slowdown into the past, as if that much time had gone by. */
const age = (seconds: number) =>
  pool.query('UPDATE budgets SET slowed_at = slowed_at - make_interval(secs => $2) WHERE id = $1', [
    id,
    seconds,
  ]);

async function rate(full: number): Promise<number> {
  return 1000 / (await reserve(pool, id, 1, full)).intervalMs;
}

test('three workers that reserve at once share the rate and never a slot', async () => {
  const RATE = 100;
  const slots: number[] = [];
  let intervalMs = 0;
  const worker = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) {
      const reservation = await reserve(pool, id, 10, RATE);
      const at = performance.now() + reservation.waitMs;
      intervalMs = reservation.intervalMs;
      for (let n = 0; n < 10; n += 1) slots.push(at + n * intervalMs);
    }
  };
  const started = performance.now();
  await Promise.all([worker(), worker(), worker()]);
  slots.sort((a, b) => a - b);
  expect(slots).toHaveLength(300);
  // Three seconds' worth of slots takes three seconds, however many reserve.
  expect(intervalMs).toBeCloseTo(1000 / (RATE * HEADROOM), 5);
  expect(slots.at(-1)! - started).toBeGreaterThan(290 * intervalMs);
  const { rows } = await pool.query<{ ahead: number }>(
    'SELECT extract(epoch FROM tat - clock_timestamp())::float8 * 1000 AS ahead FROM budgets WHERE id = $1',
    [id],
  );
  expect(rows[0]!.ahead + (performance.now() - started)).toBeGreaterThan(299 * intervalMs);
});

test('a budget that was idle gives its next slot at once, and none that it did not use', async () => {
  await reserve(pool, id, 10, 10_000);
  await pool.query(`UPDATE budgets SET tat = now() - interval '1 hour' WHERE id = $1`, [id]);
  expect((await reserve(pool, id, 100, 100)).waitMs).toBe(0);
  expect((await reserve(pool, id, 1, 100)).waitMs).toBeGreaterThan(900);
});

test('slowing down halves the pace once a second, however many messages were refused', async () => {
  await Promise.all(Array.from({ length: 20 }, () => slowDown(pool, id, 100)));
  expect(await rate(100)).toBeGreaterThanOrEqual(49);
  expect(await rate(100)).toBeLessThan(60);
  await age(1.1);
  await slowDown(pool, id, 100);
  expect(await rate(100)).toBeLessThan(35);
});

test('the pace grows back by 5% of the rate a second, to the full rate and not above', async () => {
  await slowDown(pool, id, 100);
  await age(5);
  const later = await rate(100);
  expect(later).toBeGreaterThan(74);
  expect(later).toBeLessThan(85);
  await age(60);
  expect(await rate(100)).toBeCloseTo(100 * HEADROOM, 5);
});

test('however often it is slowed down, one message a second goes out', async () => {
  for (let n = 0; n < 6; n += 1) {
    await slowDown(pool, id, 4);
    await age(1.1);
    await pool.query('UPDATE budgets SET slowed_rate = 1 WHERE id = $1', [id]);
  }
  expect(await rate(4)).toBeGreaterThanOrEqual(1);
});

test('a budget that does not exist is an error, not an endless rate', async () => {
  const absent = '00000000-0000-4000-8000-000000000000';
  await expect(reserve(pool, absent, 1, 10)).rejects.toThrow(`No budget ${absent}`);
});
