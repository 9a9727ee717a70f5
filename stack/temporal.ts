import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import {
  endOf,
  isAlive,
  isRunning,
  leash,
  spawnLogged,
  stopChild,
  type RunningServer,
} from './childProcess';

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;

/** What operators search by; see workflows/contract.ts for who sets them. */
const SEARCH_ATTRIBUTES = {
  CampaignStatus: 'Keyword',
  SenderId: 'Keyword',
  AccountId: 'Keyword',
  WindowClosesAt: 'Datetime',
};

export interface TemporalOptions {
  /** Temporal's CLI, from `findTemporalCli`. */
  cli: string;
  home: string;
  port: number;
  uiPort: number;
  logFile: string;
}

export interface RunningTemporal extends RunningServer {
  address: string;
  uiUrl: string;
}

/** Starts Temporal's development server on 127.0.0.1 with its data in the home, and waits until it answers. */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  // Histories are private, and the server would write them for all to read.
  const folder = path.resolve(options.home, 'temporal');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pidFile = path.join(folder, 'pid');
  const database = path.join(folder, 'temporal.db');
  await stopLeftover(pidFile, database);
  const child = launch(options, database);
  const release = leash(child.pid ?? 0, 'TERM');
  const ended = endOf(child);
  // Whoever has its id next is not ours to end.
  void ended.then(release);
  const stop = async () => {
    await stopChild(child, 'SIGTERM', STOP_DEADLINE_MS);
    await rm(pidFile, { force: true });
  };
  const address = `127.0.0.1:${options.port}`;
  try {
    await writeFile(pidFile, String(child.pid ?? 0));
    await untilReady(child, address, options.logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  const uiUrl = `http://127.0.0.1:${options.uiPort}`;
  return { pid: child.pid ?? 0, address, uiUrl, ended, stop };
}

function launch(options: TemporalOptions, database: string): ChildProcess {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  // WAL more than doubles the rate of the default file and still survives kill -9.
  const pragmas = ['journal_mode=WAL', 'synchronous=NORMAL'].flatMap((pragma) => [
    '--sqlite-pragma',
    pragma,
  ]);
  const ports = ['--port', String(options.port), '--ui-port', String(options.uiPort)];
  const quiet = ['--log-level', 'error', '--log-format', 'json'];
  const server = ['server', 'start-dev', '--ip', '127.0.0.1', '--db-filename', database];
  return spawnLogged(
    options.cli,
    [...server, ...ports, ...pragmas, ...attributes, ...quiet],
    options.logFile,
    {},
  );
}

/** Ends a server that an earlier stack left behind on this database, and no other process with its old id. */
async function stopLeftover(pidFile: string, database: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
  const serves = async () => {
    const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return pid > 0 && isAlive(pid) && args.split('\0').includes(database);
  };
  const deadline = Date.now() + STOP_DEADLINE_MS;
  if (await serves()) process.kill(pid, 'SIGTERM');
  while ((await serves()) && Date.now() < deadline) await sleep(50);
}

/** Healthy and with its namespace: the front end answers a moment before the namespace is registered. */
async function untilReady(child: ChildProcess, address: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    if (!isRunning(child))
      throw new Error(`Temporal's server ended while starting; see ${logFile}.`);
    const problem = await probe(address).then(
      () => null,
      (error: unknown) => error,
    );
    if (problem === null) return;
    if (Date.now() > deadline) {
      throw new Error(`Temporal's server did not answer; see ${logFile}.`, { cause: problem });
    }
    await sleep(100);
  }
}

async function probe(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.withDeadline(Date.now() + 2_000, async () => {
      const health = await connection.healthService.check({});
      if (health.status !== 1) throw new Error('The server is not serving yet.');
      await connection.workflowService.describeNamespace({ namespace: 'default' });
    });
  } finally {
    await connection.close();
  }
}
