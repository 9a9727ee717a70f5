import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { MESSAGE_CHANNEL, Notifications } from '../../db/notifications';
import { Answers } from '../../usecases/answers';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWindow, sendTexts } from '../support/direct';

/** Longer than any test may take: whatever ends the wait, it is not this. */
const PATIENCE_MS = 600_000;
const ADA = '+14155550001';

let database: TestDatabase;
let notifications: Notifications;
let world: World;
let ids: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  notifications = await Notifications.open(database.url);
  world = await buildWorld(database.db, { recipients: 0 });
  await openWindow(database.db, world, ADA);
});

afterAll(async () => {
  await notifications.close();
  await database.drop();
});

beforeEach(async () => {
  const clock = { now: () => DateTime.utc() };
  const deps = { db: database.db, clock, deliverSignals: () => undefined };
  ids = await sendTexts(deps, world, ADA, 'one', 'two');
});

const answers = (patienceMs = PATIENCE_MS) =>
  new Answers(database.db, notifications, patienceMs).wait(ids);

/** As the lane records it. */
async function settle(id: string, status: string): Promise<void> {
  await database.db.updateTable('messages').set({ status }).where('id', '=', id).execute();
  await sql`SELECT pg_notify(${MESSAGE_CHANNEL}, ${id})`.execute(database.db);
}

test('waits for the last of several answers', async () => {
  let answered = false;
  const waiting = answers().then(() => (answered = true));
  await settle(ids[0]!, 'sent');
  await settle(ids[1]!, 'claimed');
  expect(answered).toBe(false);
  await settle(ids[1]!, 'failed');
  await waiting;
});

test('an answer that nobody told of is found as well', async () => {
  const waiting = answers();
  await database.db.updateTable('messages').set({ status: 'unknown' }).execute();
  await waiting;
});

test('does not wait for a number that is halted, nor for one that becomes it', async () => {
  const health = (to: 'halted' | 'active') =>
    database.db.updateTable('senders').set({ health: to }).execute();
  const waiting = answers();
  await health('halted');
  await waiting;
  await answers();
  await health('active');
});

test('patience ends', async () => {
  await answers(10);
});
