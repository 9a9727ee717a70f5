import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../../db/connect';
import { migrateToLatest } from '../../db/migrate';
import { freePort } from '../../stack/ports';
import { buildWorkflowBundle } from '../../worker/bundle';
import { startPostgres, type RunningPostgres } from '../../stack/postgres';
import { fetchServers, type Fetched } from './fetchServers';

/**
 * What one jest run shares, in a process of its own: a PostgreSQL with a migrated template database, the two
 * Temporal servers' files and the workflow bundle. It tells its parent the environment of the tests over IPC,
 * and ends with its parent, however that ends.
 */
const repository = path.resolve(__dirname, '..', '..');

/** Tests throw the cluster away: no need to wait for the disk. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

async function main(): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'casement-test-'));
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const starting: { postgres?: RunningPostgres } = {};
  process.once('disconnect', () => void end(home, starting.postgres));
  // Ctrl-C reaches the whole process group; the parent decides when this ends.
  process.on('SIGINT', () => undefined);
  const bundling = bundle();
  const fetching = fetchServers(progress);
  const postgres = await startPostgres({
    home,
    port: await freePort(),
    database: 'template_casement',
    settings: FAST,
    logFile: path.join(home, 'postgres.log'),
  });
  starting.postgres = postgres;
  await migrateTemplate(postgres.url);
  const { cli, timeSkipping } = await fetching;
  const env = {
    CASEMENT_TEST_DATABASE: postgres.url,
    ...found('CASEMENT_TEST_BUNDLE', await bundling),
    ...found('CASEMENT_TEST_TEMPORAL_CLI', cli),
    ...found('CASEMENT_TEST_TIME_SKIPPING', timeSkipping),
  };
  process.send?.({ type: 'ready', env });
}

function found(name: string, fetched: Fetched): Record<string, string> {
  return 'path' in fetched ? { [name]: fetched.path } : { [`${name}_PROBLEM`]: fetched.problem };
}

async function end(home: string, postgres: RunningPostgres | undefined): Promise<void> {
  await postgres?.stop();
  await rm(home, { recursive: true, force: true });
  if (postgres !== undefined) await rm(postgres.folder, { recursive: true, force: true });
  process.exit(0);
}

async function migrateTemplate(url: string): Promise<void> {
  const db = openDatabase(url, { max: 1 });
  try {
    await migrateToLatest(db);
  } finally {
    await db.destroy();
  }
}

/** The bundle of these very sources; webpack runs only when they changed. */
async function bundle(): Promise<Fetched> {
  try {
    const hash = createHash('sha256');
    hash.update(await readFile(path.join(repository, 'package-lock.json')));
    for (const folder of ['domain', 'workflows', 'worker']) {
      const names = (await readdir(path.join(repository, folder))).filter((n) => n.endsWith('.ts'));
      for (const name of names.sort()) {
        hash.update(name).update(await readFile(path.join(repository, folder, name)));
      }
    }
    const cache = path.join(repository, 'node_modules', '.cache', 'casement');
    const file = path.join(cache, `workflows-${hash.digest('hex').slice(0, 16)}.js`);
    if (!existsSync(file)) {
      await rm(cache, { recursive: true, force: true });
      await mkdir(cache, { recursive: true });
      await buildWorkflowBundle(file);
    }
    return { path: file };
  } catch (error) {
    return {
      problem: `The workflows do not bundle: ${error instanceof Error ? error.message : ''}`,
    };
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
