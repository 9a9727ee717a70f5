import type { Db } from '../../db/connect';
import { createSecretBox } from '../../runtime/secretBox';
import { applyWebhooks } from '../../usecases/webhookRelay';
import { signBody } from '../../wire/signature';
import { startApi, type TestApi } from '../support/api';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { inboundBody, Mail, text } from '../support/inbound';

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

describe('one body for several numbers', () => {
  type Envelope = { object: string; entry: object[] };
  const to = (world: World, ...messages: Record<string, unknown>[]): object[] =>
    messages.flatMap((message) => {
      const body = inboundBody(world, { phone: '16505550001' }, message) as Envelope;
      return body.entry;
    });
  const post = (entry: object[], secret = 'app-secret') => {
    const body = Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry }));
    return api.call('POST', '/hooks/whatsapp', body, {
      'X-Hub-Signature-256': signBody(secret, body),
    });
  };
  const received = async (world: World) =>
    (await new Mail(db, world).messages())
      .map((message) => message.text ?? '')
      .toSorted((a, b) => a.localeCompare(b));
  const relay = async () => {
    while ((await applyWebhooks(db)) > 0);
  };
  const setAside = () => db.selectFrom('webhook_inbox').select(['sender_id', 'problem']).execute();

  beforeEach(() => db.deleteFrom('webhook_inbox').execute());

  test('tells each sender what is its own, once, whoever’s accounts they are', async () => {
    const entry = [...to(one, text('a')), ...to(two, text('b'), text('c')), ...to(one, text('d'))];
    expect((await post(entry)).status).toBe(200);
    expect((await post(entry)).status).toBe(200);
    await relay();
    expect(await received(one)).toEqual(['a', 'd']);
    expect(await received(two)).toEqual(['b', 'c']);
    expect(await setAside()).toEqual([]);
  });

  test('in one entry is divided by its changes', async () => {
    const changes = [...to(one, text('a')), ...to(two, text('b'))].flatMap(
      (entry) => (entry as { changes: object[] }).changes,
    );
    expect((await post([{ id: '2000001', changes }])).status).toBe(200);
    await relay();
    expect([await received(one), await received(two)]).toEqual([['a'], ['b']]);
  });

  test('is for those whose secret signed it, and the rest is set aside beside them', async () => {
    const stranger = { ...one, sender: { ...one.sender, phone_number_id: '999' } };
    const entry = [...to(stranger, text('x')), ...to(two, text('b')), ...to(one, text('a'))];
    await db
      .updateTable('senders')
      .set({ sealed_app_secret: secrets.seal('another secret') })
      .where('id', '=', one.sender.id)
      .execute();
    expect((await post(entry, 'nobody’s')).status).toBe(404);
    expect((await post(entry)).status).toBe(200);
    await relay();
    expect([await received(one), await received(two)]).toEqual([[], ['b']]);
    const problem = 'message to an unknown number';
    expect(await setAside()).toEqual([{ sender_id: two.sender.id, problem }]);
  });

  test('goes by the business account where no number is named', async () => {
    const wabas = [
      [one, '31'],
      [two, '32'],
    ] as const;
    for (const [world, waba_id] of wabas) {
      const own = { waba_id, phone_number_id: null };
      await db.updateTable('senders').set(own).where('id', '=', world.sender.id).execute();
    }
    const about = (id: string) => ({
      id,
      changes: [{ field: 'account_update', value: { event: 'X' } }],
    });
    expect((await post([about('31'), about('32')])).status).toBe(200);
    const rows = await db.selectFrom('webhook_inbox').select(['sender_id', 'body']).execute();
    const told = rows.map(({ sender_id, body }) => [sender_id, JSON.parse(body.toString())]);
    expect(new Map(told as [string, object][])).toEqual(
      new Map([
        [one.sender.id, { object: 'whatsapp_business_account', entry: [about('31')] }],
        [two.sender.id, { object: 'whatsapp_business_account', entry: [about('32')] }],
      ]),
    );
  });

  test('names only what can be an id: anything else goes with the rest', async () => {
    const odd = { object: 'odd', metadata: { phone_number_id: '1\u0000' } };
    const changes = [{ field: 'messages', value: odd }];
    const other = { id: 7, changes };
    expect((await post([...to(one, text('a')), ...to(two, text('b')), other])).status).toBe(200);
    const rows = await db.selectFrom('webhook_inbox').select(['sender_id', 'body']).execute();
    const first = rows.find(({ sender_id }) => sender_id === one.sender.id);
    expect(JSON.parse(first?.body.toString() ?? '')).toMatchObject({ entry: [{ id: '1' }, other] });
    expect(rows).toHaveLength(2);
  });

  test.each([
    ['cannot be read', '', 'not JSON'],
    ['is nested too deep', `,"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'nested too deep'],
  ])('that %s is kept as it came', async (_what, rest, problem) => {
    const body = Buffer.from(
      `{"entry":[],"phone_number_id":"111","x":{"phone_number_id":"222"}${rest}`,
    );
    const headers = { 'X-Hub-Signature-256': signBody('app-secret', body) };
    expect((await api.call('POST', '/hooks/whatsapp', body, headers)).status).toBe(200);
    await relay();
    expect(await setAside()).toEqual([{ sender_id: one.sender.id, problem }]);
  });
});
