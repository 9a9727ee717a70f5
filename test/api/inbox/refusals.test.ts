import { DateTime } from 'luxon';
import { ERRORS } from '../../../api/dialects/inbox/errors';
import { DOMAIN_CODES } from '../../../domain/errors';
import { allows } from '../../../domain/scope';
import { createApiKey, revokeApiKey } from '../../../usecases/apiKey';
import { startApi } from '../../support/api';
import { buildWorld } from '../../support/build';
import {
  ABSENT,
  AGENTS,
  bearer,
  buildChat,
  expectError,
  LIST,
  startInbox,
  type InboxWorld,
} from '../../support/inbox';
import { NASTY } from '../../support/nasty';

let inbox: InboxWorld;
let chat: string;

beforeAll(async () => {
  inbox = await startInbox();
  const { id } = await buildChat(inbox.db, inbox.world, { phone: '+2348012345678' });
  chat = `${LIST}/${id}`;
});

afterAll(() => inbox.close());

test.each([
  ['status=unknown', 'status'],
  ['status=open&status=closed', 'status'],
  ['status=Open', 'status'],
  ['mode=robot', 'mode'],
  ['assigned=you', 'assigned'],
  ['search=%00', 'search'],
  ['search=a&search=b', 'search'],
  [`search=${'x'.repeat(101)}`, 'search'],
  ['page=0', 'page'],
  ['page=-1', 'page'],
  ['page=1.5', 'page'],
  ['page=1000001', 'page'],
  ['page=99999999999999999999', 'page'],
  ['page=x', 'page'],
  ['limit=0', 'limit'],
  ['limit=101', 'limit'],
  ['limit=1e2', 'limit'],
  ['text=ab', 'text'],
  ['text=a-b-c%20%3F%3F%3F', 'text'],
  ['text=%00abc', 'text'],
  [`text=${'x'.repeat(101)}`, 'text'],
  ['from=yesterday', 'from'],
  ['from=2026-02-30', 'from'],
  ['from=2026-01-15T10:00:00', 'from'],
  ['to=2026-01-15T25:00:00Z', 'to'],
  ['from=2026-01-16&to=2026-01-15', 'to'],
  ['businessWhatsappNumberId=1', 'businessWhatsappNumberId'],
])('the list refuses %s', async (query, field) => {
  const answer = await inbox.call('GET', `${LIST}?${query}`);
  expectError(answer, 422, 'validation_error');
  expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
});

test('every wrong field is named, once', async () => {
  const { body } = await inbox.call('GET', `${LIST}?status=x&mode=y&page=z`);
  expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
    'status',
    'mode',
    'page',
  ]);
  expect(body.message).toContain('status must be one of open, pending_customer, resolved, closed');
});

test.each([
  [{ status: 'done' }, 'status'],
  [{ status: null }, 'status'],
  [{ mode: 1 }, 'mode'],
  [{ assignee_id: 'x' }, 'assignee_id'],
  [{ assignee_id: '' }, 'assignee_id'],
  [{ assignee_id: 7 }, 'assignee_id'],
])('a change refuses %j', async (body, field) => {
  const answer = await inbox.call('PATCH', chat, body);
  expectError(answer, 422, 'validation_error');
  expect(answer.body.errors).toMatchObject([{ field }]);
});

test.each([
  [{}],
  [{ name: null }],
  [{ name: '' }],
  [{ name: ' ' }],
  [{ name: 5 }],
  [{ name: 'a\0' }],
  [{ name: 'a\ud800' }],
  [{ name: 'x'.repeat(101) }],
])('no agent is made of %j', async (body) => {
  const answer = await inbox.call('POST', AGENTS, body);
  expectError(answer, 422, 'validation_error');
  expect(answer.body.errors).toMatchObject([{ field: 'name' }]);
});

test.each([undefined, {}, [], 'null', '"x"', '7', '{', '{"status":', Buffer.from([0xff])])(
  'a body of %p is a bad request',
  async (body) => {
    expectError(await inbox.call('PATCH', chat, body), 400, 'bad_request');
  },
);

test('a change needs at least one known field; others are ignored', async () => {
  expectError(await inbox.call('PATCH', chat, { unread_count: 0 }), 400, 'bad_request');
  expect((await inbox.call('PATCH', chat, { mode: 'ai', other: 1 })).status).toBe(200);
});

test.each([ABSENT, 'x', '1', '%00', "';--", `${ABSENT}0`, '..%2f'])(
  'there is no conversation %p',
  async (id) => {
    expectError(await inbox.call('GET', `${LIST}/${id}`), 404, 'not_found');
    expectError(await inbox.call('PATCH', `${LIST}/${id}`, { mode: 'ai' }), 404, 'not_found');
    expectError(await inbox.call('POST', `${LIST}/${id}/read`), 404, 'not_found');
  },
);

test('paths and methods that are not offered, and too large a body', async () => {
  expectError(await inbox.call('GET', '/v1/messaging'), 404, 'not_found');
  expectError(await inbox.call('POST', '/v1/messaging/messages', {}), 404, 'not_found');
  expectError(await inbox.call('GET', '/v1/messaging/%ZZ'), 404, 'not_found');
  expectError(await inbox.call('GET', `${LIST}/%ZZ`), 400, 'bad_request');
  const wrong = await inbox.call('DELETE', chat);
  expectError(wrong, 405, 'method_not_allowed');
  expect(wrong.headers.get('allow')).toBe('GET, PATCH');
  expectError(await inbox.call('POST', LIST, {}), 405, 'method_not_allowed');
  expectError(await inbox.call('GET', `${chat}/read`), 405, 'method_not_allowed');
  expectError(await inbox.call('PUT', AGENTS, {}), 405, 'method_not_allowed');
  const large = { mode: 'x'.repeat(1_100_000) };
  expectError(await inbox.call('PATCH', chat, large), 413, 'payload_too_large');
});

test("another account's conversation and agent are not there", async () => {
  const other = await buildWorld(inbox.db, { recipients: 0 });
  const foreign = await startApi(inbox.db, { accountId: other.accountId });
  const call = bearer(foreign, foreign.key);
  expectError(await call('GET', chat), 404, 'not_found');
  expectError(await call('PATCH', chat, { status: 'closed' }), 404, 'not_found');
  expectError(await call('POST', `${chat}/read`), 404, 'not_found');
  const { body } = await call('POST', AGENTS, { name: 'Theirs' });
  const assignment = { assignee_id: body.data.id };
  expectError(await inbox.call('PATCH', chat, assignment), 404, 'not_found');
  expect((await inbox.call('GET', AGENTS)).body.data).toEqual([]);
  await foreign.close();
});

test('only a Bearer secret opens; an expired key says so', async () => {
  const deps = { db: inbox.db, clock: { now: () => DateTime.utc() } };
  const input = { accountId: inbox.world.accountId, name: 'k', scopes: ['*'] };
  const expiresAt = DateTime.utc().minus({ seconds: 1 }).toJSDate();
  const expired = await createApiKey(deps, { ...input, expiresAt });
  const revoked = await createApiKey(deps, { ...input, expiresAt });
  await revokeApiKey(deps, revoked.key.id);
  expectError(await bearer(inbox.api, expired.secret)('GET', LIST), 401, 'expired_api_key');
  for (const secret of [revoked.secret, 'csm_wrong', '', 'a b']) {
    expectError(await bearer(inbox.api, secret)('GET', LIST), 401, 'invalid_api_key');
  }
  expectError(await inbox.api.call('GET', LIST), 401, 'invalid_api_key');
  const basic = { Authorization: `Basic ${Buffer.from(inbox.api.key).toString('base64')}` };
  expectError(await inbox.api.call('GET', LIST, undefined, basic), 401, 'invalid_api_key');
});

const CONVERSATIONS = 'messaging:conversations:read';
const MESSAGES = 'messaging:messages:read';
const STEER = 'messaging:conversations:write';

/** what a key holds, and which of list, get, change, read, agents, new agent it may call */
test.each<[string[], boolean[]]>([
  [[CONVERSATIONS], [true, false, false, false, true, false]],
  [[MESSAGES], [false, true, false, false, false, false]],
  [['messaging:read'], [true, true, false, false, true, false]],
  [[STEER], [true, false, true, true, true, true]],
  [['messaging:messages:send'], [false, false, false, false, false, false]],
  [
    ['campaigns:write', 'senders:read'],
    [false, false, false, false, false, false],
  ],
  [['*'], [true, true, true, true, true, true]],
])('a key with %j', async (scopes, allowed) => {
  const call = await inbox.as(scopes);
  const answers = [
    await call('GET', LIST),
    await call('GET', chat),
    await call('PATCH', chat, { mode: 'ai' }),
    await call('POST', `${chat}/read`),
    await call('GET', AGENTS),
    await call('POST', AGENTS, { name: 'x' }),
  ];
  expect(answers.map(({ status }) => status < 300)).toEqual(allowed);
  const needed = [CONVERSATIONS, MESSAGES, STEER, STEER, CONVERSATIONS, STEER];
  answers.forEach((answer, index) => {
    if (allowed[index]) return;
    expectError(answer, 403, 'missing_scope');
    expect(answer.body.message).toBe(`Missing required scope: ${needed[index]}`);
  });
});

test('a key of some addresses or sites is of no use elsewhere', async () => {
  const deps = { db: inbox.db, clock: { now: () => DateTime.utc() } };
  const input = { accountId: inbox.world.accountId, name: 'placed', scopes: ['*'] };
  const elsewhere = await createApiKey(deps, { ...input, allowedIps: ['203.0.113.0/24'] });
  expectError(await bearer(inbox.api, elsewhere.secret)('GET', LIST), 403, 'ip_not_allowed');
  const { secret } = await createApiKey(deps, { ...input, allowedOrigins: ['shop.example'] });
  const on = (headers: Record<string, string>) =>
    inbox.api.call('GET', LIST, undefined, { Authorization: `Bearer ${secret}`, ...headers });
  expect((await on({ Origin: 'https://shop.example' })).status).toBe(200);
  expect((await on({ Referer: 'https://shop.example/cart' })).status).toBe(200);
  expectError(await on({ Origin: 'https://evil.example' }), 403, 'origin_not_allowed');
  expectError(await on({}), 403, 'origin_not_allowed');
});

test('a parent scope grants reads alone, and only below itself', () => {
  expect(allows(['messaging:read'], 'messaging:messages:read')).toBe(true);
  expect(allows(['messaging:read'], 'messaging:messages:send')).toBe(false);
  expect(allows(['messaging:read'], 'messaging:conversations:write')).toBe(false);
  expect(allows(['messaging:read'], 'campaigns:read')).toBe(false);
  expect(allows(['messaging:messages:read'], 'messaging:read')).toBe(false);
  expect(allows(['messaging:messages:read'], 'messaging:conversations:read')).toBe(false);
});

test('too many requests are told when to come back', async () => {
  const { accountId } = inbox.world;
  const limited = await startApi(inbox.db, { accountId, ratePerMinute: 1 });
  const call = bearer(limited, limited.key);
  await call('GET', LIST);
  const answer = await call('GET', LIST);
  expectError(answer, 429, 'rate_limited');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  await limited.close();
});

test('an Idempotency-Key belongs to one body', async () => {
  const post = (name: string) =>
    inbox.api.call(
      'POST',
      AGENTS,
      { name },
      {
        Authorization: `Bearer ${inbox.api.key}`,
        'Idempotency-Key': 'k',
      },
    );
  expect((await post('a')).status).toBe(201);
  expectError(await post('b'), 409, 'idempotency_key_reused');
  await inbox.db.updateTable('idempotency_keys').set({ status: null }).execute();
  expectError(await post('a'), 409, 'request_in_progress');
});

test('every domain code has its line in the table, with a status that fits', () => {
  for (const code of DOMAIN_CODES) {
    expect(ERRORS[code].status).toBeGreaterThanOrEqual(400);
    if (code !== 'provider_unavailable') expect(ERRORS[code].status).toBeLessThan(500);
  }
  expect(ERRORS.internal_error).toEqual({ status: 500, code: 'internal_error' });
});

test('nothing a client sends is our fault', async () => {
  for (const value of NASTY) {
    for (const field of ['status', 'mode', 'assignee_id', '__proto__']) {
      expect((await inbox.call('PATCH', chat, { [field]: value })).status).toBeLessThan(500);
    }
    expect((await inbox.call('PATCH', chat, [value])).status).toBe(400);
    expect((await inbox.call('POST', AGENTS, { name: value })).status).toBeLessThan(500);
    const text = encodeURIComponent(
      String(value)
        .replace(/\p{Cs}/gu, '')
        .slice(0, 2000),
    );
    for (const name of ['status', 'mode', 'assigned', 'search', 'page', 'limit', 'search[a]']) {
      const { status } = await inbox.call('GET', `${LIST}?${name}=${text}`);
      expect(status).toBeLessThan(500);
    }
    expect((await inbox.call('GET', `${LIST}/${text}`)).status).toBeLessThan(500);
  }
  expect((await inbox.call('GET', `${LIST}?search=%ff%fe&page=%ff`)).status).toBe(422);
});
