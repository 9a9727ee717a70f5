import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { readHistory } from '../support/history';
import { workflowBundle } from '../support/temporal';

/** Recorded by test/support/recordHistories.ts. */
const FOLDER = path.resolve(__dirname, '..', 'histories');
const LARGEST_BYTES = 100_000;

const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

const read = (name: string): string => readFileSync(path.join(FOLDER, name), 'utf8');

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

test('there is a history of every way a campaign, a window, a sender or a webhook can go', () => {
  const ways = [
    'scheduled-and-completed',
    'paused-and-resumed',
    'canceled',
    'continued-as-new',
    'webhook-served',
    'webhook-down',
    'window-quiet',
    'window-extended',
    'window-extended-untold',
    'window-gone',
    'sender-served',
    'sender-halted-and-resumed',
  ].map((way) => `${way}.json`);
  expect(FILES).toEqual(expect.arrayContaining(ways));
});

test.each(FILES)('the workflow of today replays %s', async (name) => {
  const history = readHistory(read(name));
  await Worker.runReplayHistory({ workflowBundle: workflowBundle() }, history);
});

test('a workflow that would do something else fails the replay', async () => {
  const history = readHistory(read('canceled.json'));
  const scheduled = history.events!.find((event) => event.activityTaskScheduledEventAttributes);
  scheduled!.activityTaskScheduledEventAttributes!.activityType = { name: 'finishCampaign' };
  const replay = Worker.runReplayHistory({ workflowBundle: workflowBundle() }, history);
  await expect(replay).rejects.toThrow(/TMPRL1100|Nondeterminism/i);
});

test.each(FILES)('%s is small and holds ids and counts only', (name) => {
  const text = read(name);
  expect(Buffer.byteLength(text)).toBeLessThan(LARGEST_BYTES);
  const payloads = [...text.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)];
  const decoded = payloads.map((match) => Buffer.from(match[1]!, 'base64').toString('utf8'));
  for (const plain of [text, ...decoded]) expect(plain).not.toMatch(/\+1\d{10}|\d@[a-z]/i);
});
