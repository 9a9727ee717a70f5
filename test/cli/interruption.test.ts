import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../stack/childProcess';

const program = path.join(__dirname, 'programs/waiting.ts');

const started: number[] = [];

/** One that is left would keep the test run waiting for its output. */
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

/** As npm does it: a shell between, which a signal ends without its child learning of it. */
function throughShell(settings: Record<string, string>): ChildProcess {
  const { npm_lifecycle_event: _, ...env } = process.env;
  return spawn('sh', ['-c', `"${process.execPath}" --require tsx/cjs "${program}" & wait`], {
    env: { ...env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function start(settings: Record<string, string>) {
  const shell = throughShell(settings);
  const lines = createInterface({ input: shell.stdout! })[Symbol.asyncIterator]();
  const pid = Number((await lines.next()).value);
  started.push(pid);
  const ended = once(shell, 'exit');
  const killShell = async () => {
    shell.kill('SIGTERM');
    await ended;
  };
  return { pid, lines, killShell };
}

it('counts the end of its parent as an interruption when npm started it', async () => {
  const { lines, killShell } = await start({ npm_lifecycle_event: 'dev' });
  await killShell();
  expect((await lines.next()).value).toBe('interrupted');
  expect((await lines.next()).done).toBe(true);
}, 10_000);

it('outlives its parent when it was started for itself', async () => {
  const { pid, lines, killShell } = await start({});
  await killShell();
  await sleep(1_500);
  expect(isAlive(pid)).toBe(true);
  process.kill(pid, 'SIGTERM');
  expect((await lines.next()).value).toBe('interrupted');
}, 10_000);
