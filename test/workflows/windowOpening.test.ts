import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WindowActivities } from '../../activities/window';
import { CLOSING_SOON_MS, WINDOW_MS } from '../../domain/conversation';
import { enqueueSignal, type StoredSignal } from '../../db/signal';
import { SignalDelivery } from '../../usecases/signals';
import { startOptions } from '../../usecases/windowStart';
import {
  TASK_QUEUE,
  WINDOW_SIGNALS,
  WINDOW_WORKFLOW,
  windowWorkflowId,
  type WindowInput,
} from '../../workflows/contract';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startRealServer, workflowBundle } from '../support/temporal';

/** Time is real here: everything happens within seconds. */
const TIMING = { closingSoonMs: 1_000, jitterMs: 1 };
const HOUR = 3_600_000;

let database: TestDatabase;
let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
/** Deadlines by conversation, as the database would know them. */
const deadlines = new Map<string, number>();

const activities: WindowActivities = {
  windowClosingSoon: async ({ conversationId }) => answer(conversationId, TIMING.closingSoonMs),
  closeWindow: async ({ conversationId }) => answer(conversationId, 0),
};

function answer(conversationId: string, earlierMs: number) {
  const closesAt = deadlines.get(conversationId) ?? 0;
  return { outcome: Date.now() < closesAt - earlierMs ? 'moved' : 'done', closesAt } as const;
}

beforeAll(async () => {
  database = await createTestDatabase();
  env = await startRealServer();
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: workflowBundle(),
    activities,
  });
  running = worker.run();
}, 60_000);

afterAll(async () => {
  worker?.shutdown();
  await running;
  await env?.teardown();
  await database?.drop();
});

type NewInput = Pick<WindowInput, 'conversationId' | 'number' | 'senderId' | 'accountId'>;

function newInput(): NewInput {
  const [conversationId, senderId, accountId] = [randomUUID(), randomUUID(), randomUUID()];
  return { conversationId, number: 1, senderId, accountId };
}

const eventsOf = async (handle: WorkflowHandle): Promise<number> =>
  (await handle.fetchHistory()).events?.length ?? 0;

/** What the outbox holds when the customer wrote. */
function told(input: NewInput, closesAt: number): StoredSignal {
  return {
    workflowId: windowWorkflowId(input.conversationId, input.number),
    workflowType: WINDOW_WORKFLOW,
    summary: `Window ${input.number} of conversation ${input.conversationId}`,
    input: { ...input },
    signal: WINDOW_SIGNALS.customerMessage,
    payload: { closesAt },
    version: 1,
  };
}

/** As the outbox delivers, but with times that a test can wait for. */
async function signalWithStart(input: NewInput, closesAt: number) {
  deadlines.set(input.conversationId, closesAt);
  const stored = told(input, closesAt);
  return env.client.workflow.signalWithStart(stored.workflowType, {
    workflowId: stored.workflowId,
    taskQueue: TASK_QUEUE,
    signal: stored.signal,
    signalArgs: [stored.payload],
    ...startOptions(stored, Date.now(), TIMING.closingSoonMs),
    args: [{ ...stored.input, timing: TIMING }],
  });
}

test('opening costs no workflow task, and operators see deadline, sender and account at once', async () => {
  const input = newInput();
  const closesAt = new Date(Date.now() + WINDOW_MS);
  const { workflowId } = told(input, 0);
  await enqueueSignal(database.db, told(input, closesAt.getTime()));
  const settings = { closingSoonMs: CLOSING_SOON_MS };
  const delivery = new SignalDelivery(database.db, env.client, () => undefined, settings);
  expect(await delivery.sweep({ workflowIds: [workflowId] })).toBe(1);
  const handle = env.client.workflow.getHandle(workflowId);
  const description = await eventually(async () => {
    const shown = await handle.describe();
    expect(shown.searchAttributes).toMatchObject({
      WindowClosesAt: [closesAt],
      SenderId: [input.senderId],
      AccountId: [input.accountId],
    });
    return shown;
  });
  expect(await eventsOf(handle)).toBe(2);
  expect(await description.staticDetails()).toContain(`**open** until ${closesAt.toISOString()}`);

  // The customer writes again: the outbox's signal ends the delay, and the workflow shows what it knows.
  const later = new Date(closesAt.getTime() + 5 * HOUR);
  await enqueueSignal(database.db, told(input, later.getTime()));
  await delivery.sweep({ workflowIds: [workflowId] });
  await eventually(
    async () => {
      const extended = await handle.describe();
      expect(extended.searchAttributes).toMatchObject({ WindowClosesAt: [later] });
      expect(await eventsOf(handle)).toBe(8);
    },
    { withinMs: 20_000 },
  );
  await handle.terminate();
});

test('a quiet window costs 13 events', async () => {
  const handle = await signalWithStart(newInput(), Date.now() + 2_000);
  expect(await handle.result()).toBe('closed');
  expect(await eventsOf(handle)).toBe(13);
});

test('a window that is extended once, with a signal, costs 20 events', async () => {
  const input = newInput();
  const openedAt = Date.now();
  const handle = await signalWithStart(input, openedAt + 2_000);
  await signalWithStart(input, openedAt + 3_000);
  expect(await handle.result()).toBe('closed');
  expect(await eventsOf(handle)).toBe(20);
});

test('a window whose extension nobody told of costs 20 events', async () => {
  const input = newInput();
  const openedAt = Date.now();
  const handle = await signalWithStart(input, openedAt + 2_000);
  deadlines.set(input.conversationId, openedAt + 3_500);
  expect(await handle.result()).toBe('closed');
  expect(Date.now()).toBeGreaterThanOrEqual(openedAt + 3_500);
  expect(await eventsOf(handle)).toBe(20);
});

test('a window sleeps until it is closing soon, however early that is configured to be', () => {
  const now = Date.now();
  const options = startOptions(told(newInput(), now + 24 * HOUR), now, 6 * HOUR);
  expect(options.startDelay).toBe(18 * HOUR);
  expect(options.args).toMatchObject([{ timing: { closingSoonMs: 6 * HOUR } }]);
});

test('what is not a window starts without a delay', () => {
  const workflowId = `campaign/${randomUUID()}`;
  const campaign = { workflowId, workflowType: 'campaign', summary: '', input: {}, payload: {} };
  const options = startOptions({ ...campaign, signal: 'pause', version: 1 }, Date.now(), HOUR);
  expect(options).toEqual({ args: [{}] });
});
