import { DateTime } from 'luxon';
import type { Db } from '../../../db/connect';
import { createApiKey } from '../../../usecases/apiKey';
import { startApi, type TestApi } from '../../support/api';
import { buildWorld, type World } from '../../support/build';
import { callers } from '../../support/cloud';
import { hello, TEMPLATE, TEXT } from '../../support/cloudCases';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { quietProvider } from '../../support/quietProvider';
import { REFUSALS } from '../../support/refusals';

let database: TestDatabase;
let db: Db;
let world: World;
let api: TestApi;
let d360: ReturnType<typeof callers>['d360'];
let meta: ReturnType<typeof callers>['meta'];

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  world = await buildWorld(db, { recipients: 0 });
  api = await startApi(db, { accountId: world.accountId });
  ({ d360, meta } = callers(api, api.key));
  await db
    .insertInto('templates')
    .values(
      (['approved', 'in_review', 'rejected', 'paused', 'disabled'] as const).map((status) => ({
        account_id: world.accountId,
        name: status === 'approved' ? 'hello' : status,
        language: 'en_US',
        channel: 'WHATSAPP',
        category: 'UTILITY' as const,
        status,
        body: 'Hello {{1}}',
        parameter_format: 'positional' as const,
        placeholders: ['1'],
      })),
    )
    .execute();
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

/** JSON, as undefined keys are not sent. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test.each(REFUSALS)('$name is refused as WhatsApp does', async ({ body, code }) => {
  const { status, body: answer } = await d360('POST', '/messages', json({ ...TEXT, ...body }));
  expect({ status, code: answer.error.code }).toEqual({ status: 400, code });
});

test.each([
  ['no key', ''],
  ['a wrong key', 'csm_wrong'],
])('%s: 401, in the form of each place', async (_what, secret) => {
  const wrong = callers(api, secret);
  const answer = await wrong.d360('POST', '/messages', TEXT);
  expect({ status: answer.status, body: answer.body }).toEqual({
    status: 401,
    body: {
      meta: { success: false, http_code: 401, developer_message: 'Invalid api_key' },
      error: 'Invalid API key',
    },
  });
  expect(await wrong.meta('POST', '/1000001/messages', TEXT)).toMatchObject({
    status: 401,
    body: { error: { code: 190, type: 'OAuthException' } },
  });
});

test.each(['/0/0', '/24/1000001/messages', '/24/1000001/media'])(
  '%s reads like a path of Meta with an odd version',
  async (path) => {
    const none = { 'X-Dexatel-Key': '' };
    const { status, body: answer } = await api.call('GET', path, undefined, none);
    expect(status).toBe(404);
    expect(answer.error).toMatchObject({ type: 'OAuthException', code: 2500 });
  },
);

test('each place takes its own header alone', async () => {
  const [bearer, key] = [{ Authorization: `Bearer ${api.key}` }, { 'D360-API-KEY': api.key }];
  const none = { 'X-Dexatel-Key': '' };
  const swapped = [
    await api.call('POST', '/messages', TEXT, { ...none, ...bearer }),
    await api.call('POST', '/v24.0/1000001/messages', TEXT, { ...none, ...key }),
  ];
  expect(swapped.map(({ status }) => status)).toEqual([401, 401]);
});

test('a key without the scope is told which it lacks', async () => {
  const deps = { db, clock: { now: () => DateTime.utc() } };
  const input = { accountId: world.accountId, name: 'reader', scopes: ['templates:read'] };
  const { secret } = await createApiKey(deps, input);
  const message = expect.stringContaining('messages:write');
  const limited = callers(api, secret);
  expect(await limited.meta('POST', '/1001/messages', TEXT)).toMatchObject({
    status: 403,
    body: { error: { code: 10, message } },
  });
  expect(await limited.d360('POST', '/messages', TEXT)).toMatchObject({
    status: 403,
    body: {
      error: 'The endpoint is blocked',
      meta: { http_code: 403, developer_message: message },
    },
  });
});

test('a provider that does not answer, and a failure of ours, are told in the words of the place', async () => {
  const provider = quietProvider({});
  const cutOff = await startApi(db, { accountId: world.accountId, provider });
  const calls = callers(cutOff, cutOff.key);
  const atDialog360 = await calls.d360('GET', '/health_status');
  const atMeta = await calls.meta('GET', '/1000001?fields=health_status');
  await cutOff.close();
  expect(atDialog360).toMatchObject({
    status: 502,
    body: {
      error: 'WhatsApp Business API not available',
      meta: { success: false, http_code: 502 },
    },
  });
  expect(atMeta).toMatchObject({
    status: 500,
    body: { error: { code: 131016, type: 'OAuthException' } },
  });
  expect(await d360('GET', '/health_status')).toMatchObject({
    status: 500,
    body: { error: 'Internal server error', meta: { success: false, http_code: 500 } },
  });
});

test.each([
  [
    'no such template',
    { ...TEMPLATE, template: { ...TEMPLATE.template, name: 'no' } },
    404,
    132001,
  ],
  [
    'another language',
    { ...hello('a'), template: { name: 'hello', language: { code: 'de' } } },
    404,
    132001,
  ],
  ['one in review', named('in_review'), 404, 132001],
  ['a rejected one', named('rejected'), 404, 132001],
  ['a paused one', named('paused'), 400, 132015],
  ['a disabled one', named('disabled'), 400, 132016],
  ['a missing value', hello(), 400, 132000],
  ['a value too many', hello('a', 'b'), 400, 132000],
  ['a line break', hello('a\nb'), 400, 132018],
])('template: %s', async (_what, body, status, code) => {
  for (const answer of [
    await d360('POST', '/messages', body),
    await meta('POST', '/1000001/messages', body),
  ]) {
    expect(answer).toMatchObject({ status, body: { error: { code } } });
  }
});

function named(name: string) {
  const message = hello('a');
  return { ...message, template: { ...message.template, name } };
}

test('to a group: refused', async () => {
  const body = { ...TEXT, recipient_type: 'group' };
  expect(await d360('POST', '/messages', body)).toMatchObject({
    status: 400,
    body: { error: { code: 100 } },
  });
});

test.each([undefined, '', '{', 'null', '[]', '"x"', Buffer.from([0xff])])(
  'a body of %p is no message',
  async (body) => {
    expect(await d360('POST', '/messages', body)).toMatchObject({
      status: 400,
      body: { error: { code: 100 } },
    });
  },
);

test('characters that are none are refused, not stored', async () => {
  for (const odd of ['a\0b', 'a\ud800b']) {
    const answer = await d360('POST', '/messages', { ...TEXT, text: { body: odd } });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  }
});

test('too much, too often, and by another method', async () => {
  const large = { ...TEXT, text: { body: 'x'.repeat(1_100_000) } };
  expect((await d360('POST', '/messages', large)).status).toBe(413);
  expect((await d360('GET', '/messages')).status).toBe(405);
  const now = DateTime.utc();
  const clock = { now: () => now };
  const limited = await startApi(db, { accountId: world.accountId, ratePerMinute: 1, clock });
  const hasty = callers(limited, limited.key);
  const asked = () => hasty.d360('GET', '/v1/configs/webhook');
  await asked();
  // 360dialog's own limit is a 400.
  expect(await asked()).toMatchObject({ status: 400, body: { meta: { http_code: 400 } } });
  const message = await hasty.d360('POST', '/messages', TEXT);
  expect(message).toMatchObject({ status: 429, body: { error: { code: 130429 } } });
  expect(message.headers.get('Retry-After')).not.toBeNull();
  await limited.close();
});
