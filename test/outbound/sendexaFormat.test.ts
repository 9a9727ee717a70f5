import { createHmac } from 'node:crypto';
import type { EventDetail, EventKind } from '../../domain/event';
import { formatOf } from '../../outbound/formats/registry';

const AT = new Date('2024-01-15T10:30:03.250Z');
const UUID = '0193b2e1-7c7a-7000-8000-000000000001';
const HEX = UUID.replaceAll('-', '');

const EVENT: EventDetail = {
  id: UUID,
  kind: 'message.delivered',
  accountId: UUID,
  at: AT,
  recordedAt: AT,
  conversationId: UUID,
  campaignId: null,
  assigneeId: null,
  closesAt: null,
  status: null,
  reason: null,
  message: {
    id: UUID,
    direction: 'outbound',
    type: 'text',
    text: 'Hello',
    template: null,
    clientData: null,
    wamid: 'wamid.1',
    cloudId: null,
    answersCloudId: null,
    raw: null,
    createdAt: AT,
  },
  charge: {},
  template: null,
  customerPhone: '+233244000000',
  customerBsuid: null,
  customerName: null,
  senderPhone: '+15550000001',
  senderNumberId: '1001',
  senderWabaId: '2001',
};

const sendexa = formatOf('sendexa');
const render = (kind: EventKind, changes: Partial<EventDetail> = {}) =>
  sendexa.render({ ...EVENT, kind, ...changes });

test.each(['sent', 'delivered', 'read'] as const)('a message that was %s', (status) => {
  expect(render(`message.${status}`)).toEqual({
    event: `message.${status}`,
    data: {
      messageId: `exa_wa_${HEX}`,
      wamid: 'wamid.1',
      status,
      to: '233244000000',
      from: '15550000001',
      type: 'text',
    },
    timestamp: '2024-01-15T10:30:03Z',
    version: '1',
  });
});

test.each([
  ['131026', 'WA002'],
  ['131047', 'WA003'],
  ['outside_service_window', 'WA003'],
  ['131053', 'WA004'],
  ['130429', 'WA005'],
  ['368', 'WA006'],
  ['blocked', 'RECIPIENT_OPTED_OUT'],
  ['sender_deleted', 'MESSAGE_FAILED'],
  [null, 'MESSAGE_FAILED'],
])('a message that failed because of %s shows %s', (reason, code) => {
  expect(render('message.failed', { reason })).toMatchObject({
    event: 'message.failed',
    data: { status: 'failed', error: { code, message: expect.stringMatching(/not sent: ./) } },
  });
});

test("a campaign's message goes by its reference", () => {
  const message = { ...EVENT.message!, id: `c.${UUID}.7`, type: 'template' };
  expect(render('message.sent', { message, campaignId: UUID })).toMatchObject({
    data: { messageId: `c.${UUID}.7`, campaignId: UUID, type: 'template' },
  });
});

test('what a customer wrote, without the address of its file', () => {
  const raw = {
    id: 'wamid.2',
    type: 'image',
    image: { id: '17', url: 'https://x', caption: 'Hi' },
  };
  const message = {
    ...EVENT.message!,
    direction: 'inbound',
    type: 'image',
    text: 'Hi',
    raw,
  } as const;
  expect(render('message.received', { message, customerName: 'Kofi' })).toEqual({
    event: 'message.inbound',
    data: {
      messageId: `exa_wa_${HEX}`,
      wamid: 'wamid.1',
      from: '233244000000',
      to: '15550000001',
      displayName: 'Kofi',
      type: 'image',
      text: 'Hi',
      content: { id: '17', caption: 'Hi' },
    },
    timestamp: '2024-01-15T10:30:03Z',
    version: '1',
  });
  const hidden = { customerPhone: null, customerBsuid: 'US.abc' };
  expect(render('message.received', hidden)).toMatchObject({ data: { from: 'US.abc' } });
});

test('a template whose review is over', () => {
  const template = { id: UUID, name: 'order', language: 'en', category: 'UTILITY' };
  const told = { message: null, template, status: 'rejected', reason: 'INVALID_FORMAT' };
  expect(render('template.status', told)).toMatchObject({
    event: 'template.status',
    data: {
      templateId: `tpl_wa_${HEX}`,
      name: 'order',
      language: 'en',
      category: 'UTILITY',
      status: 'REJECTED',
      reason: 'INVALID_FORMAT',
    },
  });
  expect(render('template.status', { ...told, status: 'in_review' })).toMatchObject({
    data: { status: 'PENDING' },
  });
});

test('is signed over the body in both headers, and tells which attempt it is', () => {
  const body = '{"text":"Grüße"}';
  const mac = createHmac('sha256', 'secret').update(body, 'utf8').digest('hex');
  const signing = { secret: 'secret', body, at: AT, attempt: 2, eventId: UUID, event: 'word' };
  expect(sendexa.headers(signing)).toEqual({
    'X-Signature': `sha256=${mac}`,
    'X-Signature-Version': '1',
    'X-Sendexa-Signature': mac,
    'X-Webhook-ID': UUID,
    'X-Timestamp': '2024-01-15T10:30:03.250Z',
    'X-Attempt': '2',
  });
});

test('is tried again after 5 s, 30 s, 5 min, 30 min, 2 h, 6 h, and given 5 s to answer', () => {
  const seconds = [1, 2, 3, 4, 5, 6].map((n) => sendexa.delayAfter(n)! / 1_000);
  expect(seconds).toEqual([5, 30, 300, 1_800, 7_200, 21_600]);
  expect(sendexa.delayAfter(7)).toBeNull();
  expect(sendexa.timeoutMs).toBe(5_000);
});
