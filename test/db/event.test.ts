import { randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import { sql } from 'kysely';
import type { Db } from '../../db/connect';
import {
  newestPlaces,
  readEvents,
  recordEvents,
  sequenceEvents,
  type AccountEvent,
  type NewEvent,
} from '../../db/event';
import { forgetEvents } from '../../usecases/eventRelay';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { relayAll } from '../support/events';

let database: TestDatabase;
let db: Db;
let accountId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(() => database.drop());

beforeEach(() => {
  accountId = randomUUID();
});

const event = (n: number, changes: Partial<NewEvent> = {}): NewEvent => ({
  accountId,
  kind: 'window.closed',
  data: { n },
  at: new Date(0),
  ...changes,
});

const numbersOf = (events: readonly AccountEvent[]) => events.map(({ data }) => data.n);

const readAll = (after = 0) => readEvents(db, accountId, after, 1_000);

/** A transaction that has recorded an event and waits to be told to commit. */
async function open(n: number) {
  let commit: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (commit = resolve));
  let recorded: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (recorded = resolve));
  const done = db.transaction().execute(async (tx) => {
    await recordEvents(tx, [event(n)]);
    recorded();
    await told;
  });
  await begun;
  return async () => {
    commit();
    await done;
  };
}

test('events are read in the order in which they were recorded, with what they are about', async () => {
  const about = {
    conversationId: randomUUID(),
    messageId: randomUUID(),
    campaignId: randomUUID(),
    position: 7,
  };
  await recordEvents(db, [event(1, about), event(2), event(3)]);
  expect(await readAll()).toEqual([]);
  await relayAll(db);
  const events = await readAll();
  expect(numbersOf(events)).toEqual([1, 2, 3]);
  expect(events[0]).toMatchObject({ accountId, kind: 'window.closed', at: new Date(0), ...about });
  expect(events[1]).toMatchObject({ conversationId: null, messageId: null, position: null });
  expect(await newestPlaces(db, [accountId, randomUUID()])).toEqual(
    new Map([[accountId, events[2]!.seq]]),
  );
});

test('a reader that resumes after an event does not miss an older one that is committed late', async () => {
  const commitFirst = await open(1);
  await recordEvents(db, [event(2)]);
  await relayAll(db);
  const before = await readAll();
  expect(numbersOf(before)).toEqual([2]);
  await commitFirst();
  await relayAll(db);
  expect(numbersOf(await readAll(before.at(-1)!.seq))).toEqual([1]);
});

test('while one relay has given places and not committed, another gives none', async () => {
  await recordEvents(db, [event(1), event(2)]);
  await db.transaction().execute(async (tx) => {
    expect((await sequenceEvents(tx, 1, 1_000)).count).toBe(1);
    expect(await relayAll(db)).toBe(0);
  });
  expect(await relayAll(db)).toBe(1);
  expect(numbersOf(await readAll())).toEqual([1, 2]);
});

test('readers beside many writers and relays see every event once, in an order that never changes', async () => {
  const total = 300;
  const seen: AccountEvent[] = [];
  const write = async (from: number) => {
    for (let n = from; n < total; n += 10) {
      await db.transaction().execute(async (tx) => {
        await recordEvents(tx, [event(n)]);
        await sql`SELECT pg_sleep(random() * 0.004)`.execute(tx);
      });
    }
  };
  let writing = true;
  const relay = async () => {
    while (writing) await relayAll(db);
  };
  const read = async () => {
    while (seen.length < total) {
      seen.push(...(await readEvents(db, accountId, seen.at(-1)?.seq ?? 0, 7)));
    }
  };
  const working = Promise.all([relay(), relay(), read()]);
  await Promise.all(Array.from({ length: 10 }, (_, from) => write(from)));
  await relayAll(db);
  writing = false;
  await working;
  expect(seen).toEqual(await readAll());
  expect(new Set(numbersOf(seen)).size).toBe(total);
});

test('what is older than the retention is forgotten, what has no place yet is not', async () => {
  const clock = { now: () => DateTime.utc().plus({ hours: 2 }) };
  await recordEvents(db, [event(1)]);
  await relayAll(db);
  await recordEvents(db, [event(2)]);
  expect(await forgetEvents(db, clock, 3 * 3_600_000)).toBe(0);
  expect(await forgetEvents(db, clock, 3_600_000)).toBeGreaterThan(0);
  await relayAll(db);
  expect(numbersOf(await readAll())).toEqual([2]);
});
