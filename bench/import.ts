import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { openDatabase, type Db } from '../db/connect';
import { migrateToLatest } from '../db/migrate';
import { systemClock } from '../runtime/runtime';
import { freePort } from '../stack/ports';
import { createApiKey } from '../usecases/apiKey';
import { residentMb } from './measures';
import { withPostgres } from './stack';

const SAMPLE_MS = 200;

/**
 * Rows per second of a CSV import through a real api process: --rows (1,000,000).
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rows: { type: 'string', default: '1000000' } },
  });
  const rows = Number(values.rows);
  await withPostgres(async (url, home) => {
    const db = openDatabase(url, { max: 2 });
    await migrateToLatest(db);
    const file = path.join(home, 'contacts.csv');
    await writeCsv(file, rows);
    const { audienceId, secret } = await prepare(db);
    const api = await startApi(url);
    const first = await measure(api, audienceId, secret, file);
    const again = await measure(api, audienceId, secret, file);
    const perSecond = (seconds: number) => Math.round(rows / seconds);
    console.log(
      JSON.stringify({
        bench: 'import',
        rows,
        rowsPerSecond: perSecond(first.seconds),
        rowsPerSecondAgain: perSecond(again.seconds),
        apiPeakRssMb: Math.max(first.peakMb, again.peakMb),
        report: first.report,
        reportAgain: again.report,
      }),
    );
    await api.stop();
    await db.destroy();
  });
}

/** Numbers in a shuffled order, as lists have them: ordered ones would flatter the index. */
async function writeCsv(file: string, rows: number): Promise<void> {
  const step = 1_000_003;
  function* lines() {
    yield 'number,first_name,last_name,custom1,time_zone,city\n';
    for (let index = 0; index < rows; index += 1) {
      const n = (index * step) % 100_000_000;
      yield `+1555${String(n).padStart(8, '0')},First${index},Last${n},c${index % 7},Europe/Berlin,City ${index % 900}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

async function prepare(db: Db): Promise<{ audienceId: string; secret: string }> {
  const account = await db
    .insertInto('accounts')
    .values({ name: 'bench' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const audience = await db
    .insertInto('audiences')
    .values({ account_id: account.id, name: `bench-${randomUUID()}`, channel: 'WHATSAPP' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { secret } = await createApiKey(
    { db, clock: systemClock },
    { accountId: account.id, name: 'bench', scopes: ['*'] },
  );
  return { audienceId: audience.id, secret };
}

interface Api {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

async function startApi(database: string): Promise<Api> {
  const port = await freePort();
  const main = path.resolve(__dirname, '..', 'api', 'main.ts');
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', main], {
    env: {
      ...process.env,
      DATABASE_URL: database,
      CASEMENT_PORT: String(port),
      CASEMENT_SECRET_KEY: randomBytes(32).toString('base64'),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      CASEMENT_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`The api ended with ${code}.`)));
  });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid!, stop: () => stopped(child) };
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

async function measure(api: Api, audienceId: string, secret: string, file: string) {
  let peakMb = 0;
  const sampling = setInterval(() => {
    void residentMb(api.pid).then((mb) => {
      peakMb = Math.max(peakMb, mb);
    });
  }, SAMPLE_MS);
  const start = performance.now();
  const answer = await request(`${api.url}/v1/audiences/${audienceId}/import`, {
    method: 'POST',
    headers: { 'X-Dexatel-Key': secret, 'Content-Type': 'text/csv' },
    body: createReadStream(file),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const report: unknown = await answer.body.json();
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sampling);
  return { seconds, peakMb, report };
}
