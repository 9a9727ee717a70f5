import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../stack/childProcess';
import { createSupervisor, type Supervisor } from '../../stack/supervisor';

const programs = path.join(__dirname, 'programs');

describe('the supervisor', () => {
  let folder: string;
  let supervisor: Supervisor;
  let changes: number;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'casement-supervisor-'));
    changes = 0;
    supervisor = createSupervisor(() => {
      changes += 1;
    });
  });

  afterEach(async () => {
    await supervisor.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const story = async () =>
    (await readFile(path.join(folder, 'story'), 'utf8').catch(() => ''))
      .split('\n')
      .filter(Boolean);

  const run = (name: string, entry = 'main') =>
    supervisor.start({
      name,
      entry: path.join(programs, entry),
      env: { NAME: name, STORY: path.join(folder, 'story'), PATH: process.env['PATH'] ?? '' },
      logFile: path.join(folder, `${name}.log`),
    });

  it('stops what it started in reverse order', async () => {
    await run('first');
    await run('second');
    await supervisor.stop();
    expect(await story()).toEqual([
      'first started',
      'second started',
      'second stopped',
      'first stopped',
    ]);
  });

  it('restarts a killed program within two seconds, under a new id', async () => {
    await run('api');
    const before = supervisor.pids()['api']!;
    process.kill(before, 'SIGKILL');
    await until(async () => (await story()).length === 2, 2_000);
    expect(supervisor.pids()['api']).not.toBe(before);
    expect(changes).toBe(2);
  });

  it('says which program could not start', async () => {
    await expect(run('broken', 'failing')).rejects.toThrow('The broken ended while starting (3)');
  });

  it('takes its programs with it when it is killed', async () => {
    const child = spawn(
      process.execPath,
      ['--require', 'tsx/cjs', path.join(programs, 'supervising.ts'), path.join(folder, 'story')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(child.stdout, 'data');
    const orphan = Number(String(line));
    expect(isAlive(orphan)).toBe(true);
    child.kill('SIGKILL');
    await until(async () => (await story()).includes('orphan stopped'), 5_000);
  });
});

async function until(holds: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Did not happen within ${deadlineMs} ms.`);
    await sleep(20);
  }
}
