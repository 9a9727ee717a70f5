import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Db } from '../../../db/connect';
import { startApi, type TestApi } from '../../support/api';
import { buildWorld } from '../../support/build';
import { callers } from '../../support/cloud';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
let db: Db;
let accountId: string;
let api: TestApi;
let meta: ReturnType<typeof callers>['meta'];
let receiver: Server;
let callback: string;
/** What the receiver answers to the challenge. */
let answer: (hub: URLSearchParams) => { status: number; body: string };

const APPS = '/2000001/subscribed_apps';

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  receiver = createServer((request, response) => {
    const { status, body } = answer(new URL(request.url ?? '/', 'http://receiver').searchParams);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  callback = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?tenant=1`;
});

afterAll(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await database.drop();
});

beforeEach(async () => {
  ({ accountId } = await buildWorld(db, { recipients: 0 }));
  api = await startApi(db, { accountId, allowPrivate: true });
  ({ meta } = callers(api, api.key));
  answer = (hub) => {
    const proved = hub.get('hub.mode') === 'subscribe' && hub.get('hub.verify_token') === 'mine';
    return proved && hub.get('tenant') === '1'
      ? { status: 200, body: hub.get('hub.challenge') ?? '' }
      : { status: 403, body: '' };
  };
});

afterEach(() => api.close());

const subscribe = (changes: object = {}) =>
  meta('POST', APPS, { override_callback_uri: callback, verify_token: 'mine', ...changes });

test('of several first subscriptions at once one makes it, and the others find it', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => subscribe()));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(answers.filter(({ body }) => body.secret !== undefined)).toHaveLength(1);
});

test('a callback that answers the challenge gets the webhooks, and the secret is told once', async () => {
  expect((await meta('GET', APPS)).body).toEqual({ data: [] });
  const first = await subscribe();
  expect({ status: first.status, body: first.body }).toEqual({
    status: 200,
    body: { success: true, secret: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
  expect((await subscribe()).body).toEqual({ success: true });
  expect((await meta('GET', APPS)).body).toEqual({
    data: [
      {
        whatsapp_business_api_data: { id: accountId, name: 'Casement' },
        override_callback_uri: callback,
      },
    ],
  });
  const rows = await db
    .selectFrom('webhook_endpoints')
    .select(['format', 'url', 'sender_id', 'events'])
    .where('account_id', '=', accountId)
    .execute();
  const events = ['messages', 'message_template_status_update'];
  expect(rows).toEqual([{ format: 'cloud', url: callback, sender_id: null, events }]);
  expect((await meta('DELETE', APPS)).body).toEqual({ success: true });
  expect((await meta('GET', APPS)).body).toEqual({ data: [] });
});

test.each([
  ['another token', () => subscribe({ verify_token: 'wrong' })],
  ['no token', () => subscribe({ verify_token: undefined })],
  [
    'an answer that is no echo',
    () => {
      answer = () => ({ status: 200, body: 'ok' });
      return subscribe();
    },
  ],
  ['nobody there', () => subscribe({ override_callback_uri: 'http://127.0.0.1:1/' })],
])('%s does not pass', async (_what, attempt) => {
  expect(await attempt()).toMatchObject({
    status: 400,
    body: { error: { code: 2200, message: expect.stringContaining('verification failed') } },
  });
  expect((await meta('GET', APPS)).body).toEqual({ data: [] });
});

test.each([[{}], [{ override_callback_uri: ' ' }], [{ override_callback_uri: 5 }]])(
  '%j is refused',
  async (body) => {
    expect(await meta('POST', APPS, body)).toMatchObject({
      status: 400,
      body: { error: { code: 100 } },
    });
  },
);

test('a callback must be where webhooks may go', async () => {
  const strict = await startApi(db, { accountId });
  const body = { override_callback_uri: callback, verify_token: 'mine' };
  const refused = await callers(strict, strict.key).meta('POST', APPS, body);
  expect(refused).toMatchObject({ status: 400, body: { error: { code: 2200 } } });
  await strict.close();
});
