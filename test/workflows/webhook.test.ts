import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually';
import { EndpointModel, WebhookStage } from '../support/webhookStage';

const SECOND = 1_000;
const HOUR = 3_600_000;

const models = new Map<string, EndpointModel>();
let stage: WebhookStage;

beforeAll(async () => {
  stage = await WebhookStage.openOver(models);
}, 60_000);

afterAll(() => stage?.end());

async function start(results: EndpointModel['results'], input = {}) {
  const endpointId = randomUUID();
  const model = new EndpointModel(results);
  models.set(endpointId, model);
  return { model, ...(await stage.start(endpointId, input)) };
}

const looks = (model: EndpointModel, count: number) =>
  eventually(() => expect(model.looks).toHaveLength(count));

test('one that rests waits for a signal, however long, and ends when it is gone', async () => {
  const { model, handle, wake } = await start([{ delivered: 3 }, {}, { state: 'gone' }]);
  await looks(model, 1);
  await stage.env.sleep(24 * 30 * HOUR);
  expect(model.looks).toHaveLength(1);
  await wake();
  await looks(model, 2);
  await wake();
  await handle.result();
});

test('a retry that is due is looked after without a signal, at its time', async () => {
  const lookAt = (await stage.now()) + 12 * HOUR;
  const { model, handle } = await start([{ waiting: 1, lookAt }, { state: 'gone' }]);
  await handle.result();
  expect(model.looks[1]!.at).toBeGreaterThanOrEqual(lookAt);
  expect(model.looks[1]!.at).toBeLessThan(lookAt + 5 * SECOND);
});

test('something new does not wait for an old retry', async () => {
  const lookAt = (await stage.now()) + 12 * HOUR;
  const { model, handle, wake } = await start([{ waiting: 1, lookAt }, { state: 'gone' }]);
  await looks(model, 1);
  await wake();
  await handle.result();
  expect(model.looks[1]!.at).toBeLessThan(lookAt - HOUR);
});

test('a backlog is delivered look after look, in six events each', async () => {
  const busy = { delivered: 500, lookAt: 0 };
  const { model, handle } = await start([busy, busy, busy, busy, { state: 'gone' }]);
  await handle.result();
  const { events } = await handle.fetchHistory();
  const batches = events!.filter((event) => event.activityTaskScheduledEventAttributes);
  expect(batches).toHaveLength(5);
  expect(events!.length).toBeLessThan(5 * 6 + 10);
  const gap = model.looks[4]!.at - model.looks[0]!.at;
  expect(gap).toBeLessThan(10 * SECOND);
});

test('one that is slow or down is looked at on the slow queue until it recovers', async () => {
  const now = await stage.now();
  const down = { state: 'down', slow: true } as const;
  const { model, handle } = await start([
    { ...down, lookAt: now + HOUR },
    { ...down, lookAt: now + 2 * HOUR },
    { slow: false, lookAt: 0 },
    { state: 'gone' },
  ]);
  await handle.result();
  expect(model.looks.map(({ slow }) => slow)).toEqual([false, true, true, false]);
});

test('a time that has passed by one clock only is not asked for in a row', async () => {
  const late = { waiting: 1, lookAt: (await stage.now()) - HOUR };
  const { model, handle } = await start([late, late, late, { state: 'gone' }]);
  await handle.result();
  const gaps = model.looks.slice(1).map(({ at }, index) => at - model.looks[index]!.at);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(450);
});

test('continued as new, it goes on with what it knows and loses no signal', async () => {
  const busy = { delivered: 1, slow: true, lookAt: 0 };
  const many = Array.from({ length: 12 }, () => busy);
  const { model, handle } = await start([...many, { state: 'gone' }], { renewAfterEvents: 20 });
  await handle.result();
  expect(model.looks).toHaveLength(13);
  expect(model.looks.slice(1).every(({ slow }) => slow)).toBe(true);
  const started = (await handle.fetchHistory()).events![0]!;
  const { continuedExecutionRunId } = started.workflowExecutionStartedEventAttributes!;
  expect(continuedExecutionRunId).not.toBe('');
});
