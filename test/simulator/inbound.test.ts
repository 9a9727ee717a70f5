import { readMessage } from '../../domain/inbound';
import { eventually } from '../support/eventually';
import { startReceiver, type Receiver } from '../support/receiver';
import { META_NUMBER, startSimulator, type TestSimulator } from '../support/simulator';

/** What customers send, as our own reader of webhooks understands it. */

const FROM = '+14155550100';

let receiver: Receiver;
let simulator: TestSimulator;
beforeAll(async () => {
  receiver = await startReceiver();
  simulator = await startSimulator(receiver.url);
});
beforeEach(async () => {
  await simulator.sim('POST', '/reset');
  receiver.posts.splice(0);
});
afterAll(async () => {
  await simulator.close();
  await receiver.close();
});

const write = (body: object) =>
  simulator.sim<{ id: string }>('POST', '/inbound', { from: FROM, to: '1001', ...body });

async function received(body: object) {
  await write(body);
  await eventually(() => expect(receiver.updates('inbound')).toHaveLength(1));
  return receiver.updates('inbound')[0]!;
}

test.each<[string, object, object]>([
  ['text', { text: 'Hi' }, { type: 'text', text: 'Hi', spoken: true }],
  ['an image', { type: 'image', image: { caption: 'Look' } }, { type: 'image', text: 'Look' }],
  ['a voice message', { type: 'audio' }, { type: 'audio', text: null, spoken: true }],
  [
    'a document',
    { type: 'document', document: { filename: 'a.pdf' } },
    { type: 'document', text: 'a.pdf' },
  ],
  ['a sticker', { type: 'sticker' }, { type: 'sticker', spoken: true }],
  [
    'a place',
    { type: 'location', location: { latitude: 1, longitude: 2, name: 'Home' } },
    { type: 'location', text: 'Home' },
  ],
  [
    'contacts',
    { type: 'contacts', contacts: [{ name: { formatted_name: 'Bob' } }] },
    { type: 'contacts', text: 'Bob' },
  ],
  [
    'an order',
    { type: 'order', order: { catalog_id: 'c', text: 'Please', product_items: [] } },
    { type: 'order', text: 'Please' },
  ],
  [
    'a reaction',
    { type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '👍' } },
    { type: 'reaction', text: '👍', contextWamid: 'wamid.A' },
  ],
  [
    'a tapped quick reply',
    { type: 'button', button: { text: 'Yes', payload: 'y' }, context: { id: 'wamid.A' } },
    { type: 'button', text: 'Yes', contextWamid: 'wamid.A' },
  ],
  [
    'a tapped button',
    {
      type: 'interactive',
      interactive: { type: 'button_reply', button_reply: { id: 'y', title: 'Yes' } },
    },
    { type: 'interactive', text: 'Yes' },
  ],
  [
    'a chosen row',
    {
      type: 'interactive',
      interactive: { type: 'list_reply', list_reply: { id: '1', title: 'Tea' } },
    },
    { type: 'interactive', text: 'Tea' },
  ],
  [
    'the answers of a form',
    {
      type: 'interactive',
      interactive: {
        type: 'nfm_reply',
        nfm_reply: { name: 'flow', body: 'Sent', response_json: { seats: 2 } },
      },
    },
    { type: 'interactive', text: 'Sent' },
  ],
  ['something unsupported', { type: 'unsupported' }, { type: 'unsupported', spoken: true }],
  ['a type of the future', { type: 'hologram', hologram: {} }, { type: 'unsupported' }],
  [
    'a changed number',
    { type: 'system', system: { type: 'user_changed_number', wa_id: '14155550199' } },
    { type: 'system', spoken: false },
  ],
  [
    'a correction',
    {
      type: 'edit',
      edit: {
        original_message_id: 'wamid.A',
        message: { type: 'text', text: { body: 'Hello' } },
      },
    },
    { type: 'edit', contextWamid: 'wamid.A', spoken: false },
  ],
  [
    'a deletion',
    { type: 'revoke', revoke: { original_message_id: 'wamid.A' } },
    { type: 'revoke', contextWamid: 'wamid.A', spoken: false },
  ],
])('%s is told and read', async (_what, body, expected) => {
  const update = await received(body);
  expect(update).toMatchObject({ from: FROM, phoneNumberId: '1001' });
  expect(readMessage(update)).toMatchObject(expected);
});

test('the answers of a form are JSON in text, and an answer names whose message it answers', async () => {
  const update = await received({
    type: 'interactive',
    interactive: { type: 'nfm_reply', nfm_reply: { response_json: { seats: 2 } } },
    context: { id: 'wamid.A' },
  });
  expect(update.raw).toMatchObject({
    interactive: { nfm_reply: { response_json: '{"seats":2}' } },
    context: { id: 'wamid.A', from: '15550001001' },
  });
});

test('a click on an advertisement comes along', async () => {
  const referral = { source_type: 'ad', source_id: '7', ctwa_clid: 'x' };
  const update = await received({ text: 'Hi', referral });
  expect(update.raw).toMatchObject({ referral });
});

test.each([
  ['phone', { from: FROM, bsuid: null }],
  ['both', { from: FROM, bsuid: expect.stringMatching(/^US\.\d{20}$/) }],
  ['bsuid', { from: null, bsuid: expect.stringMatching(/^US\.\d{20}$/) }],
])('a customer is named by %s', async (identity, expected) => {
  await simulator.sim('PUT', '/faults', { identity });
  const update = await received({ text: 'Hi' });
  expect(update).toMatchObject(expected);
  const raw = JSON.parse(receiver.posts[0]!.raw.toString());
  const [contact] = raw.entry[0].changes[0].value.contacts;
  expect('wa_id' in contact).toBe(expected.from !== null);
  expect('user_id' in contact).toBe(expected.bsuid !== null);
});

test('a customer without a number is answered by id: the window is the same, the statuses hide it', async () => {
  await simulator.sim('PUT', '/faults', { identity: 'bsuid', sent_ms: 5 });
  const { bsuid } = await received({ text: 'Hi' });
  const { json } = await simulator.post({
    messaging_product: 'whatsapp',
    recipient: bsuid,
    type: 'text',
    text: { body: 'Hello' },
  });
  expect(json.contacts).toEqual([{ input: bsuid, user_id: bsuid }]);
  await eventually(() =>
    expect(receiver.updates('status')[0]).toMatchObject({ status: 'sent', recipientPhone: null }),
  );
  const body = receiver.posts.at(-1)!.raw.toString();
  expect(body).toContain(`"recipient_user_id":"${bsuid}"`);
  expect(body).not.toContain('"recipient_id"');
});

test('a failed status names nobody but the number it was sent to', async () => {
  await simulator.sim('PUT', '/faults', { identity: 'both', sent_ms: 5 });
  await simulator.post({
    messaging_product: 'whatsapp',
    to: FROM,
    type: 'text',
    text: { body: 'Hello' },
  });
  await eventually(() =>
    expect(receiver.updates('status')).toMatchObject([
      { status: 'failed', errorCode: 131047, recipientPhone: FROM },
    ]),
  );
  expect(receiver.posts[0]!.raw.toString()).not.toMatch(/recipient_user_id|contacts/);
});

test('statuses carry their conversation where an older version is asked for', async () => {
  await write({ text: 'Hi' });
  const webhook = { conversation: true };
  await simulator.sim('PUT', '/faults', { sent_ms: 5, delivered_rate: 0, webhook });
  await simulator.post({
    messaging_product: 'whatsapp',
    to: FROM,
    type: 'text',
    text: { body: 'Hello' },
  });
  await eventually(() => expect(receiver.updates('status')).toHaveLength(1));
  const statuses = receiver.posts
    .flatMap(({ raw }) => JSON.parse(raw.toString()).entry[0].changes)
    .flatMap(({ value }: { value: { statuses?: object[] } }) => value.statuses ?? []);
  expect(statuses[0]).toMatchObject({
    conversation: { origin: { type: 'service' }, expiration_timestamp: expect.any(String) },
    pricing: { type: 'free_customer_service', billable: false },
  });
});

test('any other event can be sent', async () => {
  const value = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } };
  await simulator.sim('POST', '/event', { to: META_NUMBER.phone, field: 'account_update', value });
  await eventually(() => expect(receiver.updates('other')).toMatchObject([{ raw: value }]));
  await simulator.sim('POST', '/event', {
    to: '1001',
    field: 'user_id_update',
    value: { user_id_update: [{ user_id: { previous: 'US.1', current: 'US.2' } }] },
  });
  await eventually(() =>
    expect(receiver.updates('user_id')).toMatchObject([{ previous: 'US.1', current: 'US.2' }]),
  );
});

test.each([
  ['a place without degrees', { type: 'location', location: {} }],
  ['a reaction to nothing', { type: 'reaction', reaction: {} }],
  ['a system message of no kind', { type: 'system', system: {} }],
  ['an unknown switch', { type: 'user_preferences', value: 'maybe' }],
  ['media that are not base64', { type: 'image', image: { data: '%' } }],
])('%s is a mistake of the developer', async (_what, body) => {
  await expect(write(body)).rejects.toThrow();
});

test('what is wrong is told in one sentence', async () => {
  await expect(write({ to: '+15550009999', text: 'Hi' })).rejects.toThrow(
    '{"error":"No number +15550009999 is registered."}',
  );
});
