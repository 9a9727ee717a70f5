import { startApi, type Answer } from '../../support/api';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { buildWorld, type World } from '../../support/build';
import { ABSENT, expectError } from '../../support/dexatel';
import { deliver, inboundBody, text } from '../../support/inbound';

const NUMBER = '14155552671';

let database: TestDatabase;
let world: World;
let api: Awaited<ReturnType<typeof startApi>>;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db, { recipients: 0 });
  api = await startApi(database.db, { accountId: world.accountId });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const list = (sender = world.sender.id) => `/v1/senders/${sender}/blockers`;
const block = (number: unknown, sender?: string): Promise<Answer> =>
  api.call('POST', list(sender), { data: { number } });

test('a number is blocked once, however often and in whatever form it is sent', async () => {
  const first = await block(NUMBER);
  expect(first).toMatchObject({
    status: 201,
    body: { data: { sender_id: world.sender.id, number: NUMBER } },
  });
  expect(Object.keys(first.body.data)).toEqual(['sender_id', 'number', 'create_date']);
  expect(first.body.data.create_date).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  for (const form of [NUMBER, '+1 (415) 555-2671', Number(NUMBER)]) {
    const again = await block(form);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
  }
  const { body } = await api.call('GET', list());
  expect(body).toMatchObject({ data: [first.body.data], pagination: { total: 1, number: 1 } });
});

test('the number itself is the key to remove it', async () => {
  await block('14155550000');
  expect((await api.call('DELETE', `${list()}/14155550000`)).status).toBe(204);
  expectError(await api.call('DELETE', `${list()}/14155550000`), 404, 404);
  expectError(await api.call('DELETE', `${list()}/+14155550000`), 404, 404);
});

describe('by BSUID', () => {
  const people = [
    { number: '14155550010', bsuid: 'US.10' },
    { number: '14155550011', bsuid: 'US.11' },
  ] as const;
  const numbers = async (): Promise<string[]> =>
    (await api.call('GET', list())).body.data.map(({ number }: { number: string }) => number);
  const say = ({ number, bsuid }: (typeof people)[number]) =>
    deliver(database.db, world, inboundBody(world, { phone: number, bsuid }, text('Hello')));

  test('somebody whose number is known is blocked and unblocked by that', async () => {
    const [{ number, bsuid }] = people;
    await say(people[0]);
    expect(await block(bsuid)).toMatchObject({ status: 201, body: { data: { number } } });
    expect((await block(number)).status).toBe(200);
    expect((await block(bsuid)).status).toBe(200);
    expect(await numbers()).toContain(number);
    expect((await api.call('DELETE', `${list()}/${bsuid}`)).status).toBe(204);
    expect(await numbers()).not.toContain(number);
  });

  test('whoever shows the number afterwards is blocked by that, and unblocked by either', async () => {
    const { number, bsuid } = people[1];
    expect(await block(bsuid)).toMatchObject({ status: 201, body: { data: { number: bsuid } } });
    await say(people[1]);
    expect(await numbers()).toContain(number);
    expect(await numbers()).not.toContain(bsuid);
    expect((await api.call('DELETE', `${list()}/${bsuid}`)).status).toBe(204);
    expectError(await api.call('DELETE', `${list()}/${number}`), 404, 404);
  });
});

test.each([
  undefined,
  null,
  '',
  ' ',
  '0',
  '012345678',
  'abc',
  '1415555\0',
  {},
  [NUMBER],
  1.5,
  '9'.repeat(16),
])('%p is no number', async (number) => {
  expectError(await block(number), 400, 1523);
});

test('what cannot be', async () => {
  expectError(await api.call('DELETE', `${list()}/abc`), 400, 1523);
  expectError(await block(NUMBER, ABSENT), 404, 1402);
  expectError(await api.call('GET', list(ABSENT)), 404, 1402);
  expectError(await api.call('DELETE', `${list(ABSENT)}/${NUMBER}`), 404, 1402);
  expectError(await block(NUMBER, 'x'), 400, 400);
  expectError(await api.call('POST', list(), { number: NUMBER }), 400, 1007);
  expectError(await api.call('PUT', list(), {}), 405, 405);
  expectError(await api.call('GET', `${list()}/${NUMBER}`), 405, 405);
  expectError(await api.call('GET', `${list()}?page_token=!`), 400, 400);
});

test('another account has no such sender, and scopes are those of senders', async () => {
  const other = await buildWorld(database.db, { recipients: 0 });
  const foreign = await startApi(database.db, { accountId: other.accountId });
  const reader = await startApi(database.db, {
    accountId: world.accountId,
    scopes: ['senders:read'],
  });
  const body = { data: { number: NUMBER } };
  expectError(await foreign.call('POST', list(), body), 404, 1402);
  expectError(await foreign.call('GET', list()), 404, 1402);
  expectError(await reader.call('POST', list(), body), 403, 403);
  expectError(await reader.call('DELETE', `${list()}/${NUMBER}`), 403, 403);
  expect((await reader.call('GET', list())).status).toBe(200);
  const noKey = { 'X-Dexatel-Key': '' };
  expectError(await api.call('GET', list(), undefined, noKey), 401, 401);
  await foreign.close();
  await reader.close();
});

test('a long list comes in pages, each number once', async () => {
  const { sender } = await buildWorld(database.db, { recipients: 0 });
  await database.db
    .updateTable('senders')
    .set({ account_id: world.accountId, name: 'Long' })
    .where('id', '=', sender.id)
    .execute();
  const numbers = Array.from({ length: 25 }, (_, n) => String(15550200000 + n));
  for (const number of numbers.toReversed()) await block(number, sender.id);
  const seen: string[] = [];
  let next: string | null = `${list(sender.id)}?page_size=10`;
  while (next !== null) {
    const { body }: Answer = await api.call('GET', next);
    expect(body.pagination.total).toBe(25);
    seen.push(...body.data.map(({ number }: { number: string }) => number));
    next = body.pagination.links.next;
  }
  expect(seen).toEqual(numbers);
});
