import { randomUUID } from 'node:crypto';
import type { EventDetail, EventKind, EventMessage } from '../../domain/event';
import { formatReference } from '../../domain/reference';
import { formatOf } from '../../outbound/formats/registry';
import { parseWebhook, verifySignature } from '../../wire/cloudApi';
import { ownCloudId } from '../../wire/cloudId';

const AT = new Date('2026-03-01T13:00:00.500Z');
const ID = randomUUID();

const MESSAGE: EventMessage = {
  id: ID,
  direction: 'outbound',
  type: 'text',
  text: 'Hi',
  template: null,
  clientData: 'order 7',
  wamid: 'wamid.provider',
  cloudId: null,
  answersCloudId: null,
  raw: null,
  createdAt: AT,
};

const EVENT: EventDetail = {
  id: randomUUID(),
  kind: 'message.delivered',
  accountId: randomUUID(),
  at: AT,
  recordedAt: AT,
  conversationId: randomUUID(),
  campaignId: null,
  assigneeId: null,
  closesAt: null,
  status: null,
  reason: null,
  message: MESSAGE,
  charge: {},
  template: null,
  customerPhone: '+16315551181',
  customerBsuid: null,
  customerName: 'Zoë Müller',
  senderPhone: '+16505551111',
  senderNumberId: '123456123',
  senderWabaId: '987',
};

const cloud = formatOf('cloud');

/** The webhook as its receiver parses it. */
function sent(kind: EventKind, changes: Partial<EventDetail> = {}) {
  const text = cloud.print!(cloud.render({ ...EVENT, kind, ...changes }));
  return { text, value: JSON.parse(text).entry[0].changes[0].value };
}

test('a receiver of the Cloud API reads it', () => {
  const { text } = sent('message.failed', { reason: '131026' });
  expect(parseWebhook(JSON.parse(text))).toMatchObject([
    { kind: 'status', wamid: 'wamid.provider', status: 'failed', errorCode: 131026 },
  ]);
});

test('a status comes in Meta’s envelope, with the data of the client and without ours', () => {
  const { text, value } = sent('message.delivered');
  expect(JSON.parse(text)).toMatchObject({
    object: 'whatsapp_business_account',
    entry: [{ id: '987', changes: [{ field: 'messages' }] }],
  });
  expect(value).toEqual({
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '16505551111', phone_number_id: '123456123' },
    contacts: [{ profile: { name: 'Zoë Müller' }, wa_id: '16315551181' }],
    statuses: [
      {
        id: 'wamid.provider',
        status: 'delivered',
        timestamp: '1772370000',
        recipient_id: '16315551181',
        biz_opaque_callback_data: 'order 7',
      },
    ],
  });
});

test('a status carries the price as the provider told it', () => {
  const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' };
  const conversation = { id: 'c1', origin: { type: 'utility' } };
  const { value } = sent('message.delivered', { charge: { pricing, conversation } });
  expect(value.statuses[0]).toMatchObject({ status: 'delivered', pricing, conversation });
});

describe('a template whose status changed', () => {
  const template = { id: ID, name: 'spring', language: 'en_US', category: 'MARKETING' };
  const told = (status: string, reason: string | null) => {
    const event = { ...EVENT, kind: 'template.status', message: null, template } as const;
    return JSON.parse(cloud.print!(cloud.render({ ...event, status, reason })));
  };

  test('is told in the field that Meta has for it, at the time of its entry', () => {
    const body = told('rejected', 'INVALID_FORMAT');
    expect(body).toEqual({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '987',
          time: 1772370000,
          changes: [
            {
              field: 'message_template_status_update',
              value: {
                event: 'REJECTED',
                message_template_id: ID,
                message_template_name: 'spring',
                message_template_language: 'en_US',
                message_template_category: 'MARKETING',
                reason: 'INVALID_FORMAT',
              },
            },
          ],
        },
      ],
    });
    expect(parseWebhook(body)).toMatchObject([
      { kind: 'template_status', name: 'spring', event: 'REJECTED', reason: 'INVALID_FORMAT' },
    ]);
  });

  test.each([
    ['approved', null, 'APPROVED', {}],
    ['in_review', null, 'PENDING', {}],
    ['paused', 'provider_132015', 'PAUSED', {}],
    ['disabled', null, 'DISABLED', {}],
    ['rejected', 'Too vague.', 'REJECTED', { rejection_info: { reason: 'Too vague.' } }],
  ])('as %s, because of %p', (status, reason, event, more) => {
    const { value } = told(status, reason).entry[0].changes[0];
    expect(value).toMatchObject({ event, reason: 'NONE', ...more });
    expect('rejection_info' in value).toBe('rejection_info' in more);
  });
});

test('the body is pure ASCII, and signed as such', () => {
  const { text } = sent('message.read');
  expect(text).toContain('Zo\\u00eb M\\u00fcller');
  expect(Buffer.from(text)).toHaveLength(text.length);
  const signing = {
    secret: 's',
    body: text,
    at: AT,
    attempt: 1,
    eventId: ID,
    event: 'messages',
  };
  const { 'X-Hub-Signature-256': signature } = cloud.headers(signing);
  expect(verifySignature('s', Buffer.from(text), signature)).toBe(true);
  expect(formatOf('360dialog').headers(signing)).toEqual({});
});

test('an id that was told stays the id of the message', () => {
  const told = { ...MESSAGE, cloudId: 'wamid.told' };
  expect(sent('message.read', { message: told }).value.statuses[0].id).toBe('wamid.told');
  const unnamed = { ...MESSAGE, wamid: null };
  expect(sent('message.failed', { message: unnamed }).value.statuses[0].id).toBe(ownCloudId(ID));
});

test('messages of campaigns that the provider never named have ids of their own', () => {
  const ids = [1, 2].map((position) => {
    const message = { ...MESSAGE, wamid: null, id: formatReference(ID, position) };
    return sent('message.failed', { message }).value.statuses[0].id;
  });
  expect(new Set([...ids, ownCloudId(ID)]).size).toBe(3);
});

test.each([
  ['131026', 131026, 'Message undeliverable'],
  ['outside_service_window', 131047, 'Re-engagement message'],
  ['blocked', 131050, 'User has stopped receiving marketing messages'],
  ['sender_deleted', 131000, 'Something went wrong'],
  ['-401', 131000, 'Something went wrong'],
])('a failure for %s is told as %i, without contacts', (reason, code, title) => {
  const { value } = sent('message.failed', { reason });
  expect(value).not.toHaveProperty('contacts');
  expect(value.statuses[0]).toMatchObject({
    status: 'failed',
    errors: [{ code, title, message: title, error_data: { details: expect.any(String) } }],
  });
});

describe('what a customer wrote', () => {
  const inbound = (raw: EventMessage['raw'], changes: Partial<EventMessage> = {}) =>
    sent('message.received', {
      message: { ...MESSAGE, direction: 'inbound', raw, ...changes },
    }).value;
  const from = '16315551181';

  test('is passed on as it came', () => {
    const raw = { from, id: 'wamid.in', timestamp: '1', type: 'text', text: { body: 'Grüße' } };
    const value = inbound(raw);
    expect(value.messages).toEqual([raw]);
    expect(value.contacts).toEqual([{ profile: { name: 'Zoë Müller' }, wa_id: from }]);
  });

  test('answers the message by the id that the client was told', () => {
    const context = { from: '16505551111', id: 'wamid.provider' };
    const raw = { from, id: 'wamid.in', type: 'button', button: { text: 'Yes' }, context };
    expect(inbound(raw, { answersCloudId: 'wamid.told' }).messages[0]).toEqual({
      ...raw,
      context: { ...context, id: 'wamid.told' },
    });
    const reaction = { message_id: 'wamid.provider', emoji: '👍' };
    const reacted = { from, id: 'wamid.in', type: 'reaction', reaction };
    expect(inbound(reacted, { answersCloudId: 'wamid.told' }).messages[0].reaction).toEqual({
      message_id: 'wamid.told',
      emoji: '👍',
    });
  });

  test('has no addresses that do not open with our keys', () => {
    const image = { id: '5', mime_type: 'image/png', url: 'https://lookaside.fbsbx.com/5' };
    const raw = { from, id: 'wamid.in', type: 'image', image };
    expect(inbound(raw).messages[0].image).toEqual({ id: '5', mime_type: 'image/png' });
  });
});

test('customers whose number is hidden are known by their id', () => {
  const { value } = sent('message.sent', { customerPhone: null, customerBsuid: 'US.123' });
  expect(value.statuses[0]).toMatchObject({ status: 'sent', recipient_user_id: 'US.123' });
  expect(value.statuses[0]).not.toHaveProperty('recipient_id');
  expect(value.contacts).toEqual([{ profile: { name: 'Zoë Müller' }, user_id: 'US.123' }]);
});

test('tries again after 5, 10, 20 seconds … and every six hours', () => {
  expect([1, 2, 3].map((n) => cloud.delayAfter(n))).toEqual([5_000, 10_000, 20_000]);
  expect([14, 15, 100].map((n) => cloud.delayAfter(n))).toEqual([
    21_600_000, 21_600_000, 21_600_000,
  ]);
});
