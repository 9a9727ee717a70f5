import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { freePort, requireFreePort } from '../../stack/ports';
import { startPostgres } from '../../stack/postgres';

describe('the embedded PostgreSQL', () => {
  let home: string;

  beforeEach(async () => {
    // mkdtemp makes it 0700: PostgreSQL's own user must get through all the same.
    home = await mkdtemp(path.join(tmpdir(), 'casement-home-'));
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  const start = async () =>
    startPostgres({ home, port: await freePort(), logFile: path.join(home, 'log') });

  it('keeps its data, and comes back after kill -9', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (n int)');
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await start();
    try {
      expect(await query(second.url, 'SELECT * FROM kept')).toEqual([]);
      expect(await query(second.url, 'SHOW synchronous_commit')).toEqual([
        { synchronous_commit: 'on' },
      ]);
    } finally {
      await second.stop();
    }
    await first.stop();
  });

  it('says which variable to set when a port is taken', async () => {
    const server = await start();
    const port = Number(new URL(server.url).port);
    await expect(requireFreePort(port, 'CASEMENT_POSTGRES_PORT')).rejects.toThrow(
      `Port ${port} is taken. Stop what listens there, or set CASEMENT_POSTGRES_PORT.`,
    );
    await server.stop();
  });

  it('ends when the process that started it is killed', async () => {
    const script = `require('${path.resolve(__dirname, '../../stack/postgres.ts')}').startPostgres({
      home: '${home}', port: ${await freePort()}, logFile: '${home}/log' })
      .then(({ pid }) => { console.log(pid); setInterval(() => {}, 1000); });`;
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', script]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    const deadline = Date.now() + 10_000;
    const ended = async () =>
      (await readFile(path.join(home, 'log'), 'utf8')).includes('database system is shut down');
    while (!(await ended()) && Date.now() < deadline) await new Promise((r) => setTimeout(r, 50));
    expect(await ended()).toBe(true);
  });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
