import { createHmac } from 'node:crypto';
import { EVENT_KINDS, type EventDetail, type EventKind } from '../../domain/event';
import type { Signing } from '../../outbound/format';
import { FORMAT_NAMES, formatOf } from '../../outbound/formats/registry';

const ID = '0193b2e1-7c7a-7000-8000-000000000001';
const AT = new Date('2026-03-01T13:00:00.500Z');

const EVENT: EventDetail = {
  id: ID,
  kind: 'message.received',
  accountId: 'account',
  at: AT,
  recordedAt: new Date('2026-03-01T13:00:02.000Z'),
  conversationId: 'conversation',
  campaignId: null,
  assigneeId: null,
  closesAt: null,
  status: null,
  reason: null,
  message: {
    id: 'message',
    direction: 'inbound',
    type: 'text',
    text: 'Grüße',
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
  customerPhone: '+1222444444',
  customerBsuid: null,
  customerName: null,
  senderPhone: '+1222333333',
  senderNumberId: '1001',
  senderWabaId: '2001',
};

const SIGNING: Signing = {
  secret: 'secret',
  body: '{"text":"Grüße"}',
  at: AT,
  attempt: 1,
  eventId: ID,
  event: 'word',
};

const render = (format: string, kind: EventKind, changes: Partial<EventDetail> = {}) =>
  formatOf(format).render({ ...EVENT, kind, ...changes });

const hmac = (text: string) => createHmac('sha256', 'secret').update(text, 'utf8');

describe.each(FORMAT_NAMES)('%s', (name) => {
  const format = formatOf(name);
  const heard = new Set(Object.values(format.events).flat());

  test('each of its words stands for something, and what it listens to by default is a word', () => {
    for (const kinds of Object.values(format.events)) expect(kinds).not.toHaveLength(0);
    for (const word of format.defaultEvents) expect(Object.keys(format.events)).toContain(word);
  });

  test.each(EVENT_KINDS.filter((kind) => heard.has(kind)))('renders %s as JSON', (kind) => {
    const bare = {
      message: null,
      template: null,
      customerPhone: null,
      senderPhone: null,
      conversationId: null,
    };
    for (const changes of [{}, bare]) {
      const body = render(name, kind, changes);
      expect(JSON.parse(JSON.stringify(body))).toEqual(body);
    }
    expect(format.nameOf(kind)).not.toBe('');
  });

  test('makes another secret each time, and never puts it into a header', () => {
    expect(format.newSecret()).not.toBe(format.newSecret());
    expect(JSON.stringify(format.headers(SIGNING))).not.toContain(SIGNING.secret);
  });
});

describe('dexatel', () => {
  test('a message of a customer', () => {
    expect(render('dexatel', 'message.received')).toEqual({
      data: {
        account_id: 'account',
        message_id: 'message',
        event: 'message',
        from: '1222444444',
        to: '1222333333',
        text: 'Grüße',
        channel: 'WHATSAPP',
        timestamp: '2026-03-01 13:00:00',
        type: 'text',
        conversation_id: 'conversation',
      },
    });
  });

  test('what became of a message', () => {
    const changes = { campaignId: 'campaign', reason: '131026' };
    expect(render('dexatel', 'message.failed', changes)).toEqual({
      data: {
        account_id: 'account',
        message_id: 'message',
        event: 'delivery',
        status: 'failed',
        channel: 'WHATSAPP',
        to: '1222444444',
        mccmnc: null,
        price: null,
        timestamp: '2026-03-01 13:00:00',
        campaign_id: 'campaign',
        reason: '131026',
      },
    });
    expect(render('dexatel', 'message.delivered')).toMatchObject({ data: { status: 'delivered' } });
    const payload = { message: { ...EVENT.message!, clientData: 'order-7' } };
    expect(render('dexatel', 'message.read', payload)).toMatchObject({
      data: { payload: 'order-7' },
    });
    expect(render('dexatel', 'message.read')).toMatchObject({ data: { status: 'read' } });
  });

  test('a customer who hides the number is named by id', () => {
    const changes = { customerPhone: null, customerBsuid: 'US.abc' };
    expect(render('dexatel', 'message.received', changes)).toMatchObject({
      data: { from: 'US.abc' },
    });
  });

  test('is signed over the body, in base64', () => {
    const { 'X-Dexatel-Signature': signature } = formatOf('dexatel').headers(SIGNING);
    expect(signature).toBe(hmac(SIGNING.body).digest('base64'));
    expect(signature).toHaveLength(44);
  });

  test('is tried again after 5 s, 5 min … and then twice a day', () => {
    const { delayAfter } = formatOf('dexatel');
    const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 30].map((n) => delayAfter(n)! / 1_000);
    expect(seconds).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200]);
  });
});

describe('inbox', () => {
  const data = { conversationId: 'conversation', customerPhone: '+1222444444' };

  test('a message of a customer, and one of ours', () => {
    const message = {
      id: 'message',
      direction: 'inbound',
      messageType: 'text',
      text: 'Grüße',
      deliveryStatus: 'delivered',
      createdAt: '2026-03-01T13:00:00.500Z',
      ...data,
    };
    expect(render('inbox', 'message.received')).toEqual({
      id: `evt_${ID}`,
      type: 'messaging.message.received',
      created: '2026-03-01T13:00:02.000Z',
      environment: 'live',
      data: message,
    });
    const template = { ...EVENT.message!, direction: 'outbound', template: 'hello' } as const;
    expect(render('inbox', 'message.sent', { message: template })).toMatchObject({
      type: 'messaging.message.sent',
      data: { ...message, direction: 'outbound', deliveryStatus: 'sent', templateKey: 'hello' },
    });
  });

  test('what became of a message', () => {
    expect(render('inbox', 'message.failed', { reason: '131026' })).toMatchObject({
      type: 'messaging.message.delivery_updated',
      data: {
        messageId: 'message',
        conversationId: 'conversation',
        deliveryStatus: 'failed',
        failureReason: '131026',
      },
    });
    expect(render('inbox', 'message.read')).toMatchObject({ data: { deliveryStatus: 'read' } });
  });

  test('an assignment, and its end', () => {
    const type = 'messaging.conversation.assigned';
    expect(render('inbox', 'conversation.assigned', { assigneeId: 'agent' })).toMatchObject({
      type,
      data: { conversationId: 'conversation', assignedToUserId: 'agent' },
    });
    expect(render('inbox', 'conversation.assigned')).toMatchObject({
      type,
      data: { assignedToUserId: null },
    });
  });

  test('is signed over time and body, in hex', () => {
    const seconds = Math.floor(AT.getTime() / 1_000);
    const expected = hmac(`${seconds}.${SIGNING.body}`).digest('hex');
    expect(formatOf('inbox').headers(SIGNING)).toEqual({
      'Cloove-Signature': `t=${seconds},v1=${expected}`,
      'Cloove-Webhook-Id': `evt_${ID}`,
      'Cloove-Webhook-Event': 'word',
    });
    expect(formatOf('inbox').newSecret()).toMatch(/^whsec_/);
  });

  test('is tried six times: at once, after 1 min, 5 min, 30 min, 2 h, 12 h', () => {
    const { delayAfter } = formatOf('inbox');
    const minutes = [1, 2, 3, 4, 5].map((n) => delayAfter(n)! / 60_000);
    expect(minutes).toEqual([1, 5, 30, 120, 720]);
    expect(delayAfter(6)).toBeNull();
  });
});

test('a format that this release does not know is said so', () => {
  expect(() => formatOf('carrier-pigeon')).toThrow('no webhook format');
  expect(() => formatOf('toString')).toThrow('no webhook format');
});
