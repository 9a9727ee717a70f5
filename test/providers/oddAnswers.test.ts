import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Db } from '../../db/connect';
import { sql } from 'kysely';
import type { OutboundMessage, Provider } from '../../domain/ports';
import { createUrlGuard } from '../../outbound/guard';
import { createProvider } from '../../providers/registry';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ODD } from '../support/nasty';
import { metaSettings } from '../support/simulator';
import { variants, type Json } from '../support/variants';

let database: TestDatabase;
let db: Db;
let server: Server;
let provider: Provider;
let answer: { status: number; body: string };

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  provider = createProvider(metaSettings(`http://127.0.0.1:${port}`), {
    connections: 1,
    timeoutMs: 2_000,
  });
});

afterAll(async () => {
  await provider.close();
  server.closeAllConnections();
  server.close();
  await database.drop();
});

const hello: OutboundMessage = {
  to: '+14155550100',
  reference: 'message-1',
  content: { type: 'text', body: 'Hi' },
};

const ODD_VALUES = [...ODD, `${'x'.repeat(499)}💥`];

const ACCEPTED: Json = {
  messaging_product: 'whatsapp',
  contacts: [{ input: '+14155550100', wa_id: '14155550100' }],
  messages: [{ id: 'wamid.A', message_status: 'accepted' }],
};
const REFUSED: Json = {
  error: {
    message: '(#131026) Message undeliverable',
    type: 'OAuthException',
    code: 131026,
    error_data: { messaging_product: 'whatsapp', details: 'Message Undeliverable.' },
    error_user_msg: 'No',
    fbtrace_id: 'A',
  },
};

test.each([
  ['an answer', 200, ACCEPTED],
  ['a refusal', 400, REFUSED],
  ["the provider's own failure", 500, REFUSED],
])('whatever stands in %s, what is made of it can be stored', async (_, status, usual) => {
  const bodies = [...variants(usual, ODD_VALUES)].map((body) => JSON.stringify(body));
  for (const body of [...bodies, 'no JSON\0', '']) {
    answer = { status, body };
    const outcome = await provider.send(hello);
    const texts = Object.values(outcome).filter((value) => typeof value === 'string');
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(512);
    await sql`SELECT ${texts}::text[], ${JSON.stringify(outcome)}::jsonb`.execute(db);
  }
});

test('a provider whose name leads inside is not connected to, for messages nor for anything else', async () => {
  const { port } = server.address() as AddressInfo;
  const { lookup } = createUrlGuard({ allowPrivate: false });
  const inside = createProvider(metaSettings(`http://localhost:${port}`), {
    connections: 1,
    timeoutMs: 2_000,
    lookup,
  });
  answer = { status: 200, body: '{}' };
  const refused = { kind: 'rejected', code: -1, detail: expect.stringContaining('ENOTPUBLIC') };
  expect(await inside.send(hello)).toEqual(refused);
  expect(await inside.health()).toEqual(refused);
  await inside.close();
});
