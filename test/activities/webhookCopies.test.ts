import type { Db } from '../../db/connect';
import { recordEvents } from '../../db/event';
import { webhookWorkflowId } from '../../workflows/contract';
import { startApi, type TestApi } from '../support/api';
import { buildWorld, type World } from '../support/build';
import { callers } from '../support/cloud';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWindow } from '../support/direct';
import { startEndpoint, type TestEndpoint } from '../support/endpoint';
import { relayAll } from '../support/events';
import { lookAt, webhookDeps } from '../support/webhooks';

let database: TestDatabase;
let db: Db;
let world: World;
let api: TestApi;
let call: ReturnType<typeof callers>['d360'];
let tools: ReturnType<typeof webhookDeps>;
let main: TestEndpoint;
let further: TestEndpoint;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(() => database.drop());

beforeEach(async () => {
  world = await buildWorld(db, { recipients: 0 });
  api = await startApi(db, { accountId: world.accountId, allowPrivate: true });
  call = callers(api, api.key).d360;
  tools = webhookDeps(db);
  [main, further] = [await startEndpoint(), await startEndpoint()];
});

afterEach(async () => {
  await tools.close();
  await api.close();
  await main.close();
  await further.close();
});

const setFurther = () =>
  call('PUT', '/multi_webhook', { destinations: [{ name: 'crm', url: further.url }] });

async function happen(): Promise<void> {
  const conversationId = await openWindow(db, world, '+14155550001');
  const { accountId } = world;
  await recordEvents(db, [{ accountId, kind: 'message.read', conversationId, at: new Date() }]);
  await relayAll(db);
}

/** Looks at the endpoints of this address, as their workflows do. */
async function look({ url }: TestEndpoint): Promise<void> {
  const endpoints = await db
    .selectFrom('webhook_endpoints')
    .select('id')
    .where('account_id', '=', world.accountId)
    .where('url', '=', url)
    .execute();
  for (const { id } of endpoints) await lookAt(tools.deps, id);
}

test('a further destination gets a copy when the main one has taken it, and is told to look', async () => {
  await call('POST', '/v1/configs/webhook', { url: main.url });
  await setFurther();
  await look(further);
  await db.deleteFrom('workflow_signals').execute();
  main.answer = (_post, number) => (number === 1 ? 500 : 200);
  await happen();
  await look(main);
  await look(further);
  expect([main.posts.length, further.posts.length]).toEqual([1, 0]);
  tools.time.aheadMs = 10_000;
  await look(main);
  const { id } = await db
    .selectFrom('webhook_endpoints')
    .select('id')
    .where('url', '=', further.url)
    .executeTakeFirstOrThrow();
  const signals = await db.selectFrom('workflow_signals').select('workflow_id').execute();
  expect(signals).toEqual([{ workflow_id: webhookWorkflowId(id) }]);
  await look(further);
  expect(further.posts.map(({ body }) => body)).toEqual([main.posts[1]!.body]);
});

test('its own failures are its own', async () => {
  await call('POST', '/v1/configs/webhook', { url: main.url });
  await setFurther();
  further.answer = (_post, number) => (number === 1 ? 500 : 200);
  await happen();
  await look(main);
  await look(further);
  tools.time.aheadMs = 10_000;
  await look(main);
  await look(further);
  expect([main.posts.length, further.posts.length]).toEqual([1, 2]);
});

test('without a main one it waits for nobody', async () => {
  await setFurther();
  await happen();
  await look(further);
  expect(further.posts).toHaveLength(1);
});

test('the webhook of all numbers is the main one of a number that has none of its own', async () => {
  await call('POST', '/waba_webhook', { url: main.url });
  await setFurther();
  await happen();
  await look(further);
  expect(further.posts).toHaveLength(0);
  await look(main);
  await look(further);
  expect(further.posts).toHaveLength(1);
});

test('a number with a webhook of its own waits for that one alone', async () => {
  const own = await startEndpoint();
  await call('POST', '/waba_webhook', { url: main.url });
  await call('POST', '/v1/configs/webhook', { url: own.url });
  await setFurther();
  await happen();
  await look(main);
  await look(further);
  expect([main.posts.length, further.posts.length]).toEqual([1, 0]);
  await look(own);
  await look(further);
  expect(further.posts).toHaveLength(1);
  await own.close();
});
