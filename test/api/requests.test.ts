import { randomBytes } from 'node:crypto';
import { DateTime } from 'luxon';
import { sql } from 'kysely';
import { createApiKey, revokeApiKey } from '../../usecases/apiKey';
import { buildWorld, type World } from '../support/build';
import { startApi, type TestApi } from '../support/api';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let api: TestApi;
let world: World;
const clock = { now: () => DateTime.utc() };

beforeAll(async () => {
  database = await createTestDatabase();
  world = await buildWorld(database.db);
  api = await startApi(database.db, { accountId: world.accountId });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const create = (key: string, body: unknown, headers: Record<string, string> = {}) =>
  api.call('POST', '/v1/audiences', body, { 'Idempotency-Key': key, ...headers });

const audience = (name: string) => ({ data: { name, channel: 'WHATSAPP' } });

test('a repeated POST runs once and gets the same bytes again', async () => {
  const first = await create('a', audience('once'));
  const second = await create('a', audience('once'));
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect([second.status, second.body]).toEqual([201, first.body]);
  expect(Object.keys(second.body.data)).toEqual(Object.keys(first.body.data));
});

test('a refusal is replayed too, another body is refused', async () => {
  await create('b', audience('bad name'));
  const again = await create('b', audience('bad name'));
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([400, 'true']);
  const other = await create('b', audience('other'));
  expect([other.status, other.body.errors[0].code]).toEqual([409, 409]);
});

test('of many equal POSTs at once exactly one runs', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => create('c', audience('race'))),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
  const ids = answers.flatMap(({ status, body }) => (status === 201 ? [body.data.id] : []));
  expect(new Set(ids).size).toBe(1);
});

test('a key is free again after 24 hours, and belongs to one API key and path', async () => {
  await create('d', audience('day-one'));
  await sql`UPDATE idempotency_keys SET created_at = now() - interval '25 hours'`.execute(
    database.db,
  );
  expect((await create('d', audience('day-two'))).status).toBe(201);
  const elsewhere = await api.call('POST', '/v1/senders', audience('x'), {
    'Idempotency-Key': 'd',
  });
  expect(elsewhere.status).toBe(400);
});

test('a key that is too long is refused', async () => {
  expect((await create('x'.repeat(256), audience('long'))).status).toBe(400);
});

test('a path longer than an index takes is refused as without a key, and its answer kept', async () => {
  const path = `/v1/campaigns/${randomBytes(6_000).toString('hex')}/pause`;
  const pause = () => api.call('POST', path, {}, { 'Idempotency-Key': 'long' });
  expect((await pause()).status).toBe(400);
  expect((await pause()).headers.get('idempotency-replayed')).toBe('true');
});

test('a key whose request died stays in progress: its outcome is not known', async () => {
  await create('e', audience('crash'));
  await sql`UPDATE idempotency_keys SET status = NULL WHERE key = 'e'`.execute(database.db);
  expect((await create('e', audience('crash'))).status).toBe(409);
});

test('after a fault of ours the outcome is not known: the key is not free for another try', async () => {
  const created = () => create('broken', audience('fault'));
  await sql`ALTER TABLE audiences RENAME TO audiences_away`.execute(database.db);
  expect((await created()).status).toBe(500);
  await sql`ALTER TABLE audiences_away RENAME TO audiences`.execute(database.db);
  expect((await created()).status).toBe(409);
});

const withKey = (secret: string | undefined, method = 'GET', path = '/v1/audiences') =>
  api.call(method, path, undefined, { 'X-Dexatel-Key': secret ?? '' });

test('missing, wrong, expired and revoked keys get the same answer', async () => {
  const deps = { db: database.db, clock };
  const input = { accountId: world.accountId, name: 'short', scopes: ['*'] };
  const past = DateTime.utc().minus({ seconds: 1 }).toJSDate();
  const expired = await createApiKey(deps, { ...input, expiresAt: past });
  const revoked = await createApiKey(deps, input);
  expect((await withKey(revoked.secret)).status).toBe(200);
  expect(await revokeApiKey(deps, revoked.key.id)).toBe(true);
  for (const secret of [undefined, 'csm_wrong', expired.secret, revoked.secret]) {
    const { status, body } = await withKey(secret);
    expect([status, body.errors[0].code]).toEqual([401, 401]);
  }
  const stored = await database.db.selectFrom('api_keys').selectAll().execute();
  expect(JSON.stringify(stored)).not.toContain(revoked.secret);
});

test('a key of some addresses is let in from there alone, as the connection or a trusted proxy says', async () => {
  const key = { accountId: world.accountId, name: 'office', scopes: ['*'] };
  const create = (allowedIps: string[]) =>
    createApiKey({ db: database.db, clock }, { ...key, allowedIps });
  const here = await create(['127.0.0.0/8', '::1']);
  const office = await create(['203.0.113.7']);
  const from = (through: TestApi, secret: string, forwarded: string) =>
    through.call('GET', '/v1/audiences', undefined, {
      'X-Dexatel-Key': secret,
      'X-Forwarded-For': forwarded,
    });
  expect((await from(api, here.secret, '203.0.113.7')).status).toBe(200);
  const { status, body } = await from(api, office.secret, '203.0.113.7');
  expect([status, body.errors[0].code]).toEqual([403, 403]);
  const proxied = await startApi(database.db, {
    accountId: world.accountId,
    trustedProxies: 1,
  });
  expect((await from(proxied, office.secret, '203.0.113.7')).status).toBe(200);
  // The client can only add in front of what the proxy appends.
  expect((await from(proxied, office.secret, '203.0.113.7, 198.51.100.1')).status).toBe(403);
  await proxied.close();
});

test('a scope allows its own verbs only; write includes read', async () => {
  const { secret } = await createApiKey(
    { db: database.db, clock },
    { accountId: world.accountId, name: 'narrow', scopes: ['audiences:write', 'campaigns:read'] },
  );
  expect((await withKey(secret)).status).toBe(200);
  expect((await withKey(secret, 'GET', '/v1/campaigns')).status).toBe(200);
  expect((await withKey(secret, 'POST', '/v1/campaigns')).status).toBe(403);
  expect((await withKey(secret, 'GET', '/v1/senders')).status).toBe(403);
});

test('too many requests with one key are refused with Retry-After', async () => {
  const limited = await startApi(database.db, { accountId: world.accountId, ratePerMinute: 2 });
  await limited.call('GET', '/v1/audiences');
  await limited.call('GET', '/v1/audiences');
  const { status, headers, body } = await limited.call('GET', '/v1/audiences');
  expect([status, body.errors[0].code]).toEqual([429, 429]);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  await limited.close();
});

test('a database that is silent is not ready, within seconds', async () => {
  await database.db.transaction().execute(async (tx) => {
    await sql`LOCK TABLE schema_versions IN ACCESS EXCLUSIVE MODE`.execute(tx);
    const answer = await api.call('GET', '/readyz');
    expect(answer).toMatchObject({ status: 503, body: { status: 'not ready' } });
  });
  expect((await api.call('GET', '/readyz')).status).toBe(200);
});

test('health, readiness, metrics and the request id', async () => {
  expect((await api.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
  expect((await api.call('GET', '/readyz')).body).toEqual({ status: 'ready' });
  const metrics = await api.call('GET', '/metrics');
  expect(metrics.body).toContain('casement_http_request_seconds_bucket');
  const { headers } = await api.call('GET', '/healthz', undefined, { 'X-Request-Id': 'mine-1' });
  expect(headers.get('x-request-id')).toBe('mine-1');
});
