import { MockActivityEnvironment } from '@temporalio/testing';
import type { Pool } from 'pg';
import { createLaneActivities } from '../../activities/lane';
import { Slots } from '../../activities/slots';
import { Spacing } from '../../activities/spacing';
import { openPool } from '../../db/connect';
import { Notifications } from '../../db/notifications';
import { CLOSING_SOON_MS, WINDOW_MS } from '../../domain/conversation';
import type { OutboundMessage, SendOutcome } from '../../domain/ports';
import { buildWorld, type World } from '../support/build';
import { readConversation, windowEvents } from '../support/conversation';
import { messageStates, openWindow, sendTexts } from '../support/direct';
import { eventually } from '../support/eventually';
import { accepted, ScriptedProvider } from '../support/scriptedProvider';
import { SkippedTime } from '../support/skippedTime';

const MINUTE = 60_000;
const EXACT = { closingSoonMs: CLOSING_SOON_MS, jitterMs: 0 };
const ADA = '+14155550001';

let time: SkippedTime;
let pool: Pool;
let notifications: Notifications;

beforeAll(async () => {
  time = await SkippedTime.open();
  pool = openPool(time.database.url);
  notifications = await Notifications.open(time.database.url);
}, 60_000);

afterAll(async () => {
  await notifications?.close();
  await pool?.end();
  await time?.end();
});

const db = () => time.database.db;

type Answer = (message: OutboundMessage) => Promise<SendOutcome> | SendOutcome;

/** A sender whose lane runs when told to, over a provider that answers as told. */
async function buildSender(answer: Answer, ratePerSecond = 1_000_000) {
  const world = await buildWorld(db(), { recipients: 0, ratePerSecond });
  const provider = new ScriptedProvider(answer);
  const deps = {
    db: db(),
    pool,
    clock: time.clock,
    slots: new Slots(64),
    spacing: new Spacing(),
    providerFor: () => provider,
    notifications,
    settings: { missedStartMs: 0, unknownAfterMs: 0, sendTimeoutMs: 10_000, laneLingerMs: 300 },
    deliverSignals: () => undefined,
  };
  const activities = createLaneActivities(deps);
  const lane = () => activities.runLane({ senderId: world.sender.id, probe: false });
  const say = (phone: string, ...texts: string[]) => sendTexts(deps, world, phone, ...texts);
  return { world, provider, say, run: () => new MockActivityEnvironment({ attempt: 1 }).run(lane) };
}

/** Windows of these customers, opened at once, with their workflows; the server then skips to a minute before their end. */
async function openUntilLastMinute({ sender, accountId, ...world }: World, phones: string[]) {
  const openedAt = await time.follow();
  const closesAt = openedAt + WINDOW_MS;
  const windows = [];
  for (const phone of phones) {
    const at = new Date(openedAt);
    const id = await openWindow(db(), { sender, accountId, ...world }, phone, at);
    const input = { conversationId: id, senderId: sender.id, accountId, timing: EXACT };
    windows.push({ id, ...(await time.stage.start(closesAt, input)) });
  }
  await time.skip(WINDOW_MS - MINUTE);
  return { windows, closesAt };
}

/** A provider that holds its answer back until it is released. */
function holding() {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const answer = async (message: OutboundMessage) => {
    await held;
    return accepted(message);
  };
  return { answer, release: () => release() };
}

const states = async (ids: string[]) =>
  (await messageStates(db(), ids)).map(({ status, reason }) =>
    reason === null ? status : `${status} ${reason}`,
  );

test('a message that is with the provider when its window closes went out inside it', async () => {
  const { answer, release } = holding();
  const { world, provider, say, run } = await buildSender(answer);
  const { windows, closesAt } = await openUntilLastMinute(world, [ADA]);
  const { id, handle } = windows[0]!;
  const sent = await say(ADA, 'in time');
  const running = run();
  await eventually(() => expect(provider.posts).toHaveLength(1));

  expect(await handle.result()).toBe('closed');
  expect(await readConversation(db(), id)).toMatchObject({ window_open: false });
  expect(await states(sent)).toEqual(['claimed']);
  release();
  await running;
  expect(await states(sent)).toEqual(['sent']);
  expect(provider.posts).toHaveLength(1);
  // Its answer, after the close, does not open the conversation again.
  expect(await readConversation(db(), id)).toMatchObject({
    window_open: false,
    window_number: 1,
    status: 'closed',
  });
  const at = new Date(closesAt).toISOString();
  expect(await windowEvents(db(), id)).toEqual([
    `1 window_closing_soon ${at}`,
    `1 window_closed ${at}`,
  ]);
});

test('one that waits behind it when the window closes is refused and never posted', async () => {
  const { answer, release } = holding();
  const { world, provider, say, run } = await buildSender(answer);
  const { windows } = await openUntilLastMinute(world, [ADA]);
  const sent = await say(ADA, 'in time', 'too late');
  const running = run();
  await eventually(() => expect(provider.posts).toHaveLength(1));
  expect(await windows[0]!.handle.result()).toBe('closed');
  release();
  await running;
  expect(await states(sent)).toEqual(['sent', 'failed outside_service_window']);
  expect(provider.posts).toHaveLength(1);
  await expect(say(ADA, 'later still')).rejects.toMatchObject({ code: 'outside_service_window' });
});

test('one that the provider wants again later is refused when that is after the close', async () => {
  const busy: Answer = () => ({ kind: 'rejected', code: 131016, detail: 'try again' });
  const { world, provider, say, run } = await buildSender(busy);
  const { windows } = await openUntilLastMinute(world, [ADA]);
  const sent = await say(ADA, 'again');
  await run();
  expect(await states(sent)).toEqual(['pending 131016']);
  expect(await windows[0]!.handle.result()).toBe('closed');
  await run();
  expect(await states(sent)).toEqual(['failed outside_service_window']);
  expect(provider.posts).toHaveLength(1);
});

test('of many that leave while their windows close, each went out or was refused, and none both', async () => {
  const phones = Array.from({ length: 20 }, (_, n) => `+141555502${String(n).padStart(2, '0')}`);
  const { world, provider, say, run } = await buildSender(accepted, 40);
  const { windows } = await openUntilLastMinute(world, phones);
  const ids: string[] = [];
  for (const phone of phones) ids.push(...(await say(phone, 'one', 'two', 'three')));
  const running = run();
  await eventually(() => expect(provider.posts.length).toBeGreaterThan(10));
  for (const { handle } of windows) expect(await handle.result()).toBe('closed');
  await running;

  const posted = new Set(provider.posts.map(({ reference }) => reference.slice('m.'.length)));
  expect(posted.size).toBe(provider.posts.length);
  const outcomes = await states(ids);
  const expected = ids.map((id) => (posted.has(id) ? 'sent' : 'failed outside_service_window'));
  expect(outcomes).toEqual(expected);
  expect(new Set(outcomes).size).toBe(2);
  const queue = db().selectFrom('send_queue').selectAll();
  expect(await queue.where('sender_id', '=', world.sender.id).execute()).toEqual([]);
  for (const { id } of windows) expect(await windowEvents(db(), id)).toHaveLength(2);
});
