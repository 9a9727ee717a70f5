import { buildWorld, type World } from '../support/build';
import { startApi, type TestApi } from '../support/api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { expectError } from '../support/dexatel';
import { deliver, inboundBody, seconds, text } from '../support/inbound';

const ADA = { phone: '14155550001' };
const HOUR = 3_600_000;

let database: TestDatabase;
let world: World;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  world = await buildWorld(database.db, { recipients: 0 });
  api = await startApi(database.db, { accountId: world.accountId });
});

afterEach(() => api.close());
afterAll(() => database.drop());

const change = (data: object) => api.call('PATCH', '/v1/opt-out', { data });
const say = (body: string, at?: Date) =>
  deliver(database.db, world, inboundBody(world, ADA, text(body, at)));

async function isBlocked(): Promise<boolean> {
  const { body } = await api.call('GET', `/v1/senders/${world.sender.id}/blockers`);
  return body.data.length === 1;
}

async function queued(): Promise<{ text: string | null; consent: string }[]> {
  return database.db
    .selectFrom('send_queue')
    .innerJoin('messages', 'messages.id', 'send_queue.message_id')
    .select(['messages.text', 'send_queue.consent'])
    .where('send_queue.sender_id', '=', world.sender.id)
    .orderBy('send_queue.seq')
    .execute();
}

test('defaults, and changes of single fields', async () => {
  const before = await api.call('GET', '/v1/opt-out');
  expect(before).toMatchObject({
    status: 200,
    body: {
      data: {
        built_in_words: true,
        stop_words: [],
        start_words: [],
        stop_confirmation: null,
        start_confirmation: null,
      },
    },
  });
  await change({ stop_words: ['Genug jetzt'], stop_confirmation: 'Bye.' });
  const after = await change({ start_words: ['bitte wieder'] });
  expect(after.body.data).toMatchObject({
    stop_words: ['Genug jetzt'],
    start_words: ['bitte wieder'],
    stop_confirmation: 'Bye.',
  });
  expect((await api.call('GET', '/v1/opt-out')).body).toEqual(after.body);
});

test.each([
  [{ stop_words: 'STOP' }],
  [{ stop_words: [''] }],
  [{ stop_words: ['x'.repeat(101)] }],
  [{ stop_words: ['a\nb'] }],
  [{ start_words: Array<string>(201).fill('x') }],
  [{ stop_confirmation: ' ' }],
  [{ stop_confirmation: 'x'.repeat(1001) }],
  [{ start_confirmation: 'a\0' }],
  [{ built_in_words: 'yes' }],
])('refuses %j', async (data) => {
  expectError(await change(data), 400, 400);
});

test("the account's own words count beside ours, as whole messages", async () => {
  await change({ stop_words: ['Genug jetzt!'], start_words: ['Bitte wieder'] });
  await say('Es ist noch nicht genug jetzt');
  expect(await isBlocked()).toBe(false);
  await say('genug  JETZT');
  expect(await isBlocked()).toBe(true);
  await say('bitte wieder.');
  expect(await isBlocked()).toBe(false);
  await say('Stop');
  expect(await isBlocked()).toBe(true);
});

test('an account can do without our words', async () => {
  await change({ built_in_words: false, stop_words: ['halt'] });
  await say('STOP');
  expect(await isBlocked()).toBe(false);
  await say('Halt');
  expect(await isBlocked()).toBe(true);
});

test('a confirmation goes out once, although the customer has opted out', async () => {
  await change({
    stop_confirmation: 'You will hear no more.',
    start_confirmation: 'Welcome back.',
  });
  await say('STOP', new Date(Date.now() - 3_000));
  await say('STOP', new Date(Date.now() - 2_000));
  expect(await queued()).toEqual([{ text: 'You will hear no more.', consent: 'none' }]);
  await say('START', new Date(Date.now() - 1_000));
  await say('START');
  expect((await queued()).map((message) => message.text)).toEqual([
    'You will hear no more.',
    'Welcome back.',
  ]);
});

test('nothing is confirmed without being wanted, and nobody else is affected', async () => {
  const other = await buildWorld(database.db, { recipients: 0 });
  await change({ stop_confirmation: 'Bye.' });
  await deliver(database.db, other, inboundBody(other, ADA, text('STOP')));
  await say('hello');
  expect(await queued()).toEqual([]);
});

test('a STOP that comes a day late is honoured, and its confirmation left to the lane to refuse', async () => {
  await change({ stop_confirmation: 'Bye.' });
  const body = inboundBody(world, ADA, {
    ...text('STOP'),
    timestamp: seconds(new Date(Date.now() - 25 * HOUR)),
  });
  await deliver(database.db, world, body);
  expect(await isBlocked()).toBe(true);
  const row = await database.db
    .selectFrom('send_queue')
    .select('free_form')
    .where('sender_id', '=', world.sender.id)
    .executeTakeFirstOrThrow();
  expect(row.free_form).toBe(true);
});
