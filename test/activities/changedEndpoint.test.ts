import { DateTime } from 'luxon';
import type { Db } from '../../db/connect';
import type { WebhookEndpoint } from '../../db/schema';
import { createUrlGuard } from '../../outbound/guard';
import { createSecretBox } from '../../runtime/secretBox';
import { changeEndpoint, deleteEndpoint, resendDelivery } from '../../usecases/webhookEndpoint';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startEndpoint, type TestEndpoint } from '../support/endpoint';
import { relayAll } from '../support/events';
import { quietProvider } from '../support/quietProvider';
import { assign, buildListener, deliveriesOf, lookAt, webhookDeps } from '../support/webhooks';

let database: TestDatabase;
let db: Db;
let world: World;
let old: TestEndpoint;
let fresh: TestEndpoint;
let endpoint: WebhookEndpoint;
let stage: ReturnType<typeof webhookDeps>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());

beforeEach(async () => {
  world = await buildWorld(db, { recipients: 0 });
  await relayAll(db);
  [old, fresh] = await Promise.all([startEndpoint(), startEndpoint()]);
  endpoint = await buildListener(db, old, world.accountId);
  stage = webhookDeps(db);
  await assign(db, world.accountId, [1, 2, 3]);
  await relayAll(db);
});

afterEach(async () => {
  await stage.close();
  await Promise.all([old.close(), fresh.close()]);
});

const look = () => lookAt(stage.deps, endpoint.id);

const usecases = () => ({
  db,
  clock: { now: () => DateTime.utc() },
  secrets: createSecretBox(Buffer.alloc(32, 7).toString('base64')),
  providerFor: () => quietProvider({}),
  urlGuard: createUrlGuard({ allowPrivate: true }),
  deliverSignals: () => undefined,
});

const caller = () => ({
  accountId: world.accountId,
  keyId: world.accountId,
  scopes: ['*'],
  senderId: null,
  agentId: null,
});

const move = () => changeEndpoint(usecases(), caller(), endpoint.id, { url: fresh.url });

test('what waits, tried before or not, goes to the new address at once', async () => {
  old.answer = () => 404;
  await look();
  await move();
  await look();
  expect(fresh.posts).toHaveLength(3);
});

test.each([
  ['deleted', () => deleteEndpoint(usecases(), caller(), endpoint.id)],
  ['disabled', () => changeEndpoint(usecases(), caller(), endpoint.id, { enabled: false })],
  ['moved', move],
])('an endpoint that is %s in the middle of many gets nothing more there', async (_how, change) => {
  await assign(
    db,
    world.accountId,
    Array.from({ length: 45 }, (_, i) => i + 4),
  );
  await relayAll(db);
  let tell: () => void = () => undefined;
  const changed = new Promise<void>((resolve) => {
    tell = resolve;
  });
  old.answer = async (_post, number) => {
    if (number === 8) await change().then(tell);
    await changed;
    return 200;
  };
  await look();
  expect(old.posts.length).toBe(8);
  const deliveries = await deliveriesOf(db, endpoint.id);
  const taken = deliveries.filter(({ status }) => status === 'delivered');
  expect(taken.length).toBe(old.posts.length + fresh.posts.length);
  expect(deliveries.every(({ attempts }) => attempts <= 1)).toBe(true);
});

test('a failure at the old address, known after the change, does not hold up the new one', async () => {
  const down = { failures: 9, failing_since: new Date() };
  await db.updateTable('webhook_endpoints').set(down).where('id', '=', endpoint.id).execute();
  old.answer = async () => {
    await move();
    return 500;
  };
  await look();
  await look();
  expect(fresh.posts.length).toBeGreaterThan(0);
});

test('a delivery that is asked for again while others are recorded costs neither', async () => {
  old.answer = () => 200;
  await look();
  await assign(db, world.accountId, [4, 5]);
  await relayAll(db);
  const [first] = await deliveriesOf(db, endpoint.id);
  const asked: Promise<unknown>[] = [];
  old.answer = () => {
    asked.push(resendDelivery(usecases(), caller(), endpoint.id, first!.id));
    return 200;
  };
  await look();
  await Promise.all(asked);
  expect(asked.length).toBeGreaterThan(0);
});
