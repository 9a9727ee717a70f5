import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import { createWindowActivities, type WindowActivities } from '../../activities/window';
import { CLOSING_SOON_MS, WINDOW_MS } from '../../domain/conversation';
import { buildWorld, type World } from '../support/build';
import { buildConversation, readConversation, windowEvents } from '../support/conversation';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { WindowStage } from '../support/windowStage';

const HOUR = 3_600_000;
const EXACT = { closingSoonMs: CLOSING_SOON_MS, jitterMs: 0 };

let database: TestDatabase;
let world: World;
let stage: WindowStage;
/** When the database closed which window, by the server's time. */
const closedAt = new Map<string, number>();

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db);
  stage = await WindowStage.open(skippingActivities);
}, 60_000);

afterAll(async () => {
  await stage?.end();
  await database?.drop();
});

/** The real activities, with a clock that follows the server's as it skips. */
function skippingActivities(env: TestWorkflowEnvironment): WindowActivities {
  let aheadMs = 0;
  const follow = async () => {
    aheadMs = (await env.currentTimeMs()) - Date.now();
  };
  const clock = { now: () => DateTime.utc().plus(aheadMs) };
  const real = createWindowActivities({ db: database.db, clock });
  return {
    windowClosingSoon: async (window) => {
      await follow();
      return real.windowClosingSoon(window);
    },
    closeWindow: async (window) => {
      await follow();
      const found = await real.closeWindow(window);
      if (found.outcome === 'done') closedAt.set(window.conversationId, clock.now().toMillis());
      return found;
    },
  };
}

async function open() {
  const openedAt = await stage.now();
  const closesAt = openedAt + WINDOW_MS;
  const { db } = database;
  const { id } = await buildConversation(db, world, { window_closes_at: new Date(closesAt) });
  const moveTo = (later: number) =>
    db
      .updateTable('conversations')
      .set({ window_closes_at: new Date(later) })
      .where('id', '=', id)
      .execute();
  const input = {
    conversationId: id,
    senderId: world.sender.id,
    accountId: world.accountId,
    timing: EXACT,
  };
  return { ...(await stage.start(closesAt, input)), id, openedAt, moveTo };
}

const iso = (at: number): string => new Date(at).toISOString();

test('extended at hour 20 it is closing soon once and closed at hour 44 exactly, and so is its conversation', async () => {
  const { handle, id, openedAt, moveTo, tell } = await open();
  await stage.env.sleep(20 * HOUR);
  await moveTo(openedAt + 44 * HOUR);
  await tell(openedAt + 44 * HOUR);
  expect(await handle.result()).toBe('closed');
  const late = closedAt.get(id)! - (openedAt + 44 * HOUR);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(3_000);
  expect(await windowEvents(database.db, id)).toEqual([
    `1 window_closing_soon ${iso(openedAt + 44 * HOUR)}`,
    `1 window_closed ${iso(openedAt + 44 * HOUR)}`,
  ]);
  const after = await readConversation(database.db, id);
  expect(after).toMatchObject({ window_open: false, window_number: 1, status: 'closed' });
});

test('moved in the database alone, twice, it closes at the last deadline', async () => {
  const { handle, id, openedAt, moveTo } = await open();
  await stage.env.sleep(20 * HOUR);
  await moveTo(openedAt + 44 * HOUR);
  await stage.env.sleep(23 * HOUR);
  await moveTo(openedAt + 67 * HOUR);
  expect(await handle.result()).toBe('closed');
  expect(closedAt.get(id)! - (openedAt + 67 * HOUR)).toBeLessThan(3_000);
  expect(await windowEvents(database.db, id)).toEqual([
    `1 window_closing_soon ${iso(openedAt + 44 * HOUR)}`,
    `1 window_closed ${iso(openedAt + 67 * HOUR)}`,
  ]);
});

test('a workflow whose window the sweeper closed, and a message reopened, ends and leaves the next one open', async () => {
  const { handle, id, openedAt } = await open();
  const next = { window_number: 2, window_closes_at: new Date(openedAt + 40 * HOUR) };
  await database.db.updateTable('conversations').set(next).where('id', '=', id).execute();
  expect(await handle.result()).toBe('closed');
  expect(await readConversation(database.db, id)).toMatchObject({ window_open: true, ...next });
  expect(await windowEvents(database.db, id)).toEqual([]);
});
