import { createTestDatabase, type TestDatabase } from '../../support/database';
import { startApi, type TestApi } from '../../support/api';
import { buildWorld, type World } from '../../support/build';
import { ABSENT, expectError } from '../../support/dexatel';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint';
import { buildEndpoint, relayAll } from '../../support/events';
import { assign, assigned, lookAt, webhookDeps } from '../../support/webhooks';

const LIST = '/v1/webhooks';
const URL = 'https://receiver.example/hook';

let database: TestDatabase;
let world: World;
let api: TestApi;
let foreign: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db, { recipients: 0 });
  const other = await buildWorld(database.db, { recipients: 0 });
  api = await startApi(database.db, { accountId: world.accountId });
  foreign = await startApi(database.db, { accountId: other.accountId });
});

afterAll(async () => {
  await api.close();
  await foreign.close();
  await database.drop();
});

const create = (data: object) => api.call('POST', LIST, { data: { url: URL, ...data } });

test('a webhook as documented, with its secret in this answer alone', async () => {
  const { status, body } = await create({ event: 'delivery', secret: 'my secret' });
  expect(status).toBe(201);
  const { id } = body.data;
  expect(body.data).toMatchObject({
    account_id: world.accountId,
    url: URL,
    secret: 'my secret',
    event: 'delivery',
    format: 'dexatel',
    events: ['delivery'],
    enabled: true,
    status: 'active',
  });
  expect(api.signaled).toContain(`webhook/${id}`);
  const { body: read } = await api.call('GET', `${LIST}/${id}`);
  expect(read.data).toEqual({ ...body.data, secret: null });
  const stored = await database.db.selectFrom('webhook_endpoints').selectAll().execute();
  expect(JSON.stringify(stored)).not.toContain('my secret');
});

test('a repeated request gets the secret again, and nobody finds it in between', async () => {
  const post = () =>
    api.call('POST', LIST, { data: { url: URL, event: 'message' } }, { 'Idempotency-Key': 'once' });
  const [first, second] = [await post(), await post()];
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect(second.body).toEqual(first.body);
  const stored = await database.db.selectFrom('idempotency_keys').select('response').execute();
  expect(stored).toHaveLength(1);
  expect(JSON.stringify(stored)).not.toContain(first.body.data.secret);
});

test('without a secret one is made', async () => {
  const { body } = await create({ event: 'message' });
  expect(body.data.secret).toMatch(/^[\w-]{43}$/);
  const inbox = await create({ format: 'inbox' });
  expect(inbox.body.data).toMatchObject({
    secret: expect.stringMatching(/^whsec_/),
    event: null,
    events: [
      'messaging.message.received',
      'messaging.message.sent',
      'messaging.message.delivery_updated',
      'messaging.conversation.assigned',
    ],
  });
});

test('read statuses are told to those who ask for them', async () => {
  const { body } = await create({ event: 'delivery', include_read: true });
  expect(body.data).toMatchObject({ event: 'delivery', events: ['delivery', 'read'] });
});

test.each<[object, number, string | RegExp]>([
  [{ url: undefined }, 1204, "'data.url' is required"],
  [{ url: '' }, 1204, "'data.url' is required"],
  [{ url: `https://receiver.example/${'x'.repeat(2000)}` }, 1208, "'data.url' is too long (2000)"],
  [{ url: 'http://receiver.example/' }, 1209, "'data.url' must be an https address"],
  [{ url: 'https://re ceiver.example/' }, 1209, "'data.url' is not an address"],
  [{ url: 'https://10.0.0.1/' }, 1209, "'data.url' must be a public address"],
  [{ url: 'https://user:word@receiver.example/' }, 1209, /must not contain credentials/],
  [{ event: undefined }, 1206, "'data.event' is required"],
  [{ event: 'sms' }, 1207, 'An event must be one of message, delivery, read'],
  [{ event: 7 }, 1207, /event/],
  [{ format: 'pigeon' }, 400, /^'data.format' must be one of dexatel, inbox/],
  [{ format: 'inbox', events: [] }, 1207, /^An event must be one of messaging/],
  [{ secret: '' }, 400, /data.secret/],
  [{ secret: 'x'.repeat(256) }, 400, /data.secret/],
  [{ enabled: 'yes' }, 400, /data.enabled/],
])('%j is refused', async (changes, code, message) => {
  const answer = await create({ event: 'message', ...changes });
  expectError(answer, 400, code);
  expect(answer.body.errors[0].message).toEqual(
    typeof message === 'string' ? message : expect.stringMatching(message),
  );
});

test('an event in upper case, as the documentation lists them', async () => {
  const { body } = await create({ event: 'DELIVERY' });
  expect(body.data).toMatchObject({ event: 'delivery', events: ['delivery'] });
});

test('a webhook is changed, disabled and deleted, and its workflow told each time', async () => {
  const { body } = await create({ event: 'message' });
  const path = `${LIST}/${body.data.id}`;
  const told = () => api.signaled.filter((id) => id === `webhook/${body.data.id}`).length;
  const changed = await api.call('PATCH', path, {
    data: { url: `${URL}/2`, event: 'delivery', secret: 'other', enabled: false },
  });
  expect(changed.body.data).toMatchObject({
    url: `${URL}/2`,
    event: 'delivery',
    secret: null,
    status: 'disabled',
  });
  expectError(await api.call('PATCH', path, { data: { url: 'https://localhost/' } }), 400, 1209);
  expect((await api.call('PATCH', path, { data: {} })).body.data.enabled).toBe(false);
  expect((await api.call('DELETE', path)).status).toBe(204);
  expect(told()).toBe(4);
  for (const method of ['GET', 'DELETE']) expectError(await api.call(method, path), 404, 1201);
  expectError(await api.call('PATCH', path, { data: {} }), 404, 1201);
  expectError(await api.call('PATCH', path, {}), 400, 1203);
  expectError(await api.call('POST', LIST, {}), 400, 1203);
});

test('what cannot be, and what is not this account’s', async () => {
  const { body } = await create({ event: 'message' });
  const paths = [ABSENT, body.data.id].flatMap((id) => [
    `${LIST}/${id}`,
    `${LIST}/${id}/deliveries`,
  ]);
  for (const path of paths) expectError(await foreign.call('GET', path), 404, 1201);
  const own = `${LIST}/${body.data.id}`;
  expectError(await foreign.call('DELETE', own), 404, 1201);
  expectError(await foreign.call('PATCH', own, { data: {} }), 404, 1201);
  expectError(await foreign.call('POST', `${own}/deliveries/${ABSENT}/resend`), 404, 1201);
  expectError(await api.call('POST', `${own}/deliveries/${ABSENT}/resend`), 404, 404);
  expectError(await api.call('POST', `${own}/deliveries/x/resend`), 400, 400);
  expectError(await api.call('GET', `${LIST}/x`), 400, 400);
  expectError(await api.call('GET', `${own}/deliveries?status=lost`), 400, 400);
  expectError(await api.call('PUT', own, {}), 405, 405);
  expect((await foreign.call('GET', LIST)).body.data).toEqual([]);
});

test('webhooks come in pages, newest first', async () => {
  const { body } = await api.call('GET', `${LIST}?page_size=2`);
  expect(body.data).toHaveLength(2);
  expect(body.data[0].id > body.data[1].id).toBe(true);
  const next = await api.call('GET', body.pagination.links.next);
  expect(next.body.data[0].id < body.data[1].id).toBe(true);
});

test('a hundred webhooks are enough for an account', async () => {
  const { accountId } = await buildWorld(database.db, { recipients: 0 });
  const many = await startApi(database.db, { accountId });
  for (let n = 0; n < 100; n += 1) await buildEndpoint(database.db, accountId);
  const answer = await many.call('POST', LIST, { data: { url: URL, event: 'message' } });
  expectError(answer, 400, 400);
  await many.close();
});

describe('deliveries', () => {
  let receiver: TestEndpoint;
  let id: string;
  let worker: ReturnType<typeof webhookDeps>;

  beforeAll(async () => {
    receiver = await startEndpoint();
    worker = webhookDeps(database.db);
    const events = ['messaging.conversation.assigned'];
    const { body } = await create({ format: 'inbox', events });
    id = body.data.id;
    // The API refuses this machine's address.
    await database.db
      .updateTable('webhook_endpoints')
      .set({ url: receiver.url })
      .where('id', '=', id)
      .execute();
    await assign(database.db, world.accountId, [1, 2, 3]);
    await relayAll(database.db);
  });

  afterAll(async () => {
    await worker.close();
    await receiver.close();
  });

  const list = async (query = '') =>
    (await api.call('GET', `${LIST}/${id}/deliveries${query}`)).body;

  test('wait, are delivered, or have failed', async () => {
    const waiting = await list();
    expect(waiting.data).toHaveLength(3);
    expect(waiting.data[0]).toMatchObject({
      webhook_id: id,
      event: 'messaging.conversation.assigned',
      status: 'pending',
      attempts: 0,
      http_status: null,
      attempt_date: null,
      next_attempt_date: expect.any(String),
    });
    receiver.answer = ({ body }) => (JSON.stringify(body).includes('"2"') ? 400 : 200);
    await lookAt(worker.deps, id);
    expect((await list('?status=delivered')).pagination.total).toBe(2);
    expect((await list('?status=pending')).data).toMatchObject([
      { attempts: 1, http_status: 400, error: 'HTTP 400' },
    ]);
  });

  test('are sent again under the same event id', async () => {
    const before = receiver.posts.length;
    receiver.answer = () => 200;
    const [newest] = (await list('?status=delivered')).data;
    const path = `${LIST}/${id}/deliveries/${newest.id}/resend`;
    const told = api.signaled.length;
    const { status, body } = await api.call('POST', path);
    expect([status, body.data.status, body.data.attempts]).toEqual([200, 'pending', 0]);
    expect(api.signaled.slice(told)).toEqual([`webhook/${id}`]);
    await lookAt(worker.deps, id);
    const [again] = receiver.posts.slice(before);
    expect(again!.body.id).toBe(`evt_${newest.event_id}`);
    expect(assigned(receiver).slice(before)).toEqual([3]);
    expect((await list('?status=delivered')).data[0]).toMatchObject({
      id: newest.id,
      attempts: 1,
    });
  });
});
