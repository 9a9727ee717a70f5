import { createSecretBox } from '../../runtime/secretBox';
import { ProviderHooks } from '../../usecases/providerHook';
import { signBody } from '../../wire/signature';
import type { Sender } from '../../db/schema';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

const secrets = createSecretBox(Buffer.alloc(32, 7).toString('base64'));
const BODY = Buffer.from('{"entry":[{"id":"2000001","changes":[]}]}');

let database: TestDatabase;
let hooks: ProviderHooks;
let sender: Sender;
let now = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const world = await buildWorld(database.db, {
    appSecret: 'app-secret',
    sealed: (plain) => secrets.seal(plain),
  });
  sender = world.sender;
  hooks = new ProviderHooks(database.db, secrets, () => now);
});

afterAll(() => database.drop());

const check = (of: Sender, headers: { signature?: string; authorization?: string }, body = BODY) =>
  hooks.check(of, body, { signature: undefined, authorization: undefined, ...headers });

test('a body that the app secret signed is accepted, any other one refused', () => {
  expect(check(sender, { signature: signBody('app-secret', BODY) })).toBe('accepted');
  expect(check(sender, { signature: signBody('another', BODY) })).toBe('bad_signature');
  expect(check(sender, {})).toBe('bad_signature');
  expect(check(sender, { signature: 'sha256=' })).toBe('bad_signature');
  const changed = Buffer.from(BODY.toString().replace('2000001', '2000002'));
  expect(check(sender, { signature: signBody('app-secret', BODY) }, changed)).toBe('bad_signature');
});

test('a sender without an app secret is known by its hook URL alone', () => {
  expect(check({ ...sender, sealed_app_secret: null }, {})).toBe('accepted');
});

test('360dialog wants 200 for everything: a wrong token is dropped, a signature not asked for', () => {
  const dialog: Sender = {
    ...sender,
    provider_kind: '360dialog',
    sealed_verify_token: secrets.seal('hook-token'),
  };
  expect(check(dialog, { authorization: 'hook-token' })).toBe('accepted');
  expect(check(dialog, { authorization: 'Bearer hook-token' })).toBe('accepted');
  expect(check(dialog, { authorization: 'Bearer other' })).toBe('dropped');
  expect(check(dialog, { signature: signBody('app-secret', BODY) })).toBe('dropped');
  expect(check({ ...dialog, sealed_verify_token: null }, {})).toBe('accepted');
});

test('only the sender’s own verify token answers the subscription check', () => {
  const subscribed = { ...sender, sealed_verify_token: secrets.seal('token') };
  expect(hooks.isVerifyToken(subscribed, 'token')).toBe(true);
  expect(hooks.isVerifyToken(subscribed, 'tokem')).toBe(false);
  expect(hooks.isVerifyToken({ ...sender, sealed_verify_token: null }, '')).toBe(false);
});

test('a webhook finds its sender by key, by phone number id and by business account', async () => {
  expect((await hooks.byKey(sender.hook_key))?.id).toBe(sender.id);
  expect(await hooks.byKey('absent')).toBeNull();
  expect(await byBody(BY_PHONE, 'app-secret')).toBe(sender.id);
  expect(await byBody(BODY, 'app-secret')).toBe(sender.id);
  expect(await byBody(Buffer.from('nothing'), 'app-secret')).toBeUndefined();
});

const BY_PHONE = Buffer.from('{"metadata":{"phone_number_id":"1000001"}}');
/** The only sender that the body is for. */
const byBody = async (body: Buffer, secret: string) => {
  const proof = { signature: signBody(secret, body), authorization: undefined };
  const entries = await hooks.byBody(body, proof);
  expect(entries.length).toBeLessThan(2);
  return entries[0]?.senderId;
};

test('a body of several parts that are all one sender’s is kept as it came', async () => {
  const part = '{"id":"2000001","changes":[{"value":{"metadata":{"phone_number_id":"1000001"}}}]}';
  for (const entry of [`${part}, ${part}`, '{"changes":[]},{"changes":[]}', `${part},{}`]) {
    const body = Buffer.from(`{"metadata":{"phone_number_id":"1000001"},"entry":[${entry}]}`);
    const headers = { signature: signBody('app-secret', body), authorization: undefined };
    expect(await hooks.byBody(body, headers)).toEqual([{ senderId: sender.id, body }]);
  }
});

test('a number that several claim is the one’s whose own secret signed, and nobody’s without', async () => {
  const other = await buildWorld(database.db, {});
  const claimed = { phone_number_id: '1000001', waba_id: '2000001', updated_at: new Date() };
  for (const secret of [null, secrets.seal('their-secret')]) {
    await database.db
      .updateTable('senders')
      .set({ ...claimed, sealed_app_secret: secret })
      .where('id', '=', other.sender.id)
      .execute();
    now += 5_001;
    expect(await byBody(BY_PHONE, 'app-secret')).toBe(sender.id);
    expect(await byBody(BODY, 'app-secret')).toBe(sender.id);
    expect(await byBody(BY_PHONE, 'nobody')).toBeUndefined();
    expect(
      await hooks.byBody(BY_PHONE, { signature: undefined, authorization: undefined }),
    ).toEqual([]);
  }
  expect(await byBody(BY_PHONE, 'their-secret')).toBe(other.sender.id);
});

test('a deleted sender is forgotten within seconds', async () => {
  expect(await hooks.byKey(sender.hook_key)).not.toBeNull();
  await database.db.updateTable('senders').set({ deleted_at: new Date() }).execute();
  now += 5_001;
  expect(await hooks.byKey(sender.hook_key)).toBeNull();
});
