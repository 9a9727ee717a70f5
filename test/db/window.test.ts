import { DateTime } from 'luxon';
import { createWindowActivities } from '../../activities/window';
import type { ConversationStatus } from '../../domain/conversation';
import { closeLostWindows } from '../../usecases/windowSweep';
import { buildWorld, type World } from '../support/build';
import { buildConversation, readConversation, windowEvents } from '../support/conversation';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { Tally } from '../support/meter';

const closingSoonMs = 2 * 3_600_000;
const NOW = DateTime.utc().startOf('minute');
const clock = { now: () => NOW };

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db);
});

afterAll(() => database.drop());

const conversation = (values: Parameters<typeof buildConversation>[2]) =>
  buildConversation(database.db, world, values);

const activities = (meter?: Tally) =>
  createWindowActivities({ db: database.db, clock, ...(meter && { meter }) });

describe('closing a window', () => {
  const moves: [ConversationStatus, number, ConversationStatus][] = [
    ['open', 0, 'closed'],
    ['pending_customer', 0, 'closed'],
    ['open', 2, 'open'],
    ['pending_customer', 2, 'open'],
    ['resolved', 0, 'resolved'],
    ['resolved', 2, 'resolved'],
    ['closed', 0, 'closed'],
  ];

  test.each(moves)('%s with %i unread becomes %s', async (status, unread_count, expected) => {
    const window_closes_at = NOW.toJSDate();
    const { id } = await conversation({ status, unread_count, window_closes_at });
    const found = await activities().closeWindow({ conversationId: id, number: 1 });
    expect(found).toEqual({ outcome: 'done', closesAt: NOW.toMillis() });
    const after = await readConversation(database.db, id);
    expect(after).toMatchObject({ status: expected, window_open: false, unread_count });
  });

  test('a millisecond before its time only tells when that is', async () => {
    const window_closes_at = NOW.plus(1).toJSDate();
    const { id } = await conversation({ window_closes_at });
    const found = await activities().closeWindow({ conversationId: id, number: 1 });
    expect(found).toEqual({ outcome: 'moved', closesAt: NOW.toMillis() + 1 });
    expect((await readConversation(database.db, id)).window_open).toBe(true);
    expect(await windowEvents(database.db, id)).toEqual([]);
  });

  test('twice, or after the next window opened, it finds the window gone and records nothing more', async () => {
    const { id } = await conversation({ window_closes_at: NOW.toJSDate() });
    const first = { conversationId: id, number: 1 };
    await activities().closeWindow(first);
    expect(await activities().closeWindow(first)).toEqual({ outcome: 'gone' });
    await database.db
      .updateTable('conversations')
      .set({ window_number: 2, window_open: true })
      .where('id', '=', id)
      .execute();
    expect(await activities().closeWindow(first)).toEqual({ outcome: 'gone' });
    expect(await activities().windowClosingSoon({ ...first, closingSoonMs })).toEqual({
      outcome: 'gone',
    });
    expect((await readConversation(database.db, id)).window_open).toBe(true);
    expect(await windowEvents(database.db, id)).toHaveLength(1);
  });

  test('of a conversation that is gone is gone', async () => {
    const nobody = { conversationId: '00000000-0000-7000-8000-000000000000', number: 1 };
    expect(await activities().closeWindow(nobody)).toEqual({ outcome: 'gone' });
  });
});

describe('closing soon', () => {
  test('is recorded from the configured time before the deadline, once', async () => {
    const { id } = await conversation({ window_closes_at: NOW.plus({ hours: 2 }).toJSDate() });
    const window = { conversationId: id, number: 1 };
    const closesAt = NOW.plus({ hours: 2 }).toMillis();
    expect(await activities().windowClosingSoon({ ...window, closingSoonMs })).toEqual({
      outcome: 'done',
      closesAt,
    });
    expect(await activities().windowClosingSoon({ ...window, closingSoonMs })).toEqual({
      outcome: 'done',
      closesAt,
    });
    const at = new Date(closesAt).toISOString();
    expect(await windowEvents(database.db, id)).toEqual([`1 window_closing_soon ${at}`]);
  });

  test('is not recorded before that', async () => {
    const at = NOW.plus({ hours: 2, milliseconds: 1 });
    const { id } = await conversation({ window_closes_at: at.toJSDate() });
    const found = await activities().windowClosingSoon({
      conversationId: id,
      number: 1,
      closingSoonMs,
    });
    expect(found).toEqual({ outcome: 'moved', closesAt: at.toMillis() });
    expect(await windowEvents(database.db, id)).toEqual([]);
  });
});

test('what is carried out is counted, what had moved or was gone is not', async () => {
  const meter = new Tally();
  const counting = activities(meter);
  const due = await conversation({ window_closes_at: NOW.toJSDate() });
  const later = await conversation({ window_closes_at: NOW.plus({ hours: 3 }).toJSDate() });
  for (const { id } of [due, later]) {
    const window = { conversationId: id, number: 1 };
    await counting.windowClosingSoon({ ...window, closingSoonMs });
    await counting.closeWindow(window);
    await counting.closeWindow(window);
  }
  expect(meter.counts).toEqual({ closing_soon: 1, closed: 1 });
});

describe('the sweeper', () => {
  test('closes what is overdue by more than two minutes, counts it and logs its ids alone', async () => {
    const overdue = NOW.minus({ minutes: 2, milliseconds: 1 }).toJSDate();
    const lost = await conversation({ window_closes_at: overdue, unread_count: 1 });
    const waiting = await conversation({ window_closes_at: NOW.minus({ minutes: 2 }).toJSDate() });
    const logged: object[] = [];
    const log = { warn: (line: object) => logged.push(line) };
    const meter = new Tally();
    const deps = { db: database.db, clock, log, meter };
    expect(await closeLostWindows(deps)).toBe(1);
    expect(await closeLostWindows(deps)).toBe(0);
    expect(meter.counts).toEqual({ closed: 1 });
    expect(logged).toEqual([{ count: 1, conversations: [lost.id] }]);
    const after = await readConversation(database.db, lost.id);
    expect(after).toMatchObject({ window_open: false, status: 'open' });
    expect((await readConversation(database.db, waiting.id)).window_open).toBe(true);
    expect(await windowEvents(database.db, lost.id)).toEqual([
      `1 window_closed ${overdue.toISOString()}`,
    ]);
    const found = await activities().closeWindow({ conversationId: lost.id, number: 1 });
    expect(found).toEqual({ outcome: 'gone' });
  });
});
