import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createWebhookActivities } from '../../activities/webhook';
import type { Db } from '../../db/connect';
import type { WebhookEndpoint } from '../../db/schema';
import { CLOSING_SOON_MS } from '../../domain/conversation';
import { relayEvents } from '../../usecases/eventRelay';
import { SignalDelivery } from '../../usecases/signals';
import { SLOW_WEBHOOK_QUEUE, TASK_QUEUE, WEBHOOK_QUEUE } from '../../workflows/contract';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startEndpoint, type TestEndpoint } from '../support/endpoint';
import { eventually } from '../support/eventually';
import { startRealServer, workflowBundle } from '../support/temporal';
import { assign, assigned, buildListener, readEndpoint, webhookDeps } from '../support/webhooks';

/** Slots of each queue: fewer than there are dead endpoints. */
const SLOTS = 2;
const DEAD = 6;
/** Long beside what a busy machine takes for a delivery: who waited for a slot would wait for this. */
const TIMEOUT_MS = 5_000;

let database: TestDatabase;
let db: Db;
let env: TestWorkflowEnvironment;
let workers: Worker[];
let running: Promise<unknown>;
let dead: TestEndpoint;
let live: TestEndpoint;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  dead = await startEndpoint();
  dead.answer = () => null;
  live = await startEndpoint();
  env = await startRealServer();
  const worker = webhookDeps(db, { timeoutMs: TIMEOUT_MS, lingerMs: 100 });
  close = worker.close;
  const calling = {
    connection: env.nativeConnection,
    activities: createWebhookActivities(worker.deps),
    maxConcurrentActivityTaskExecutions: SLOTS,
  };
  workers = [
    await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: workflowBundle(),
    }),
    await Worker.create({ ...calling, taskQueue: WEBHOOK_QUEUE }),
    await Worker.create({ ...calling, taskQueue: SLOW_WEBHOOK_QUEUE }),
  ];
  running = Promise.all(workers.map((each) => each.run()));
}, 60_000);

afterAll(async () => {
  for (const worker of workers ?? []) worker.shutdown();
  await running;
  await env?.teardown();
  await close?.();
  await Promise.all([dead?.close(), live?.close()]);
  await database?.drop();
});

test('endpoints that hang take no slot from one that works', async () => {
  const fail = (error: unknown) => {
    throw error;
  };
  const delivery = new SignalDelivery(db, env.client, fail, { closingSoonMs: CLOSING_SOON_MS });
  const deliverSignals = (ids: readonly string[]) => delivery.deliverSoon(ids);
  const relay = async () => {
    while ((await relayEvents({ db, deliverSignals })) > 0);
  };
  const { accountId } = await buildWorld(db, { recipients: 0 });
  const hanging: WebhookEndpoint[] = [];
  for (let n = 0; n < DEAD; n += 1) hanging.push(await buildListener(db, dead, accountId));
  await assign(db, accountId, [0]);
  await relay();
  // Each of them has had its time-out on the queue of those that work, and moves over.
  await eventually(
    async () => {
      for (const { id } of hanging)
        expect((await readEndpoint(db, id)).failures).toBeGreaterThan(0);
    },
    { withinMs: 60_000, everyMs: 200 },
  );

  await buildListener(db, live, accountId);
  const waits: number[] = [];
  for (let n = 1; n <= 10; n += 1) {
    const began = Date.now();
    await assign(db, accountId, [n]);
    await relay();
    await eventually(() => assigned(live).includes(n), { withinMs: 30_000 });
    waits.push(Date.now() - began);
  }
  expect(Math.max(...waits)).toBeLessThan(TIMEOUT_MS);
  expect(assigned(live)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}, 180_000);
