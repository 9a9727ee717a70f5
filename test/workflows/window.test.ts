import { randomUUID } from 'node:crypto';
import { CLOSING_SOON_MS, WINDOW_MS } from '../../domain/conversation';
import type { WindowInput } from '../../workflows/contract';
import { WindowModel, windowModelActivities } from '../support/windowModel';
import { WindowStage } from '../support/windowStage';

const SECOND = 1_000;
const HOUR = 3_600_000;
/** How exact the test server is when it skips. */
const AT_ONCE = 2 * SECOND;
const EXACT = { closingSoonMs: CLOSING_SOON_MS, jitterMs: 0 };

const models = new Map<string, WindowModel>();
let stage: WindowStage;

beforeAll(async () => {
  stage = await WindowStage.open((env) => windowModelActivities(models, env));
}, 60_000);

afterAll(() => stage?.end());

/** A window that opens now, with its model. */
async function open(input: Partial<WindowInput> = {}) {
  const openedAt = await stage.now();
  const conversationId = randomUUID();
  const model = new WindowModel(openedAt + WINDOW_MS);
  models.set(conversationId, model);
  const window = await stage.start(model.closesAt, { conversationId, timing: EXACT, ...input });
  return { ...window, model, openedAt };
}

function expectAt(times: number[], at: number, withinMs = AT_ONCE): void {
  expect(times).toHaveLength(1);
  expect(times[0]! - at).toBeGreaterThanOrEqual(0);
  expect(times[0]! - at).toBeLessThan(withinMs);
}

describe('one window', () => {
  test('a quiet one is closing soon at hour 22 and closed at hour 24, in 19 events', async () => {
    const { handle, model, openedAt, events } = await open();
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('windowClosingSoon'), openedAt + 22 * HOUR);
    expectAt(model.doneAt('closeWindow'), openedAt + 24 * HOUR);
    expect(model.calls).toHaveLength(2);
    expect(await events()).toBe(19);
  });

  test('it is closing soon as long before its end as it was started with', async () => {
    const timing = { closingSoonMs: 6 * HOUR, jitterMs: 0 };
    const { handle, model, openedAt } = await open({ timing });
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('windowClosingSoon'), openedAt + 18 * HOUR);
    expectAt(model.doneAt('closeWindow'), openedAt + 24 * HOUR);
    expect(model.calls).toHaveLength(2);
  });

  test('extended at hour 20, it is closing soon once, at hour 42, and closes at hour 44 exactly', async () => {
    const { handle, model, openedAt, tell } = await open();
    await stage.env.sleep(20 * HOUR);
    model.closesAt = openedAt + 44 * HOUR;
    await tell(model.closesAt);
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('windowClosingSoon'), openedAt + 42 * HOUR);
    expectAt(model.doneAt('closeWindow'), openedAt + 44 * HOUR);
    expect(model.calls).toHaveLength(2);
  });

  test('a lost signal costs nothing: what moved in the database alone moves the window', async () => {
    const { handle, model, openedAt } = await open();
    await stage.env.sleep(20 * HOUR);
    model.closesAt = openedAt + 44 * HOUR;
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('windowClosingSoon'), openedAt + 42 * HOUR);
    expectAt(model.doneAt('closeWindow'), openedAt + 44 * HOUR);
    expect(model.calls).toHaveLength(3);
  });

  test('written to when it was closing soon, it stays open and does not say so twice', async () => {
    const { handle, model, openedAt } = await open();
    await stage.env.sleep(23 * HOUR);
    model.closesAt = openedAt + 47 * HOUR;
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('windowClosingSoon'), openedAt + 22 * HOUR);
    expectAt(model.doneAt('closeWindow'), openedAt + 47 * HOUR);
  });

  test('forty messages start no timer of their own', async () => {
    const { handle, model, openedAt, tell } = await open();
    for (let n = 1; n <= 40; n += 1) {
      await stage.env.sleep(0.5 * HOUR);
      model.closesAt = openedAt + WINDOW_MS + n * 0.5 * HOUR;
      await tell(model.closesAt);
    }
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('closeWindow'), openedAt + 44 * HOUR);
    const { events } = await handle.fetchHistory();
    const timers = events!.filter((event) => event.timerStartedEventAttributes);
    expect(timers).toHaveLength(3);
  });

  test('a message older than one it knows of changes nothing', async () => {
    const { handle, model, openedAt, tell } = await open();
    await tell(openedAt - 5 * HOUR);
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('closeWindow'), openedAt + 24 * HOUR);
  });

  test('windows that opened together close one after the other, within half a minute', async () => {
    const late = [];
    for (let n = 0; n < 5; n += 1) late.push(await open({ timing: undefined }));
    for (const { handle } of late) await handle.result();
    const delays = late.map(({ model, openedAt }) => model.doneAt('closeWindow')[0]! - openedAt);
    for (const delay of delays) expect(delay - WINDOW_MS).toBeLessThan(30 * SECOND + AT_ONCE);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(SECOND);
  });

  test('a deadline that has passed by one clock only is not asked for in a row', async () => {
    const { handle, model } = await open();
    model.behindMs = 5 * SECOND;
    expect(await handle.result()).toBe('closed');
    expect(model.calls.length).toBeLessThanOrEqual(8);
  });

  test('one that a customer keeps open continues as new and knows what it said', async () => {
    const { handle, model, openedAt, tell } = await open({ renewAfterEvents: 15 });
    for (const day of [1, 2, 3]) {
      await stage.env.sleep(23 * HOUR);
      model.closesAt = openedAt + day * 23 * HOUR + WINDOW_MS;
      await tell(model.closesAt);
    }
    expect(await handle.result()).toBe('closed');
    expectAt(model.doneAt('windowClosingSoon'), openedAt + 22 * HOUR);
    expectAt(model.doneAt('closeWindow'), openedAt + 3 * 23 * HOUR + WINDOW_MS);
    const started = (await handle.fetchHistory()).events![0]!;
    const { continuedExecutionRunId } = started.workflowExecutionStartedEventAttributes!;
    expect(continuedExecutionRunId).not.toBe('');
  });
});

describe('windows of one conversation', () => {
  test('the next one is a workflow of its own, and the old one leaves it alone', async () => {
    const first = await open();
    await stage.env.sleep(23 * HOUR);
    const { model } = first;
    const { conversationId } = first.input;
    // The sweeper closed the first, and the customer's next message opened the second.
    model.number = 2;
    model.closesAt = first.openedAt + 47 * HOUR;
    const second = await stage.start(model.closesAt, { conversationId, number: 2, timing: EXACT });
    expect(await first.handle.result()).toBe('closed');
    expect(model.open).toBe(true);
    expect(await second.handle.result()).toBe('closed');
    expect(second.handle.workflowId).not.toBe(first.handle.workflowId);
    expect(model.done.filter(({ name }) => name === 'closeWindow')).toMatchObject([{ number: 2 }]);
    expectAt(model.doneAt('closeWindow'), first.openedAt + 47 * HOUR);
  });

  test('a signal that arrives after the end finds the window gone and closes nothing', async () => {
    const { handle, model, input } = await open();
    await handle.result();
    const late = await stage.start(model.closesAt, input);
    expect(await late.handle.result()).toBe('closed');
    expect(model.doneAt('closeWindow')).toHaveLength(1);
    expect(model.doneAt('windowClosingSoon')).toHaveLength(1);
  });
});
