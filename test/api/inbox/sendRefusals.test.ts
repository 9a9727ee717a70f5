import { openWindow } from '../../support/direct';
import { ABSENT, expectError, LIST, startInbox, type InboxWorld } from '../../support/inbox';
import { NASTY } from '../../support/nasty';

const TEMPLATE = '/v1/messaging/messages/template';
const ADA = '+2348012345678';

let inbox: InboxWorld;
let messages: string;

beforeAll(async () => {
  inbox = await startInbox();
  messages = `${LIST}/${await openWindow(inbox.db, inbox.world, ADA)}/messages`;
  await inbox.db
    .updateTable('templates')
    .set({
      name: 'order_shipped',
      body: 'Order {{order_id}} arrives {{eta}}.',
      placeholders: ['order_id', 'eta'],
    })
    .execute();
});

afterAll(() => inbox.close());

const template = (changes: object = {}) => ({
  business_whatsapp_number_id: inbox.world.sender.id,
  phone: ADA,
  template_key: 'order_shipped',
  variables: { order_id: '1234', eta: 'Friday' },
  ...changes,
});

const stored = async () => (await inbox.db.selectFrom('messages').select('id').execute()).length;

test.each([
  [{}],
  [{ text: null }],
  [{ text: '' }],
  [{ text: ' \n\t ' }],
  [{ text: 5 }],
  [{ text: ['x'] }],
  [{ text: 'a\0' }],
  [{ text: 'a\ud800' }],
  [{ text: 'x'.repeat(4097) }],
  [{ text: `x${' '.repeat(4096)}` }],
])('no text is made of %j', async (body) => {
  const answer = await inbox.call('POST', messages, body);
  expectError(answer, 422, 'validation_error');
  expect(answer.body.errors).toEqual([{ field: 'text', message: expect.any(String) }]);
});

test.each<[string, object, string]>([
  ['no number', { business_whatsapp_number_id: undefined }, 'business_whatsapp_number_id'],
  [
    'a number that is no uuid',
    { business_whatsapp_number_id: 'wn1' },
    'business_whatsapp_number_id',
  ],
  ['no phone', { phone: undefined }, 'phone'],
  ['a phone without plus', { phone: '2348012345678' }, 'phone'],
  ['a phone with blanks', { phone: '+234 801 234 5678' }, 'phone'],
  ['a phone that begins with 0', { phone: '+02348012345678' }, 'phone'],
  ['a phone that is too long', { phone: '+1234567890123456' }, 'phone'],
  ['a phone that is a JSON number', { phone: 2348012345678 }, 'phone'],
  ['no template', { template_key: undefined }, 'template_key'],
  ['a blank template', { template_key: ' ' }, 'template_key'],
  ['a long template', { template_key: 'x'.repeat(513) }, 'template_key'],
  ['a name of another type', { customer_name: 5 }, 'customer_name'],
  ['a name with a line break', { customer_name: 'a\nb' }, 'customer_name'],
  ['a long name', { customer_name: 'x'.repeat(101) }, 'customer_name'],
  ['variables that are a list', { variables: ['1'] }, 'variables'],
  ['a variable that is an object', { variables: { eta: {} } }, 'variables.eta'],
  ['no variables', { variables: undefined }, 'variables.order_id'],
  ['a missing variable', { variables: { order_id: '1' } }, 'variables.eta'],
  ['a blank variable', { variables: { order_id: '1', eta: ' ' } }, 'variables.eta'],
  [
    'a variable that breaks the line',
    { variables: { order_id: '1', eta: 'a\nb' } },
    'variables.eta',
  ],
  [
    'a variable that is too long',
    { variables: { order_id: '1', eta: 'x'.repeat(2000) } },
    'variables.eta',
  ],
])('no template is sent with %s', async (_label, changes, field) => {
  const answer = await inbox.call('POST', TEMPLATE, template(changes));
  expectError(answer, 422, 'validation_error');
  expect(answer.body.errors).toEqual([{ field, message: expect.any(String) }]);
});

test('a missing variable is named in the message too', async () => {
  const { body } = await inbox.call('POST', TEMPLATE, template({ variables: { order_id: '1' } }));
  expect(body.message).toContain('eta');
});

test.each([ABSENT, 'x', '%00'])('there is no conversation %p to write in', async (id) => {
  const answer = await inbox.call('POST', `${LIST}/${id}/messages`, { text: 'x' });
  expectError(answer, 404, 'not_found');
});

test('unknown numbers and templates, and templates that cannot be sent', async () => {
  const unknown = template({ business_whatsapp_number_id: ABSENT });
  expectError(await inbox.call('POST', TEMPLATE, unknown), 404, 'not_found');
  const nothing = template({ template_key: 'nothing' });
  expectError(await inbox.call('POST', TEMPLATE, nothing), 404, 'template_not_found');
  const status = (to: 'paused' | 'approved') =>
    inbox.db.updateTable('templates').set({ status: to }).execute();
  await status('paused');
  expectError(await inbox.call('POST', TEMPLATE, template()), 422, 'template_not_approved');
  await status('approved');
});

test.each([
  ['never wrote', null],
  ['wrote exactly 24 hours ago', 24 * 3_600_000],
  ['wrote long ago', 48 * 3_600_000],
])('to a customer who %s nothing is sent, and nothing stored', async (_label, agoMs) => {
  const at = new Date(Date.now() - (agoMs ?? 0));
  const id = await openWindow(inbox.db, inbox.world, '+2348012340000', at);
  if (agoMs === null) {
    const never = { last_inbound_at: null, window_closes_at: null, window_open: false };
    await inbox.db.updateTable('conversations').set(never).where('id', '=', id).execute();
  }
  const before = await stored();
  const answer = await inbox.call('POST', `${LIST}/${id}/messages`, { text: 'Hello' });
  expectError(answer, 422, 'outside_service_window');
  expect(await stored()).toBe(before);
});

test('who opted out gets neither, and whom WhatsApp has shut out sends neither', async () => {
  const { db, world } = inbox;
  const blocker = { sender_id: world.sender.id, phone: ADA, source: 'inbound' };
  const both = async () => [
    await inbox.call('POST', messages, { text: 'Hello' }),
    await inbox.call('POST', TEMPLATE, template()),
  ];
  await db.insertInto('blockers').values(blocker).execute();
  for (const answer of await both()) expectError(answer, 422, 'recipient_opted_out');
  await db.deleteFrom('blockers').execute();
  await db.updateTable('senders').set({ health: 'halted', health_reason: '368' }).execute();
  for (const answer of await both()) expectError(answer, 422, 'sender_blocked');
  await db.updateTable('senders').set({ health: 'active', health_reason: null }).execute();
});

test.each([
  [['messaging:messages:send'], true],
  [['*'], true],
  [['messaging:read'], false],
  [['messaging:conversations:write', 'messaging:messages:read'], false],
  [['messages:write'], false],
])('a key with %j may send: %p', async (scopes, may) => {
  const call = await inbox.as(scopes);
  const answers = [
    await call('POST', messages, { text: 'Hello' }),
    await call('POST', TEMPLATE, template()),
  ];
  for (const answer of answers) {
    if (may) expect(answer.status).toBe(201);
    else expectError(answer, 403, 'missing_scope');
    if (!may) expect(answer.body.message).toBe('Missing required scope: messaging:messages:send');
  }
});

test('bodies and methods that are not offered', async () => {
  for (const path of [messages, TEMPLATE]) {
    for (const body of [undefined, [], 'null', '{', Buffer.from([0xff])]) {
      expectError(await inbox.call('POST', path, body), 400, 'bad_request');
    }
    const wrong = await inbox.call('GET', path);
    expectError(wrong, 405, 'method_not_allowed');
    expect(wrong.headers.get('allow')).toBe('POST');
  }
});

test('nothing a client sends is our fault', async () => {
  const key = (value: unknown) => ({
    Authorization: `Bearer ${inbox.api.key}`,
    'Idempotency-Key': String(value)
      .replace(/[^!-~]/g, '')
      .slice(0, 300),
  });
  for (const value of NASTY) {
    const replies = await inbox.call('POST', messages, { text: value });
    expect([value, replies.status < 500]).toEqual([value, true]);
    for (const field of [...Object.keys(template()), 'customer_name', '__proto__']) {
      const answer = await inbox.call('POST', TEMPLATE, template({ [field]: value }));
      expect([field, value, answer.status < 500]).toEqual([field, value, true]);
    }
    const named = await inbox.call('POST', TEMPLATE, template({ variables: { order_id: value } }));
    expect([value, named.status < 500]).toEqual([value, true]);
    const keyed = await inbox.api.call('POST', messages, { text: 'x' }, key(value));
    expect([value, keyed.status < 500]).toEqual([value, true]);
  }
});
