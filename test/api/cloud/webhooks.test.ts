import { sql } from 'kysely';
import { DateTime } from 'luxon';
import type { Db } from '../../../db/connect';
import { recordEvents } from '../../../db/event';
import { tellStatuses } from '../../../db/templateStatus';
import { createApiKey } from '../../../usecases/apiKey';
import { startApi, type TestApi } from '../../support/api';
import { buildWorld, type World } from '../../support/build';
import { callers } from '../../support/cloud';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint';
import { relayAll } from '../../support/events';
import { deliveriesOf, lookAt, webhookDeps } from '../../support/webhooks';

let database: TestDatabase;
let db: Db;
let world: World;
let api: TestApi;
let call: ReturnType<typeof callers>['d360'];

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(() => database.drop());

beforeEach(async () => {
  world = await buildWorld(db, { recipients: 0 });
  api = await startApi(db, { accountId: world.accountId });
  call = callers(api, api.key).d360;
});

afterEach(() => api.close());

const URL_ = 'https://receiver.example/hook';

describe('a number’s webhook', () => {
  test('is nowhere at first', async () => {
    const answer = await call('GET', '/v1/configs/webhook');
    expect(answer).toMatchObject({ status: 200, body: { url: '', headers: {} } });
  });

  test('is set, read and changed; its headers are kept sealed', async () => {
    const first = { url: URL_, headers: { Authorization: 'Basic c2VjcmV0' } };
    expect((await call('POST', '/v1/configs/webhook', first)).body).toEqual(first);
    expect((await call('GET', '/v1/configs/webhook')).body).toEqual(first);
    const second = { url: 'https://receiver.example/other' };
    const changed = await call('POST', '/v1/configs/webhook', second);
    expect(changed.body).toEqual({ ...second, headers: {} });
    const rows = await db
      .selectFrom('webhook_endpoints')
      .selectAll()
      .where('account_id', '=', world.accountId)
      .execute();
    expect(rows).toMatchObject([
      { format: '360dialog', sender_id: world.sender.id, place: 'main', events: ['messages'] },
    ]);
    await call('POST', '/v1/configs/webhook', first);
    const { rows: found } = await sql<{ text: string }>`
      SELECT w::text AS text FROM webhook_endpoints w WHERE account_id = ${world.accountId}`.execute(
      db,
    );
    expect(found[0]!.text).not.toContain('c2VjcmV0');
  });

  test.each([
    ['http://receiver.example', 'https'],
    ['https://receiver.example:8443/hook', 'port'],
    ['https://my_receiver.example.com/hook', 'underscore'],
    ['https://127.0.0.1/hook', 'public'],
    ['https://user:pass@receiver.example', 'credentials'],
    ['nonsense', 'address'],
    ['', 'address'],
  ])('does not go to %p', async (url, says) => {
    const answer = await call('POST', '/v1/configs/webhook', { url });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        meta: {
          success: false,
          http_code: 400,
          developer_message: expect.stringContaining(says),
        },
      },
    });
  });

  test.each([
    [{}],
    [{ url: 5 }],
    [{ url: URL_, headers: 'x' }],
    [{ url: URL_, headers: { 'A B': 'x' } }],
    [{ url: URL_, headers: { A: 'x\r\nB: y' } }],
    [{ url: URL_, headers: { 'Content-Length': '0' } }],
    [{ url: URL_, headers: Object.fromEntries([...Array(21).keys()].map((n) => [`H${n}`, ''])) }],
    ['{'],
    [undefined],
  ])('is not set by %j', async (body) => {
    const answer = await call('POST', '/v1/configs/webhook', body);
    expect(answer).toMatchObject({ status: 400, body: { meta: { http_code: 400 } } });
  });

  test('set twice at once is one', async () => {
    const bodies = [1, 2, 3, 4].map((n) => ({ url: `https://receiver.example/${n}` }));
    const answers = await Promise.all(
      bodies.map((body) => call('POST', '/v1/configs/webhook', body)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await call('GET', '/v1/configs/webhook');
    expect(bodies.map(({ url }) => url)).toContain(body.url);
  });
});

test('all numbers together have a webhook of their own', async () => {
  await call('POST', '/waba_webhook', { url: URL_ });
  expect((await call('GET', '/waba_webhook')).body).toEqual({ url: URL_, headers: {} });
  expect((await call('GET', '/v1/configs/webhook')).body.url).toBe('');
});

test('a key of one number neither reads nor changes the webhook of all: it has that of its number', async () => {
  const headers = { Authorization: 'Bearer of-the-owner' };
  await call('POST', '/waba_webhook', { url: URL_, headers });
  const { secret: key } = await createApiKey(
    { db, clock: { now: () => DateTime.utc() } },
    { accountId: world.accountId, name: 'bound', scopes: ['*'], senderId: world.sender.id },
  );
  const own = callers(api, key).d360;
  expect((await own('GET', '/waba_webhook')).body).toEqual({ url: '', headers: {} });
  const mine = { url: 'https://mine.example/hook', headers: { 'X-Key': '1' } };
  expect(await own('POST', '/waba_webhook', mine)).toMatchObject({ status: 200, body: mine });
  expect((await own('GET', '/waba_webhook')).body).toEqual(mine);
  expect((await own('GET', '/v1/configs/webhook')).body).toEqual(mine);
  expect((await call('GET', '/waba_webhook')).body).toEqual({ url: URL_, headers });
  const places = await db
    .selectFrom('webhook_endpoints')
    .select(['sender_id', 'url'])
    .where('account_id', '=', world.accountId)
    .orderBy('id')
    .execute();
  expect(places).toEqual([
    { sender_id: null, url: URL_ },
    { sender_id: world.sender.id, url: mine.url },
  ]);
});

describe('further destinations', () => {
  const one = { name: 'crm', url: 'https://crm.example/hook', headers: { 'X-Key': '1' } };
  const two = { name: 'CRM', url: 'https://crm.example/other', headers: {} };
  const get = async () => (await call('GET', '/multi_webhook')).body;

  test('are none at first, and made once', async () => {
    expect(await get()).toEqual({ enabled: false, destinations: [] });
    const made = await call('POST', '/multi_webhook', { enabled: true, destinations: [one, two] });
    expect(made).toMatchObject({ status: 200, body: { message: expect.any(String) } });
    const { destinations } = await get();
    expect(destinations).toHaveLength(2);
    expect(destinations).toEqual(expect.arrayContaining([one, two]));
    const again = await call('POST', '/multi_webhook', { destinations: [one] });
    expect(again).toMatchObject({ status: 409, body: { meta: { http_code: 409 } } });
  });

  test('are replaced, changed one by one, and switched off', async () => {
    await call('PUT', '/multi_webhook', { enabled: true, destinations: [one, two] });
    await call('PUT', '/multi_webhook', { enabled: true, destinations: [one] });
    expect(await get()).toEqual({ enabled: true, destinations: [one] });
    const moved = { ...one, url: 'https://crm.example/moved' };
    await call('PATCH', '/multi_webhook', { destinations: [moved] });
    expect(await get()).toEqual({ enabled: true, destinations: [moved] });
    await call('PATCH', '/multi_webhook', { enabled: false });
    expect(await get()).toEqual({ enabled: false, destinations: [moved] });
  });

  test.each([
    ['more than three', ['a', 'b', 'c', 'd']],
    ['two of one name', ['a', 'a']],
  ])('are not %s', async (_what, names) => {
    const destinations = names.map((name) => ({ name, url: URL_ }));
    const answer = await call('PUT', '/multi_webhook', { destinations });
    expect(answer).toMatchObject({ status: 400, body: { meta: { http_code: 400 } } });
    expect(await get()).toEqual({ enabled: false, destinations: [] });
  });
});

describe('what is delivered', () => {
  let receiver: TestEndpoint;
  let tools: ReturnType<typeof webhookDeps>;

  beforeEach(async () => {
    receiver = await startEndpoint();
    tools = webhookDeps(db);
  });

  afterEach(async () => {
    await tools.close();
    await receiver.close();
  });

  /** Sets the webhook, and points it to the receiver behind the guard's back. */
  async function listen(path: string, headers: Record<string, string>): Promise<string> {
    await call('POST', path, { url: URL_, headers });
    const { id } = await db
      .updateTable('webhook_endpoints')
      .set({ url: receiver.url })
      .where('account_id', '=', world.accountId)
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async function tell(senderId: string): Promise<void> {
    const contact = await db
      .insertInto('contacts')
      .values({ account_id: world.accountId, bsuid: `US.${senderId.replaceAll('-', '')}` })
      .returning('id')
      .executeTakeFirstOrThrow();
    const conversation = await db
      .insertInto('conversations')
      .values({ account_id: world.accountId, sender_id: senderId, contact_id: contact.id })
      .returning('id')
      .executeTakeFirstOrThrow();
    await recordEvents(db, [
      {
        accountId: world.accountId,
        kind: 'message.read',
        conversationId: conversation.id,
        at: new Date(),
      },
    ]);
    await relayAll(db);
  }

  function anotherNumber() {
    return db
      .insertInto('senders')
      .values({
        account_id: world.accountId,
        name: 'Other',
        phone: '+15550000002',
        provider_kind: '360dialog',
        provider_base_url: 'http://127.0.0.1:1',
        sealed_token: 'token',
        hook_key: world.accountId,
        window_policy: 'customer_message',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
  }

  test('carries the headers that its owner chose, and no signature', async () => {
    const id = await listen('/v1/configs/webhook', { Authorization: 'Basic c2VjcmV0' });
    await tell(world.sender.id);
    await lookAt(tools.deps, id);
    expect(receiver.posts).toHaveLength(1);
    const [{ headers, body }] = receiver.posts as [TestEndpoint['posts'][0]];
    expect(headers).toMatchObject({ authorization: 'Basic c2VjcmV0' });
    expect(headers).not.toHaveProperty('x-hub-signature-256');
    expect(body).toMatchObject({ object: 'whatsapp_business_account' });
  });

  test('of the numbers of one business account, where it was subscribed to', async () => {
    const other = await anotherNumber();
    const wabas = [
      [world.sender.id, '987'],
      [other.id, '988'],
    ] as const;
    for (const [id, waba_id] of wabas) {
      await db.updateTable('senders').set({ waba_id }).where('id', '=', id).execute();
    }
    const endpoint = await db
      .insertInto('webhook_endpoints')
      .values({
        account_id: world.accountId,
        format: 'cloud',
        url: URL_,
        events: ['messages'],
        kinds: ['message.read'],
        sealed_secret: 'sealed',
        place: 'waba 988',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tell(world.sender.id);
    expect(await deliveriesOf(db, endpoint.id)).toHaveLength(0);
    await tell(other.id);
    expect(await deliveriesOf(db, endpoint.id)).toHaveLength(1);
  });

  test('of one number alone, or of all', async () => {
    const other = await anotherNumber();
    await call('POST', '/waba_webhook', { url: URL_ });
    await db
      .insertInto('webhook_endpoints')
      .values({
        account_id: world.accountId,
        format: '360dialog',
        url: URL_,
        events: ['messages'],
        kinds: ['message.read'],
        sealed_secret: 'sealed',
        sender_id: other.id,
      })
      .execute();
    await tell(world.sender.id);
    await tell(other.id);
    const endpoints = await db
      .selectFrom('webhook_endpoints')
      .select(['id', 'sender_id'])
      .where('account_id', '=', world.accountId)
      .execute();
    const counts = await Promise.all(
      endpoints.map(async ({ id, sender_id }) => [sender_id, (await deliveriesOf(db, id)).length]),
    );
    expect(new Map(counts as [string | null, number][])).toEqual(
      new Map([
        [null, 2],
        [other.id, 1],
      ]),
    );
  });

  test('is the status of the number’s templates as well, where somebody asked for it', async () => {
    const id = await listen('/v1/configs/webhook', {});
    const events = ['messages', 'message_template_status_update'];
    const wanted = await api.call('PATCH', `/v1/webhooks/${id}`, { data: { events } });
    expect(wanted.status).toBe(200);
    await db
      .updateTable('senders')
      .set({ waba_id: '987' })
      .where('id', '=', world.sender.id)
      .execute();
    const { template } = world;
    await db
      .updateTable('templates')
      .set({ sender_id: world.sender.id })
      .where('id', '=', template.id)
      .execute();
    await tellStatuses(db, [{ ...template, status: 'paused', was: 'approved' }]);
    await relayAll(db);
    await lookAt(tools.deps, id);
    expect(receiver.posts.map(({ body }) => body)).toMatchObject([
      {
        entry: [
          {
            id: '987',
            changes: [
              {
                field: 'message_template_status_update',
                value: { event: 'PAUSED', message_template_id: template.id, reason: 'NONE' },
              },
            ],
          },
        ],
      },
    ]);
  });

  test.each([201, 204, 302, 404, 500])('was not taken with %i: only 200 counts', async (status) => {
    const id = await listen('/v1/configs/webhook', {});
    receiver.answer = (_post, number) => (number === 1 ? status : 200);
    await tell(world.sender.id);
    await lookAt(tools.deps, id);
    expect(await deliveriesOf(db, id)).toMatchObject([{ status: 'pending', answer: status }]);
    tools.time.aheadMs = 10_000;
    await lookAt(tools.deps, id);
    expect(await deliveriesOf(db, id)).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });
});
