import { execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import {
  endOf,
  isAlive,
  isRunning,
  leash,
  spawnLogged,
  stopChild,
  type RunningServer,
} from './childProcess';
import {
  clusterFolder,
  postgresIdentity,
  reachableBinaries,
  type PostgresIdentity,
} from './postgresUser';

const run = promisify(execFile);
const SUPERUSER = 'casement';
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 15_000;
const LEFTOVER_DEADLINE_MS = 10_000;

/** Durability stays on: the promise that nobody is messaged twice rests on it. */
const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '256MB',
  max_connections: '200',
  max_wal_size: '2GB',
  random_page_cost: '1.1',
};

export interface PostgresOptions {
  /** Folder of the stack; the cluster is made inside on the first start and kept. */
  home: string;
  port: number;
  /** Server settings over the defaults. */
  settings?: Readonly<Record<string, string>>;
  logFile: string;
  /** Database that is created when absent. */
  database?: string;
}

export interface RunningPostgres extends RunningServer {
  url: string;
  /** Where the cluster lies: below the home, or in /var/lib/casement (see `clusterFolder`). */
  folder: string;
}

/** Starts the embedded PostgreSQL on 127.0.0.1 and waits until it answers. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const identity = await postgresIdentity();
  const folder = await clusterFolder(options.home, identity);
  const binaries = await reachableBinaries(identity);
  const data = path.join(folder, 'data');
  const password = await initialise(folder, data, binaries, identity);
  const database = options.database ?? 'casement';
  const urlOf = (name: string) =>
    `postgresql://${SUPERUSER}:${password}@127.0.0.1:${options.port}/${name}`;
  const server = await untilStarted(data, options.logFile, urlOf('postgres'), () =>
    launch(data, binaries, identity, options),
  );
  try {
    await createDatabase(urlOf('postgres'), database);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, url: urlOf(database), folder };
}

/**
 * Starts the server; again while a predecessor that was killed is still leaving (PostgreSQL refuses the cluster
 * until the last of its processes is gone).
 */
async function untilStarted(
  data: string,
  logFile: string,
  url: string,
  start: () => ChildProcess,
): Promise<RunningServer> {
  const deadline = Date.now() + LEFTOVER_DEADLINE_MS;
  for (;;) {
    const hadPredecessor = await stopLeftover(data);
    const child = start();
    const release = leash(child.pid ?? 0, 'INT');
    const ended = endOf(child);
    // Whoever has its id next is not ours to end.
    void ended.then(release);
    const stop = async () => {
      // SIGINT is PostgreSQL's fast shutdown: it drops the clients instead of waiting for them.
      await stopChild(child, 'SIGINT', STOP_DEADLINE_MS);
    };
    try {
      await untilReady(child, url, logFile);
      return { pid: child.pid ?? 0, ended, stop };
    } catch (error) {
      const endedByItself = !isRunning(child);
      await stop();
      if (!(endedByItself && hadPredecessor && Date.now() < deadline)) throw error;
      await sleep(500);
    }
  }
}

/** Makes the cluster once. A first start that was interrupted leaves no password file and is made anew. */
async function initialise(
  folder: string,
  data: string,
  binaries: string,
  identity: PostgresIdentity,
): Promise<string> {
  const passwordFile = path.join(folder, 'password');
  if (existsSync(passwordFile)) return (await readFile(passwordFile, 'utf8')).trim();
  await rm(data, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  const draft = path.join(folder, 'password.new');
  await writeFile(draft, `${password}\n`, { mode: 0o600 });
  const { uid, gid } = identity;
  if (uid !== undefined && gid !== undefined) await chown(draft, uid, gid);
  const flags = ['--encoding=UTF8', '--locale=C.UTF-8', '--auth=scram-sha-256', '--no-sync'];
  await run(
    path.join(binaries, 'bin', 'initdb'),
    [`--pgdata=${data}`, `--username=${SUPERUSER}`, `--pwfile=${draft}`, ...flags],
    { ...identity, cwd: folder },
  );
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await rm(draft);
  return password;
}

/**
 * Ends a server that an earlier stack left behind on this cluster (after kill -9 it may need a moment to end by
 * itself). Only a process whose own arguments name this data folder is touched: ids are reused. False when there
 * was no sign of one.
 */
async function stopLeftover(data: string): Promise<boolean> {
  const pidFile = path.join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return false;
  const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
  const deadline = Date.now() + STOP_DEADLINE_MS;
  const argumentsOf = async () =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const serves = async () => isAlive(pid) && (await argumentsOf()).includes(data);
  if (await serves()) process.kill(pid, 'SIGINT');
  while ((await serves()) && Date.now() < deadline) await sleep(50);
  // Another program has the id now; PostgreSQL would take it for its predecessor and refuse for good.
  const other = isAlive(pid) && (await argumentsOf()).join('') !== '' && !(await serves());
  if (other) await rm(pidFile, { force: true });
  return true;
}

function launch(
  data: string,
  binaries: string,
  identity: PostgresIdentity,
  options: PostgresOptions,
): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...DEFAULT_SETTINGS,
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawnLogged(
    path.join(binaries, 'bin', 'postgres'),
    ['-D', data, '-p', String(options.port), ...flags],
    options.logFile,
    { ...identity, cwd: data },
  );
}

async function untilReady(child: ChildProcess, url: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    if (!isRunning(child)) {
      throw new Error(`The embedded PostgreSQL ended while starting; see ${logFile}.`);
    }
    const problem = await query(url, 'SELECT 1').then(
      () => null,
      (error: unknown) => error,
    );
    if (problem === null) return;
    if (Date.now() > deadline) {
      throw new Error(`The embedded PostgreSQL did not answer; see ${logFile}.`, {
        cause: problem,
      });
    }
    await sleep(50);
  }
}

async function createDatabase(url: string, name: string): Promise<void> {
  const found = await query(url, 'SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (found === 0) await query(url, `CREATE DATABASE "${name}"`);
}

/** Runs one statement on a connection of its own; the number of rows. */
async function query(url: string, text: string, values: string[] = []): Promise<number> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
