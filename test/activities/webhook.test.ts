import { fork } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { sql } from 'kysely';
import type { WebhookDeps } from '../../activities/deps';
import type { Db } from '../../db/connect';
import { sequenceEvents } from '../../db/event';
import type { WebhookEndpoint } from '../../db/schema';
import { wakeEndpoints } from '../../db/webhookEndpoint';
import { relayEvents } from '../../usecases/eventRelay';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startEndpoint, type EndpointPost, type TestEndpoint } from '../support/endpoint';
import { relayAll } from '../support/events';
import { eventually } from '../support/eventually';
import { Mail, text } from '../support/inbound';
import { Tally } from '../support/meter';
import {
  assign,
  assigned,
  buildListener,
  deliveriesOf,
  lookAt,
  readEndpoint,
  SECRET,
  webhookDeps,
} from '../support/webhooks';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let database: TestDatabase;
let db: Db;
let world: World;
let receiver: TestEndpoint;
let endpoint: WebhookEndpoint;
let deps: WebhookDeps;
let time: { aheadMs: number };
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(() => database.drop());

beforeEach(async () => {
  world = await buildWorld(db, { recipients: 0 });
  await relayAll(db);
  receiver = await startEndpoint();
  endpoint = await buildListener(db, receiver, world.accountId);
  ({ deps, time, close } = webhookDeps(db));
});

afterEach(async () => {
  await close();
  await receiver.close();
});

const look = () => lookAt(deps, endpoint.id);
const deliveries = () => deliveriesOf(db, endpoint.id);

/** Assignments that have become deliveries. */
async function happen(...numbers: number[]): Promise<void> {
  await assign(db, world.accountId, numbers);
  await relayAll(db);
}

/** Whether the relay tells the workflow of what has happened. */
async function isTold(): Promise<boolean> {
  const told: string[] = [];
  const deliverSignals = (ids: readonly string[]) => void told.push(...ids);
  while ((await relayEvents({ db, deliverSignals })) > 0);
  return told.includes(`webhook/${endpoint.id}`);
}

test('what has happened is delivered in its order, once and signed', async () => {
  await new Mail(db, world).say({ phone: '15550100001', name: 'Ada' }, text('Grüße'));
  await assign(db, world.accountId, [1, 2, 3], randomUUID());
  await relayAll(db);
  expect(await look()).toMatchObject({ state: 'active', delivered: 4, refused: 0, lookAt: null });
  expect(await look()).toMatchObject({ delivered: 0, waiting: 0 });
  const isMessage = ({ body }: EndpointPost) => body.type === 'messaging.message.received';
  const message = receiver.posts.find(isMessage);
  const posts = receiver.posts.filter((post) => !isMessage(post));
  expect(assigned({ posts })).toEqual([1, 2, 3]);
  expect(message!.body).toMatchObject({
    type: 'messaging.message.received',
    data: { direction: 'inbound', text: 'Grüße', customerPhone: '+15550100001' },
  });
  const { raw, headers } = message!;
  const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['cloove-signature']))!;
  expect(mac).toBe(createHmac('sha256', SECRET).update(`${seconds}.${raw}`).digest('hex'));
  expect(headers['content-type']).toBe('application/json');
  expect(headers['cloove-webhook-id']).toBe(message!.body.id);
  const stored = await deliveries();
  expect(stored.map(({ status, attempts, answer }) => [status, attempts, answer])).toEqual(
    Array(4).fill(['delivered', 1, 200]),
  );
});

test('the workflow is told of something new when it rests, and not while it works', async () => {
  await assign(db, world.accountId, [1]);
  expect(await isTold()).toBe(true);
  await assign(db, world.accountId, [2]);
  expect(await isTold()).toBe(false);
  expect(await look()).toMatchObject({ delivered: 2, lookAt: null });
  await assign(db, world.accountId, [3]);
  expect(await isTold()).toBe(true);
});

test('what is committed while the workflow falls asleep is not slept through', async () => {
  await happen(1);
  await look();
  await db.updateTable('webhook_endpoints').set({ awake: true }).execute();
  await assign(db, world.accountId, [2]);
  let looking: ReturnType<typeof look> | undefined;
  const woken = await db.transaction().execute(async (tx) => {
    const { endpointIds } = await sequenceEvents(tx, 10, DAY);
    const resting = await wakeEndpoints(tx, endpointIds);
    looking = look();
    await eventually(isSomebodyWaiting);
    return resting;
  });
  expect(woken).toEqual([]);
  expect(await looking).toMatchObject({ delivered: 0, waiting: 1, lookAt: 0 });
  expect(await look()).toMatchObject({ delivered: 1, lookAt: null });
});

async function isSomebodyWaiting(): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(
    db,
  );
  return rows.length > 0;
}

test('an event that the receiver cannot digest holds up nobody, and has failed after six attempts', async () => {
  receiver.answer = ({ body }) => {
    const { data } = body as { data: { assignedToUserId: string } };
    return data.assignedToUserId === '1' ? 422 : 200;
  };
  await happen(1, 2, 3);
  const found = await look();
  expect(found).toMatchObject({ state: 'active', delivered: 2, refused: 1, waiting: 1 });
  for (const minutes of [1, 5, 30, 120, 720]) {
    const [first] = await deliveries();
    expect(first).toMatchObject({ status: 'pending', answer: 422, error: 'HTTP 422' });
    const waitMs = first!.next_attempt_at.getTime() - first!.attempted_at!.getTime();
    expect(waitMs / MINUTE).toBeGreaterThanOrEqual(minutes);
    expect(waitMs / MINUTE).toBeLessThanOrEqual(minutes * 1.1);
    time.aheadMs += waitMs + 1;
    await look();
  }
  expect(await deliveries()).toMatchObject([
    { status: 'failed', attempts: 6, answer: 422 },
    { status: 'delivered' },
    { status: 'delivered' },
  ]);
  const ids = receiver.posts.map(({ headers }) => headers['cloove-webhook-id']);
  expect(new Set(ids).size).toBe(3);
  const bodies = receiver.posts.filter(({ body }) => body.id === ids[0]).map(({ raw }) => raw);
  expect(new Set(bodies).size).toBe(1);
  expect(await readEndpoint(db, endpoint.id)).toMatchObject({ failures: 0, retry_at: null });
});

test('an endpoint that is down is left alone, then tried with one delivery, then gets everything', async () => {
  receiver.answer = () => 503;
  const numbers = Array.from({ length: 30 }, (_, n) => n + 1);
  await happen(...numbers);
  const found = await look();
  expect(found).toMatchObject({ state: 'down', slow: true, delivered: 0, waiting: 30 });
  const attempted = receiver.posts.length;
  expect(attempted).toBeLessThan(15);
  await happen(31);
  expect(await isTold()).toBe(false);
  expect(await look()).toMatchObject({ state: 'down', lookAt: found.lookAt });
  expect(receiver.posts).toHaveLength(attempted);

  time.aheadMs += 40_000;
  expect(await look()).toMatchObject({ state: 'down', refused: 1 });
  expect(assigned(receiver).slice(attempted)).toEqual([attempted + 1]);

  receiver.answer = () => 200;
  time.aheadMs += 2 * MINUTE;
  expect(await look()).toMatchObject({ state: 'active', slow: false, downSince: null, waiting: 0 });
  const fresh = assigned(receiver).slice(attempted + 1);
  expect(fresh[0]).toBe(attempted + 2);
  expect(fresh.toSorted((a, b) => a - b)).toEqual([...numbers, 31]);
  expect(await readEndpoint(db, endpoint.id)).toMatchObject({ failures: 0, failing_since: null });
});

test('one that hangs costs its time-out and no more', async () => {
  ({ deps } = webhookDeps(db, { timeoutMs: 100 }));
  receiver.answer = () => null;
  await happen(1);
  expect(await look()).toMatchObject({ state: 'active', slow: true, refused: 1, waiting: 1 });
  expect(await deliveries()).toMatchObject([{ answer: null, error: 'No answer in time.' }]);
});

test('Retry-After is honoured', async () => {
  receiver.answer = () => 429;
  receiver.headers = { 'Retry-After': '600' };
  await happen(1);
  const { lookAt: at } = await look();
  expect(at! - Date.now()).toBeGreaterThan(595_000);
  expect(at! - Date.now()).toBeLessThan(600_500);
});

test('seven days of retries, the last one at their end; then the delivery is parked', async () => {
  endpoint = await buildListener(db, receiver, world.accountId, 'dexatel');
  receiver.answer = () => 500;
  await new Mail(db, world).say({ phone: '15550100001' }, text('Hello'));
  await relayAll(db);
  const [first] = await deliveries();
  let found = await look();
  while (found.lookAt !== null) {
    time.aheadMs = found.lookAt + 1 - Date.now();
    found = await look();
  }
  const [delivery] = await deliveries();
  expect(delivery).toMatchObject({ status: 'failed', answer: 500, error: 'HTTP 500' });
  const lastedMs = delivery!.attempted_at!.getTime() - first!.created_at.getTime();
  expect(lastedMs).toBeGreaterThanOrEqual(7 * DAY);
  expect(lastedMs).toBeLessThan(7 * DAY + HOUR);
  expect(receiver.posts).toHaveLength(delivery!.attempts);
  expect(delivery!.attempts).toBeGreaterThan(15);
});

test('what an endpoint that is down never got is parked after seven days, too', async () => {
  const meter = new Tally();
  deps = { ...deps, meter };
  receiver.answer = () => 503;
  await happen(...Array.from({ length: 20 }, (_, n) => n + 1));
  await look();
  time.aheadMs = 8 * DAY;
  await look();
  const statuses = (await deliveries()).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set(['failed']));
  expect((await deliveries()).at(-1)).toMatchObject({
    attempts: 0,
    error: 'The endpoint was down.',
  });
  const { retried = 0, failed = 0, parked = 0 } = meter.counts;
  expect(retried).toBeGreaterThan(0);
  expect(failed).toBe(1);
  expect(parked).toBe(19);
});

test('what became of each attempt is counted', async () => {
  const meter = new Tally();
  const counting = { ...deps, meter };
  let answers = [200, 500];
  receiver.answer = () => answers.shift() ?? 503;
  await happen(1, 2);
  await lookAt(counting, endpoint.id);
  expect(meter.counts).toEqual({ delivered: 1, retried: 1 });
  answers = [500];
  time.aheadMs = 8 * DAY;
  await lookAt(counting, endpoint.id);
  expect(meter.counts).toEqual({ delivered: 1, retried: 1, failed: 1 });
});

test('events of one conversation go one after the other, others beside them', async () => {
  let underWay = 0;
  let most = 0;
  receiver.answer = async ({ body }) => {
    const { data } = body as { data: { assignedToUserId: string } };
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setTimeout(resolve, data.assignedToUserId === '1' ? 60 : 20));
    underWay -= 1;
    return 200;
  };
  const conversationId = randomUUID();
  await assign(db, world.accountId, [1, 2, 3], conversationId);
  await assign(db, world.accountId, [10, 11, 12, 13]);
  await relayAll(db);
  await look();
  const order = assigned(receiver);
  expect(most).toBeGreaterThan(1);
  expect(order.filter((n) => n < 10)).toEqual([1, 2, 3]);
});

test('an endpoint that is disabled gets nothing, one that is deleted never again', async () => {
  await happen(1);
  const { id } = endpoint;
  await db.updateTable('webhook_endpoints').set({ enabled: false }).where('id', '=', id).execute();
  expect(await look()).toMatchObject({ state: 'disabled', waiting: 1, lookAt: null });
  await happen(2);
  expect(await deliveries()).toHaveLength(1);
  const gone = { deleted_at: new Date() };
  await db.updateTable('webhook_endpoints').set(gone).where('id', '=', id).execute();
  expect(await look()).toMatchObject({ state: 'gone' });
  expect(receiver.posts).toHaveLength(0);
});

test('an event that is forgotten is given up', async () => {
  await happen(1);
  const [delivery] = await deliveries();
  await db.deleteFrom('events').where('id', '=', delivery!.event_id).execute();
  await look();
  expect(await deliveries()).toMatchObject([
    { status: 'failed', error: 'The event is forgotten.' },
  ]);
});

test('killed in the middle, it delivers again what it had not recorded, under the same ids', async () => {
  const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
  await happen(...numbers);
  let answered = 0;
  receiver.answer = () => ((answered += 1) <= 5 ? 200 : null);
  const program = path.join(__dirname, 'programs', 'look.ts');
  const worker = fork(program, [database.url, endpoint.id], { execArgv: ['--require', 'tsx/cjs'] });
  await eventually(() => receiver.posts.length > 5, { withinMs: 30_000 });
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  const before = receiver.posts.length;
  expect((await deliveries()).every(({ status }) => status === 'pending')).toBe(true);

  receiver.answer = () => 200;
  expect(await look()).toMatchObject({ delivered: 20, waiting: 0 });
  const ids = (posts: TestEndpoint['posts']) => posts.map(({ body }) => body.id);
  const again = new Set(ids(receiver.posts.slice(before)));
  expect(again.size).toBe(20);
  for (const id of ids(receiver.posts.slice(0, before))) expect(again).toContain(id);
});
