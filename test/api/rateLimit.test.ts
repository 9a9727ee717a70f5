import { DateTime } from 'luxon';
import { SharedStore, type Rules } from '../../api/rateLimitStore';
import { dropIdleCounts } from '../../db/rateLimit';
import { startApi, type TestApi } from '../support/api';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** A moment at which all windows begin. */
const NOON = DateTime.utc().startOf('day').plus({ hours: 12 });

let database: TestDatabase;
let accountId: string;
let now = NOON;
const clock = { now: () => now };

beforeAll(async () => {
  database = await createTestDatabase();
  ({ accountId } = await buildWorld(database.db, { recipients: 0 }));
});

afterAll(() => database.drop());

/** Two processes, as far as they can tell, and one key. */
async function startTwo(ratePerMinute: number) {
  const options = { accountId, ratePerMinute, clock };
  const apis = [await startApi(database.db, options), await startApi(database.db, options)];
  const { key } = apis[0]!;
  const call = (api: TestApi) =>
    api.call('GET', '/v1/audiences', undefined, { 'X-Dexatel-Key': key });
  return {
    get: (n: number) => call(apis[n % 2]!),
    close: () => Promise.all(apis.map((api) => api.close())),
  };
}

test('a limit holds over all processes, and is free again when Retry-After says', async () => {
  now = NOON;
  const { get, close } = await startTwo(5);
  for (let n = 0; n < 5; n += 1) {
    const { status, headers } = await get(n);
    expect([status, headers.get('ratelimit')]).toEqual([
      200,
      `limit=5, remaining=${4 - n}, reset=60`,
    ]);
  }
  for (const n of [0, 1, 0]) {
    const { status, headers, body } = await get(n);
    expect([status, body.errors[0].code, headers.get('retry-after')]).toEqual([429, 429, '61']);
  }
  now = NOON.plus({ seconds: 61 });
  expect((await get(1)).status).toBe(200);
  expect((await get(0)).status).toBe(429);
  await close();
});

test('of many requests at once exactly as many pass as are allowed', async () => {
  now = NOON;
  const { get, close } = await startTwo(20);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => get(n)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  await close();
});

test('one key does not count for another', async () => {
  const [mine, theirs] = [await startTwo(1), await startTwo(1)];
  expect((await mine.get(0)).status).toBe(200);
  expect((await theirs.get(0)).status).toBe(200);
  expect((await mine.get(1)).status).toBe(429);
  await mine.close();
  await theirs.close();
});

/** Seconds to wait, 0 for a request that passed; as a process sees it that has just started and remembers no refusal. */
async function request(rules: Rules, endpoint: string, at: DateTime<true>): Promise<number> {
  const store = new SharedStore({ db: database.db, clock: { now: () => at } }, endpoint, rules);
  const { totalHits, resetTime } = await store.increment('key');
  if (totalHits <= rules[0].limit) return 0;
  return Math.ceil((resetTime!.getTime() - Date.now()) / 1000);
}

test('several rules hold together, and what one refuses counts in none', async () => {
  const rules: Rules = [
    { limit: 2, seconds: 1 },
    { limit: 3, seconds: 60 },
  ];
  const at = (seconds: number) => request(rules, 'several', NOON.plus({ seconds }));
  expect(await at(0)).toBe(0);
  expect(await at(0)).toBe(0);
  for (let n = 0; n < 5; n += 1) expect(await at(0)).toBeGreaterThan(0);
  expect(await at(10)).toBe(0);
  expect(await at(20)).toBe(41);
  expect(await at(59)).toBeGreaterThan(0);
  expect(await at(61)).toBe(0);
});

test('the window moves: a burst at its end leaves no room for another at the next beginning', async () => {
  const rules: Rules = [{ limit: 60, seconds: 60 }];
  const pass = async (second: number) => {
    let passed = 0;
    while ((await request(rules, 'moving', NOON.plus({ seconds: second }))) === 0) passed += 1;
    return passed;
  };
  expect(await pass(59)).toBe(60);
  expect(await pass(60.5)).toBe(1);
  expect(await pass(90)).toBe(29);
  expect(await pass(119)).toBe(30);
  expect(await pass(300)).toBe(60);
});

test('whoever is told to wait passes then, and not before', async () => {
  const rules: Rules = [
    { limit: 7, seconds: 10 },
    { limit: 20, seconds: 60 },
  ];
  let at = NOON;
  let refused = 0;
  for (let n = 0; n < 200; n += 1) {
    at = at.plus({ milliseconds: (n * 7919) % 1500 });
    const seconds = await request(rules, 'waiting', at);
    if (seconds === 0) continue;
    refused += 1;
    expect(await request(rules, 'waiting', at.plus({ seconds: seconds - 1 }))).toBeGreaterThan(0);
    at = at.plus({ seconds });
    expect(await request(rules, 'waiting', at)).toBe(0);
  }
  expect(refused).toBeGreaterThan(20);
});

test('counts that nobody used for long are removed', async () => {
  await request([{ limit: 1, seconds: 60 }], 'idle', NOON.minus({ days: 3 }));
  await request([{ limit: 1, seconds: 60 }], 'fresh', NOON);
  expect(await dropIdleCounts(database.db, NOON.minus({ days: 2 }).toJSDate())).toBe(1);
});
