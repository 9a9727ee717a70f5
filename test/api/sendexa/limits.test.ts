import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { openDatabase } from '../../../db/connect';
import { startApi, type Answer, type TestApi } from '../../support/api';
import { buildWorld, type World } from '../../support/build';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { openWindow } from '../../support/direct';
import { quietProvider } from '../../support/quietProvider';
import { basic, expectError, RESEND, SEND, status } from '../../support/sendexa';

/** A moment at which all windows begin. */
const NOON = DateTime.utc().startOf('day').plus({ days: 1 });
const SECOND = 1;
const MINUTE = 60;
const DAY = 86_400;

let database: TestDatabase;
let api: TestApi;
let world: World;
let accountId: string;
let senderId: string;
let now = NOON;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db, { recipients: 0 });
  accountId = world.accountId;
  senderId = world.sender.id;
});

beforeEach(async () => {
  now = NOON;
  const provider = quietProvider({});
  api = await startApi(database.db, { accountId, senderId, provider, clock: { now: () => now } });
});

afterEach(() => api.close());
afterAll(() => database.drop());

const ABSENT = `exa_wa_${'0'.repeat(32)}`;
const TEMPLATES = '/v1/whatsapp/templates';

/** Requests that do nothing: they count all the same. */
const ENDPOINTS = {
  send: ['POST', SEND, {}],
  status: ['GET', status(ABSENT), undefined],
  resend: ['POST', RESEND, { messageId: ABSENT }],
  'resend by path': ['POST', `${RESEND}/${ABSENT}`, undefined],
  'create template': ['POST', TEMPLATES, {}],
  check: ['GET', '/v1/whatsapp/numbers/check?phone=x', undefined],
  templates: ['GET', TEMPLATES, undefined],
} as const;

function request(endpoint: keyof typeof ENDPOINTS, secret = api.key): Promise<Answer> {
  const [method, path, body] = ENDPOINTS[endpoint];
  return basic(api, secret)(method, path, body);
}

/** Lets this many requests of the rule with this place have been made already. */
async function pretend(endpoint: string, place: number, count: number): Promise<void> {
  await sql`
    UPDATE rate_limits SET counts[${place + 1}] = ${count}
    WHERE bucket LIKE ${`sendexa ${endpoint} %`}`.execute(database.db);
}

/** Sendexa's table: endpoint, what it is counted as, column, limit, seconds. */
test.each<[keyof typeof ENDPOINTS, string, number, number, number]>([
  ['send', 'send', 0, 80, SECOND],
  ['send', 'send', 1, 3_000, MINUTE],
  ['send', 'send', 2, 100_000, DAY],
  ['status', 'status', 0, 200, SECOND],
  ['status', 'status', 1, 5_000, MINUTE],
  ['resend', 'resend', 0, 20, SECOND],
  ['resend', 'resend', 1, 500, MINUTE],
  ['resend by path', 'resend', 1, 500, MINUTE],
  ['check', 'check', 0, 300, MINUTE],
  ['create template', 'create template', 0, 100, DAY],
  ['templates', 'templates', 0, 300, MINUTE],
])('%s: as %s, column %i allows %i in %i s', async (endpoint, name, place, limit, seconds) => {
  expect((await request(endpoint)).status).not.toBe(429);
  await pretend(name, place, limit - 1);
  expect((await request(endpoint)).status).not.toBe(429);
  const refused = await request(endpoint);
  expectError(refused, 429, 'WA005');
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(seconds + 1);
  now = now.plus({ seconds: wait });
  expect((await request(endpoint)).status).not.toBe(429);
});

test('of many resends in one second exactly twenty pass; another key and another endpoint are not concerned', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => request('resend')));
  expect(answers.filter(({ status: code }) => code === 404)).toHaveLength(20);
  expect(answers.filter(({ status: code }) => code === 429)).toHaveLength(10);
  expect((await request('resend by path')).status).toBe(429);
  expect((await request('status')).status).toBe(404);
  const other = await startApi(database.db, { accountId, senderId, clock: { now: () => now } });
  expect((await request('resend', other.key)).status).toBe(404);
  await other.close();
});

test('of the sends of one second exactly eighty pass, whichever of two processes they reach', async () => {
  const db = openDatabase(database.url);
  const clock = { now: () => now };
  const other = await startApi(db, { accountId, senderId, clock });
  await openWindow(database.db, world, '+233244000000', NOON.toJSDate());
  const body = { to: '233244000000', type: 'text', text: { body: 'Hello' } };
  const processes = [basic(api, api.key), basic(other, api.key)];
  const send = (n: number) => processes[n % 2]!('POST', SEND, body);
  const answers = await Promise.all(Array.from({ length: 81 }, (_, n) => send(n)));
  expect(answers.filter(({ status: code }) => code === 200)).toHaveLength(80);
  expectError(
    answers.find(({ status: code }) => code === 429)!,
    429,
    'WA005',
  );
  for (const n of [0, 1]) expectError(await send(n), 429, 'WA005');
  now = now.plus({ seconds: 2 });
  for (const n of [0, 1]) expect((await send(n)).status).toBe(200);
  await other.close();
  await db.destroy();
});

test('each number of a list counts towards the 50,000 of a day', async () => {
  const check = (phones: string[]) =>
    basic(api, api.key)('POST', '/v1/whatsapp/numbers/bulk-check', { phones });
  const phones = (count: number) =>
    Array.from({ length: count }, (_, n) => String(233300000000 + n));
  expect((await check(phones(2))).status).toBe(200);
  await pretend('checked numbers', 0, 49_995);
  expect((await check(phones(5))).status).toBe(200);
  const refused = await check(phones(1));
  expectError(refused, 429, 'WA005');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_600);
});
