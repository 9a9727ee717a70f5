import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createWebhookActivities } from '../../activities/webhook';
import type { Db } from '../../db/connect';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startEndpoint, type TestEndpoint } from '../support/endpoint';
import { relayAll } from '../support/events';
import { eventually } from '../support/eventually';
import { Mail, text } from '../support/inbound';
import { assign, assigned, buildListener, deliveriesOf, webhookDeps } from '../support/webhooks';
import { WebhookStage } from '../support/webhookStage';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let database: TestDatabase;
let db: Db;
let world: World;
let receiver: TestEndpoint;
let stage: WebhookStage;
let closeDeps: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(() => database.drop());

// A server for each test: what one has skipped would make the deliveries of the next one old.
beforeEach(async () => {
  world = await buildWorld(db, { recipients: 0 });
  await relayAll(db);
  receiver = await startEndpoint();
  const { deps, time, close } = webhookDeps(db);
  closeDeps = close;
  const real = createWebhookActivities(deps);
  stage = await WebhookStage.open((env: TestWorkflowEnvironment) => ({
    // The real activity, with a clock that follows the server's as it skips.
    deliverWebhooks: async (endpoint) => {
      time.aheadMs = (await env.currentTimeMs()) - Date.now();
      return real.deliverWebhooks(endpoint);
    },
  }));
}, 60_000);

afterEach(async () => {
  await stage.end();
  await closeDeps();
  await receiver.close();
});

/** An endpoint of this format that has heard of one message. */
async function hearing(format: string) {
  const { id } = await buildListener(db, receiver, world.accountId, format);
  await new Mail(db, world).say({ phone: '15550100001' }, text('Hello'));
  await relayAll(db);
  const received = async () => (await deliveriesOf(db, id)).at(-1)!;
  return { id, received, staged: await stage.start(id) };
}

async function settled(status: string, received: () => Promise<{ status: string }>) {
  await eventually(async () => expect(await received()).toMatchObject({ status }), {
    withinMs: 30_000,
  });
}

test('an endpoint that fails for seven days is tried for seven days, and then its delivery is parked', async () => {
  receiver.answer = () => 500;
  const { received } = await hearing('dexatel');
  const began = await stage.now();
  await eventually(() => receiver.posts.length > 0);
  await stage.env.sleep(6.9 * DAY);
  expect(await received()).toMatchObject({ status: 'pending' });
  await stage.env.sleep(0.2 * DAY);
  await settled('failed', received);
  const { attempted_at, attempts } = await received();
  expect(attempted_at!.getTime() - began).toBeGreaterThan(6.99 * DAY);
  expect(receiver.posts).toHaveLength(attempts);
  const bodies = new Set(receiver.posts.map(({ raw }) => raw));
  expect(bodies.size).toBe(1);
}, 120_000);

test('the inbox format’s six attempts are over after 14 hours and a half', async () => {
  receiver.answer = () => 500;
  const { received } = await hearing('inbox');
  await eventually(() => receiver.posts.length > 0);
  await stage.env.sleep(18 * HOUR);
  await settled('failed', received);
  expect(receiver.posts).toHaveLength(6);
}, 120_000);

test('an endpoint that comes back gets what it missed, and rests', async () => {
  receiver.answer = () => 503;
  const { id, received } = await hearing('inbox');
  await eventually(() => receiver.posts.length > 0);
  await assign(db, world.accountId, [1, 2, 3, 4, 5, 6, 7, 8]);
  await relayAll(db);
  await stage.env.sleep(3 * HOUR);
  const missed = receiver.posts.length;
  receiver.answer = () => 200;
  await stage.env.sleep(13 * HOUR);
  await settled('delivered', received);
  const all = await deliveriesOf(db, id);
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['delivered']));
  const came = receiver.posts.slice(missed).filter(({ body }) => String(body.type).endsWith('ned'));
  expect(assigned({ posts: came }).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
}, 120_000);
