import type { Db } from '../../db/connect';
import { createSecretBox } from '../../runtime/secretBox';
import { startApi, type TestApi } from '../support/api';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

const secrets = createSecretBox(Buffer.alloc(32, 7).toString('base64'));

let database: TestDatabase;
let db: Db;
let api: TestApi;
let one: World;
let two: World;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());

beforeEach(async () => {
  await db.updateTable('senders').set({ deleted_at: new Date() }).execute();
  const options = { appSecret: 'app-secret', sealed: (plain: string) => secrets.seal(plain) };
  one = await buildWorld(db, { ...options, recipients: 0, phoneNumberId: '111' });
  two = await buildWorld(db, { ...options, recipients: 0, phoneNumberId: '222' });
  api = await startApi(db, { accountId: one.accountId });
});
afterEach(() => api.close());

describe('a subscription check', () => {
  const change = (world: World, values: object) =>
    db.updateTable('senders').set(values).where('id', '=', world.sender.id).execute();
  const ask = (place: string, token: string, mode = 'subscribe') => {
    const hub = { 'hub.mode': mode, 'hub.challenge': 'echo this', 'hub.verify_token': token };
    return api.call('GET', `/hooks/whatsapp${place}?${new URLSearchParams(hub).toString()}`);
  };

  beforeEach(async () => {
    await change(one, { sealed_verify_token: secrets.seal('token of one') });
    await change(two, { sealed_verify_token: secrets.seal('token of two') });
  });

  test('at the hook of one sender is answered for its own token alone', async () => {
    const place = `/${one.sender.hook_key}`;
    expect(await ask(place, 'token of one')).toMatchObject({ status: 200, body: 'echo this' });
    expect((await ask(place, 'token of two')).status).toBe(403);
    expect((await ask('/nobody', 'token of one')).status).toBe(403);
  });

  test('at the hook of all senders is answered for the token of any', async () => {
    for (const token of ['token of one', 'token of two']) {
      const answer = await ask('', token);
      expect(answer).toMatchObject({ status: 200, body: 'echo this' });
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    }
    expect((await ask('', 'token of three')).status).toBe(403);
    expect((await ask('', '')).status).toBe(403);
    expect((await ask('', 'token of one', 'unsubscribe')).status).toBe(403);
    expect((await api.call('GET', '/hooks/whatsapp')).status).toBe(403);
  });

  test('is not answered for who is gone, nor for the header of 360dialog’s webhooks', async () => {
    await change(one, { deleted_at: new Date() });
    await change(two, { provider_kind: '360dialog' });
    expect((await ask('', 'token of one')).status).toBe(403);
    expect((await ask('', 'token of two')).status).toBe(403);
  });

  test('does not fail because of a token that cannot be opened', async () => {
    await change(one, { sealed_verify_token: 'sealed by somebody else' });
    expect((await ask('', 'token of two')).status).toBe(200);
  });
});
