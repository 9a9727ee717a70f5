import { eventually } from '../support/eventually';
import { LaneModel, SenderStage } from '../support/senderStage';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let stage: SenderStage;

beforeAll(async () => {
  stage = await SenderStage.open();
});

afterAll(() => stage.end());

const runs = (model: LaneModel, count: number) =>
  eventually(() => expect(model.runs).toHaveLength(count));

/** Minutes between one run of the lane and the next. */
const pauses = (model: LaneModel) =>
  model.runs.slice(1).map(({ at }, index) => (at - model.runs[index]!.at) / MINUTE);

test('an idle lane waits for work, and a sender that is gone ends it', async () => {
  const model = new LaneModel([{}, {}, { state: 'gone' }]);
  const sender = await stage.start(model);
  await runs(model, 1);
  await stage.env.sleep(48 * 60 * MINUTE);
  expect(model.runs).toHaveLength(1);
  await sender.tell('work');
  await runs(model, 2);
  await sender.tell('work');
  await sender.handle.result();
  expect(model.runs.map(({ probe }) => probe)).toEqual([false, false, false]);
});

test('a retry that is due wakes it, without a signal', async () => {
  const dueAt = (await stage.now()) + 37 * MINUTE;
  const model = new LaneModel([{ nextDueAt: dueAt }, { state: 'gone' }]);
  const sender = await stage.start(model);
  await sender.handle.result();
  expect(model.runs[1]!.at).toBeGreaterThanOrEqual(dueAt);
  expect(model.runs[1]!.at).toBeLessThan(dueAt + 5 * SECOND);
});

test('a busy lane goes on at once', async () => {
  const model = new LaneModel([{ state: 'busy' }, { state: 'busy' }, { state: 'gone' }]);
  const sender = await stage.start(model);
  await sender.handle.result();
  expect(pauses(model).every((pause) => pause < 0.1)).toBe(true);
});

test('a provider that cannot be reached is asked ever less often', async () => {
  const down = Array.from({ length: 8 }, () => ({ state: 'unreachable' as const }));
  const model = new LaneModel([...down, { state: 'gone' }]);
  const sender = await stage.start(model);
  await sender.handle.result();
  const seconds = pauses(model).map((pause) => Math.round(pause * 60));
  expect(seconds).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
});

test('a halted number is tried now and then, with one message', async () => {
  const refused = Array.from({ length: 6 }, () => ({ state: 'halted' as const, reason: '131048' }));
  const model = new LaneModel([...refused, { sent: 1 }, { state: 'gone' }]);
  const sender = await stage.start(model);
  await runs(model, 1);
  // Work alone does not wake a halted lane: everything would be refused.
  await sender.tell('work');
  await stage.env.sleep(4 * MINUTE);
  expect(model.runs).toHaveLength(1);
  await stage.env.sleep(300 * MINUTE);
  await runs(model, 7);
  await sender.tell('work');
  await sender.handle.result();
  expect(pauses(model).slice(0, 6).map(Math.round)).toEqual([5, 10, 20, 40, 60, 60]);
  expect(model.runs.map(({ probe }) => probe)).toEqual([
    false,
    ...Array<boolean>(6).fill(true),
    false,
  ]);
});

test('an operator brings a halted number back at once', async () => {
  const model = new LaneModel([{ state: 'halted', reason: '190' }, { state: 'gone' }]);
  const sender = await stage.start(model);
  await runs(model, 1);
  await sender.tell('resume');
  await sender.handle.result();
  expect(model.runs[1]!.probe).toBe(false);
  expect(pauses(model)[0]).toBeLessThan(1);
});

test('who resumes a number before its workflow hears of the halt is heard, too', async () => {
  const model = new LaneModel([
    { state: 'halted', reason: '190', told: 'resume' },
    { state: 'gone' },
  ]);
  const sender = await stage.start(model);
  await sender.handle.result();
  expect(model.runs[1]!.probe).toBe(false);
  expect(pauses(model)[0]).toBeLessThan(1);
});

test('a long life goes on in another run, with what is known', async () => {
  const model = new LaneModel([
    ...Array.from({ length: 6 }, () => ({ state: 'busy' as const, sent: 10 })),
    { state: 'halted', reason: '368' },
    { sent: 1 },
    { state: 'gone' },
  ]);
  const sender = await stage.start(model, { renewAfterEvents: 12 });
  await runs(model, 7);
  await stage.env.sleep(6 * MINUTE);
  await runs(model, 8);
  expect(model.runs[7]!.probe).toBe(true);
  await sender.tell('work');
  await sender.handle.result();
  const { workflowExecutionInfo } = await sender.handle.describe().then(({ raw }) => raw);
  expect(workflowExecutionInfo?.execution?.runId).not.toBe(sender.runId);
});
