import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase, type Db } from '../db/connect';
import { readConfig, type Config } from '../runtime/config';
import { freePort } from '../stack/ports';
import { startPostgres } from '../stack/postgres';
import { startStack, type StackDescription } from '../stack/stack';

const FREE_PORTS = {
  CASEMENT_PORT: '0',
  CASEMENT_SIMULATOR_PORT: '0',
  CASEMENT_TEMPORAL_PORT: '0',
  CASEMENT_TEMPORAL_UI_PORT: '0',
  CASEMENT_POSTGRES_PORT: '0',
};

export interface BenchStack {
  /** A folder that is removed with the stack. */
  home: string;
  /** Process ids change when one is restarted. */
  describe: () => StackDescription;
  config: Config;
  db: Db;
}

/** Runs the work against a whole stack of its own, in a temporary home and on free ports, and removes it afterwards. */
export async function withStack<T>(
  settings: Readonly<Record<string, string>>,
  work: (stack: BenchStack) => Promise<T>,
): Promise<T> {
  const home = await temporaryHome();
  const env = { ...process.env, CASEMENT_HOME: home, ...FREE_PORTS, ...settings };
  const config = readConfig(env);
  const stack = await startStack({ home, config, env, onProgress: () => undefined });
  const db = openDatabase(stack.description().database, { max: 4 });
  try {
    return await work({ home, describe: () => stack.description(), config, db });
  } finally {
    await db.destroy();
    await stack.stop();
    await remove([home, ...stack.folders]);
  }
}

/** Runs the work against a PostgreSQL of its own with the durability of production, and removes it afterwards. */
export async function withPostgres<T>(work: (url: string, home: string) => Promise<T>): Promise<T> {
  const home = await temporaryHome();
  const port = await freePort();
  const postgres = await startPostgres({ home, port, logFile: path.join(home, 'postgres.log') });
  try {
    return await work(postgres.url, home);
  } finally {
    await postgres.stop();
    await remove([home, postgres.folder]);
  }
}

function temporaryHome(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'casement-bench-'));
}

async function remove(folders: readonly string[]): Promise<void> {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

/** Runs the work beside a server of this folder, in a process of its own, that tells its port. */
export async function withServer<T>(file: string, work: (port: number) => Promise<T>): Promise<T> {
  const child = fork(path.join(__dirname, file), { execArgv: ['--require', 'tsx/cjs'] });
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return await work(port);
  } finally {
    child.disconnect();
  }
}
