import { startApi, type TestApi } from '../support/api';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

const LIMIT = 3;
const WRONG = { 'X-Dexatel-Key': 'csm_wrong' };

let database: TestDatabase;
let accountId: string;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ accountId } = await buildWorld(database.db, { recipients: 0 }));
});

afterAll(() => database.drop());

const start = async (options: { trustedProxies?: number } = {}) => {
  api = await startApi(database.db, { accountId, refusedLimit: LIMIT, ...options });
};

afterEach(() => api.close());

const get = (path: string, headers: Record<string, string>) =>
  api.call('GET', path, undefined, headers);
const statusOf = async (headers: Record<string, string>): Promise<number> =>
  (await get('/v1/audiences', headers)).status;

const basic = `Basic ${Buffer.from('csm_wrong').toString('base64')}`;

test.each([
  ['dexatel', '/v1/audiences', WRONG, { errors: [{ code: 429 }] }],
  [
    'inbox',
    '/v1/messaging/conversations',
    { Authorization: 'Bearer csm_wrong' },
    { error: 'rate_limited' },
  ],
  ['sendexa', '/v1/whatsapp/templates', { Authorization: basic }, { error: { code: 'WA005' } }],
  [
    'dialog360',
    '/v1/configs/templates',
    { 'D360-API-KEY': 'csm_wrong' },
    { error: { code: 130429 } },
  ],
  [
    'cloud',
    '/v23.0/1234567890',
    { Authorization: 'Bearer csm_wrong' },
    { error: { code: 130429 } },
  ],
] as const)(
  '%s: who keeps coming without a valid key is told to wait in the words of the API',
  async (_name, path, headers, body) => {
    await start();
    for (let n = 0; n < LIMIT; n += 1) expect((await get(path, headers)).status).toBe(401);
    const refused = await get(path, headers);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject(body);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  },
);

test('whoever has a key is neither counted nor refused for what others do at the same address', async () => {
  await start();
  const key = { 'X-Dexatel-Key': api.key };
  for (let n = 0; n < 2 * LIMIT; n += 1) expect(await statusOf(key)).toBe(200);
  for (let n = 0; n < 2 * LIMIT; n += 1) await statusOf(WRONG);
  expect(await statusOf(WRONG)).toBe(429);
  expect(await statusOf(key)).toBe(200);
});

test('nobody becomes somebody else by writing X-Forwarded-For', async () => {
  await start();
  for (let n = 0; n < LIMIT; n += 1)
    await statusOf({ ...WRONG, 'X-Forwarded-For': `192.0.2.${n}` });
  expect(await statusOf({ ...WRONG, 'X-Forwarded-For': '192.0.2.99' })).toBe(429);
});

test('behind a trusted proxy an address is what the proxy appended', async () => {
  await start({ trustedProxies: 1 });
  const from = (address: string) =>
    statusOf({ ...WRONG, 'X-Forwarded-For': `198.51.100.7, ${address}` });
  for (let n = 0; n < LIMIT; n += 1) expect(await from('192.0.2.1')).toBe(401);
  expect(await from('192.0.2.1')).toBe(429);
  expect(await from('192.0.2.2')).toBe(401);
});
