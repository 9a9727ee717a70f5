import { json } from '../../../db/connect';
import { buildWorld } from '../../support/build';
import { openWindow } from '../../support/direct';
import { bearer, buildChat, LIST, startInbox, type InboxWorld } from '../../support/inbox';

const TEMPLATE = '/v1/messaging/messages/template';
const ADA = '+2348012345678';

let inbox: InboxWorld;
let chat: string;

beforeEach(async () => {
  inbox = await startInbox();
  chat = await openWindow(inbox.db, inbox.world, ADA);
  await inbox.db
    .updateTable('templates')
    .set({
      name: 'order_shipped',
      body: 'Your order {{order_id}} has shipped and arrives on {{eta}}.',
      placeholders: ['order_id', 'eta'],
    })
    .execute();
});

afterEach(() => inbox.close());

const say = (text: string) => inbox.call('POST', `${LIST}/${chat}/messages`, { text });

const template = (changes: object = {}) => ({
  business_whatsapp_number_id: inbox.world.sender.id,
  phone: ADA,
  template_key: 'order_shipped',
  customer_name: 'Ada Lovelace',
  variables: { order_id: '1234', eta: 'Friday' },
  ...changes,
});

const contents = async () => {
  const rows = await inbox.db.selectFrom('messages').select('content').orderBy('id').execute();
  return rows.map(({ content }) => content);
};

test('the documented answer to a customer', async () => {
  const text = 'Your order #1234 shipped today and arrives Friday.';
  const { status, body } = await say(text);
  expect(status).toBe(201);
  expect(body).toEqual({
    message: 'Message sent',
    data: {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      conversationId: chat,
      direction: 'outbound',
      messageType: 'text',
      text,
      deliveryStatus: 'pending',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    },
  });
  expect(Object.keys(body.data).slice(0, 5)).toEqual([
    'id',
    'conversationId',
    'direction',
    'messageType',
    'text',
  ]);
  const { conversationId: _, ...shown } = body.data;
  const history = await inbox.call('GET', `${LIST}/${chat}`);
  expect(history.body.data).toMatchObject({ mode: 'ai', messages: [shown] });
  expect(inbox.api.signaled).toEqual([`sender/${inbox.world.sender.id}`]);
});

test('the documented template opens a conversation with a customer of that name', async () => {
  const { status, body } = await inbox.call(
    'POST',
    TEMPLATE,
    template({ phone: '+2348012340000' }),
  );
  expect(status).toBe(201);
  expect(body).toMatchObject({
    message: 'Message sent',
    data: {
      direction: 'outbound',
      messageType: 'template',
      text: 'Your order 1234 has shipped and arrives on Friday.',
      templateKey: 'order_shipped',
      deliveryStatus: 'pending',
    },
  });
  const { conversationId, ...shown } = body.data;
  const { data } = (await inbox.call('GET', `${LIST}/${conversationId}`)).body;
  expect(data).toMatchObject({
    customerPhone: '+2348012340000',
    customerName: 'Ada Lovelace',
    windowClosesAt: null,
    messages: [shown],
  });
});

test('a customer who is known keeps conversation and name', async () => {
  const named = { phone: '+2348011110000', first_name: 'Grace' };
  const { id } = await buildChat(inbox.db, inbox.world, named);
  const first = await inbox.call('POST', TEMPLATE, template({ phone: named.phone }));
  expect(first.body.data.conversationId).toBe(id);
  const nameless = await inbox.call('POST', TEMPLATE, template());
  expect(nameless.body.data.conversationId).toBe(chat);
  const names = await Promise.all(
    [id, chat].map(async (one) => (await inbox.call('GET', `${LIST}/${one}`)).body.data),
  );
  expect(names.map(({ customerName }) => customerName)).toEqual(['Grace', null]);
});

test('a long name is cut to what a contact may have', async () => {
  const phone = '+2348012340001';
  const { body } = await inbox.call(
    'POST',
    TEMPLATE,
    template({ phone, customer_name: ` ${'ö'.repeat(50)}` }),
  );
  const { data } = (await inbox.call('GET', `${LIST}/${body.data.conversationId}`)).body;
  expect(data.customerName).toBe('ö'.repeat(32));
});

test('a text is counted and sent as it is', async () => {
  const text = ` ${'🎉'.repeat(4094)} `;
  expect((await say(text)).body.data.text).toBe(text);
  expect(await contents()).toEqual([{ type: 'text', body: text }]);
});

test('a template goes out in the language it is approved in', async () => {
  const { id: _, ...row } = inbox.world.template;
  const languages = [
    { language: 'de', status: 'rejected' as const },
    { language: 'fr', status: 'approved' as const },
  ];
  await inbox.db.deleteFrom('campaigns').execute();
  await inbox.db.deleteFrom('templates').execute();
  for (const { language, status } of languages) {
    const { header: _header, cards: _cards, library: _library, buttons, examples, ...plain } = row;
    await inbox.db
      .insertInto('templates')
      .values({
        ...plain,
        buttons: json(buttons),
        examples: json(examples),
        name: 'order_shipped',
        language,
        status,
      })
      .execute();
  }
  expect((await inbox.call('POST', TEMPLATE, template())).status).toBe(201);
  expect(await contents()).toMatchObject([{ name: 'order_shipped', language: 'fr' }]);
});

test('numbers of one WhatsApp account share their templates, others do not', async () => {
  const { db, world } = inbox;
  const { id: otherId } = await db
    .insertInto('senders')
    .values({
      account_id: world.accountId,
      name: 'Second',
      phone: '+15550000002',
      provider_kind: 'cloud_api',
      provider_base_url: 'http://127.0.0.1:1',
      waba_id: 'another',
      sealed_token: 'token',
      hook_key: 'second',
      window_policy: 'customer_message',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db.updateTable('templates').set({ sender_id: otherId }).execute();
  expect((await inbox.call('POST', TEMPLATE, template())).body.error).toBe('template_not_found');
  await db.updateTable('senders').set({ waba_id: world.sender.waba_id }).execute();
  expect((await inbox.call('POST', TEMPLATE, template())).status).toBe(201);
});

test('extra variables are ignored, numbers are text', async () => {
  const variables = { order_id: 1234, eta: 'Friday', colour: 'red' };
  const { body } = await inbox.call('POST', TEMPLATE, template({ variables }));
  expect(body.data.text).toBe('Your order 1234 has shipped and arrives on Friday.');
});

test('what was deleted is not shown any more', async () => {
  const { body } = await say('Hello');
  await inbox.db
    .updateTable('messages')
    .set({ deleted_at: new Date() })
    .where('id', '=', body.data.id)
    .execute();
  expect((await inbox.call('GET', `${LIST}/${chat}`)).body.data.messages).toEqual([]);
});

test('a repeated send with its Idempotency-Key is one message', async () => {
  const call = (path: string, body: object) =>
    inbox.api.call('POST', path, body, {
      Authorization: `Bearer ${inbox.api.key}`,
      'Idempotency-Key': 'reply-1',
    });
  for (const [path, one, other] of [
    [`${LIST}/${chat}/messages`, { text: 'Hello' }, { text: 'Bye' }],
    [TEMPLATE, template(), template({ phone: '+2348012349999' })],
  ] as const) {
    const first = await call(path, one);
    const again = await call(path, one);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await call(path, other)).body.error).toBe('idempotency_key_reused');
    await inbox.db.updateTable('idempotency_keys').set({ status: null }).execute();
    expect((await call(path, one)).body.error).toBe('request_in_progress');
  }
  expect(await contents()).toHaveLength(2);
});

test('a refusal is replayed as well, once the window has opened', async () => {
  const closed = await openWindow(inbox.db, inbox.world, '+2348012349999', new Date(0));
  const call = () =>
    inbox.api.call(
      'POST',
      `${LIST}/${closed}/messages`,
      { text: 'Hello' },
      { Authorization: `Bearer ${inbox.api.key}`, 'Idempotency-Key': 'late' },
    );
  expect((await call()).body.error).toBe('outside_service_window');
  await openWindow(inbox.db, inbox.world, '+2348012349999');
  const again = await call();
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([422, 'true']);
});

test("another account's conversation and number are not there", async () => {
  const other = await buildWorld(inbox.db, { recipients: 0 });
  const { id } = await buildChat(inbox.db, other, { phone: ADA });
  const foreign = { business_whatsapp_number_id: other.sender.id };
  const call = bearer(inbox.api, inbox.api.key);
  expect((await call('POST', `${LIST}/${id}/messages`, { text: 'x' })).body.error).toBe(
    'not_found',
  );
  expect((await call('POST', TEMPLATE, template(foreign))).body.error).toBe('not_found');
});
