import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { NUMBER } from '../../support/cloudCases';
import { startCloud, type CloudStage } from '../../support/cloud';
import { relayAll } from '../../support/events';
import { eventually } from '../../support/eventually';
import { lookAt, webhookDeps } from '../../support/webhooks';

interface Line {
  what: string;
  // What a program prints has any shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  value: any;
}

let stage: CloudStage;
let tools: ReturnType<typeof webhookDeps>;
let program: ChildProcess;
const lines: Line[] = [];
let complaints = '';

const told = (what: string) => {
  const line = lines.find((one) => one.what === what);
  if (!line) throw new Error(`The program has not told ${what} yet. ${complaints}`);
  return line.value;
};

beforeAll(async () => {
  stage = await startCloud({ allowPrivate: true });
  tools = webhookDeps(stage.db);
  await stage.wrote(`+${NUMBER}`);
  const file = path.join(__dirname, 'programs', 'client.mjs');
  const given = [stage.api.url, stage.api.key, '1001', '2001', NUMBER];
  program = spawn(process.execPath, [file, ...given], { stdio: ['ignore', 'pipe', 'pipe'] });
  program.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString('utf8')));
  createInterface({ input: program.stdout! }).on('line', (line) => {
    lines.push(JSON.parse(line) as Line);
  });
  await eventually(() => told('ready') === null, { withinMs: 30_000 });
}, 40_000);

afterAll(async () => {
  program.kill();
  await tools.close();
  await stage.close();
});

/** Delivers what is due to the program's webhook. */
async function deliver(): Promise<void> {
  await relayAll(stage.db);
  const { id } = await stage.db
    .selectFrom('webhook_endpoints')
    .select('id')
    .where('account_id', '=', stage.world.accountId)
    .executeTakeFirstOrThrow();
  await lookAt(tools.deps, id);
}

const events = () => lines.filter(({ what }) => what === 'event').map(({ value }) => value);

test.each(['text', 'template', 'interactive', 'document'])('sends a %s', (kind) => {
  expect(told(kind)).toMatchObject({
    messaging_product: 'whatsapp',
    contacts: [{ input: NUMBER, wa_id: NUMBER }],
    messages: [{ id: expect.stringMatching(/^wamid\./) }],
  });
});

test('finds a file it has uploaded, and its templates', () => {
  expect(told('media')).toMatchObject({ mime_type: 'application/pdf', file_size: 8 });
  expect(told('templates')).toEqual(expect.arrayContaining(['hello', 'named', 'plain']));
});

test('is refused as Meta refuses', () => {
  expect(told('refused')).toMatchObject({
    status: 404,
    body: { error: { code: 132001, type: 'OAuthException' } },
  });
});

test('is subscribed by its own verify token', () => {
  expect(told('subscribed')).toEqual([
    {
      whatsapp_business_api_data: { id: stage.world.accountId, name: 'Casement' },
      override_callback_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/webhook$/),
    },
  ]);
});

test('receives statuses of what it sent, signed as it expects', async () => {
  await deliver();
  const ids = ['text', 'template', 'interactive', 'document'].map(
    (kind) => told(kind).messages[0].id as string,
  );
  await eventually(() => {
    const statuses = events().flatMap(({ value }) => value.statuses ?? []);
    expect(statuses.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(ids));
  });
  expect(events().every(({ verified }) => verified)).toBe(true);
  expect(events()[0].value).toMatchObject({
    metadata: { phone_number_id: '1001' },
    statuses: [{ status: 'sent', recipient_id: NUMBER }],
  });
});

test('receives what a customer writes, and can answer it by its id', async () => {
  await stage.received(`+${NUMBER}`, 'wamid.customer');
  await deliver();
  const message = await eventually(() => {
    const [found] = events().flatMap(({ value }) => value.messages ?? []);
    expect(found).toBeDefined();
    return found;
  });
  expect(message).toMatchObject({ from: NUMBER, id: 'wamid.customer', text: { body: 'Hi' } });
  expect(events().every(({ verified }) => verified)).toBe(true);
});
