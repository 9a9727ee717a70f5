import { parseWebhook } from '../../wire/cloudApi';

const RECEIVED = new Date('2026-05-01T12:00:00Z');

const change = (field: string, value: unknown) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '2001', changes: [{ field, value }] }],
});
const messages = (value: object) =>
  change('messages', {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550001001', phone_number_id: '1001' },
    ...value,
  });
const parse = (body: unknown) => parseWebhook(body, RECEIVED);

describe('statuses', () => {
  test('a status names its message, its time and our reference', () => {
    const body = messages({
      statuses: [
        {
          id: 'wamid.A',
          status: 'delivered',
          timestamp: '1750030073',
          recipient_id: '16505551234',
          biz_opaque_callback_data: 'r1',
          pricing: { category: 'something new' },
        },
      ],
    });
    expect(parse(body)).toEqual([
      {
        kind: 'status',
        wamid: 'wamid.A',
        status: 'delivered',
        at: new Date(1750030073_000),
        recipientPhone: '+16505551234',
        reference: 'r1',
        errorCode: null,
        errorDetail: null,
        charge: { pricing: { category: 'something new' } },
        phoneNumberId: '1001',
      },
    ]);
  });

  test('a code that is too large to be kept is none', () => {
    for (const code of [99_999_999_999, '9'.repeat(400)]) {
      const statuses = [{ id: 'wamid.A', status: 'failed', errors: [{ code }] }];
      expect(parse(messages({ statuses }))).toMatchObject([{ status: 'failed', errorCode: null }]);
    }
  });

  test('a price that is none is left out', () => {
    const statuses = [{ id: 'wamid.A', status: 'sent', pricing: 'free', conversation: null }];
    const [update] = parse(messages({ statuses }));
    expect(update).toMatchObject({ kind: 'status', status: 'sent' });
    expect(update).not.toHaveProperty('charge');
  });

  test('numbers instead of strings, and errors with only code and title, are read', () => {
    const statuses = [
      {
        id: 'wamid.A',
        status: 'failed',
        timestamp: 1750030073,
        errors: [{ code: 131026, title: 'No' }],
      },
      {
        id: 'wamid.B',
        status: 'failed',
        errors: [{ code: '131049', error_data: { details: 'D' } }],
      },
      { id: 'wamid.C', status: 'failed', recipient_id: 'US.13491208655302741918' },
    ];
    expect(parse(messages({ statuses }))).toMatchObject([
      { errorCode: 131026, errorDetail: 'No', at: new Date(1750030073_000), recipientPhone: null },
      { errorCode: 131049, errorDetail: 'D', at: RECEIVED },
      { errorCode: null, recipientPhone: null },
    ]);
  });

  test('played counts as read, unknown words change nothing and are kept', () => {
    const statuses = ['played', 'deleted', 'warning'].map((status) => ({ id: 'wamid.A', status }));
    expect(parse(messages({ statuses }))).toMatchObject([
      { kind: 'status', status: 'read' },
      { kind: 'other', field: 'messages', raw: { status: 'deleted' } },
      { kind: 'other', field: 'messages', raw: { status: 'warning' } },
    ]);
  });

  test('every entry, change and item is read, in order', () => {
    const one = messages({
      statuses: [
        { id: 'a', status: 'sent' },
        { id: 'b', status: 'sent' },
      ],
    });
    const two = messages({ statuses: [{ id: 'c', status: 'sent' }] });
    const both = { entry: [...one.entry, null, ...two.entry, 'odd'] };
    expect(parse(both)).toMatchObject([{ wamid: 'a' }, { wamid: 'b' }, { wamid: 'c' }]);
  });
});

describe('inbound messages', () => {
  test('each message of a batch has its own author, and no message that of another', () => {
    const contacts = [
      { profile: { name: 'Ann' }, wa_id: '16505550001', user_id: 'US.ANN' },
      { profile: { name: 'Bob' }, wa_id: '16505550002', user_id: 'US.BOB' },
    ];
    const sent = [
      { id: 'wamid.1', from_user_id: 'US.BOB' },
      { id: 'wamid.2', from: '16505550001' },
      { id: 'wamid.3', from: '16505550003' },
    ];
    const authors = parse(messages({ contacts, messages: sent })).map((update) => {
      expect(update).toMatchObject({ kind: 'inbound' });
      return update.kind === 'inbound' && [update.from, update.bsuid, update.profileName];
    });
    expect(authors).toEqual([
      ['+16505550002', 'US.BOB', 'Bob'],
      ['+16505550001', 'US.ANN', 'Ann'],
      ['+16505550003', null, null],
    ]);
  });

  test('a message is kept as it came, without a field that it had not', () => {
    const forwarded = {
      id: 'wamid.1',
      from_user_id: 'US.1',
      context: { forwarded: true },
      type: 'text',
    };
    expect(parse(messages({ messages: [forwarded] }))).toMatchObject([{ kind: 'inbound' }]);
    const [update] = parse(messages({ messages: [forwarded] }));
    expect(update!.kind === 'inbound' && update!.raw).toStrictEqual(forwarded);
  });

  test('a message carries its sender, time, context and the raw content', () => {
    const body = messages({
      contacts: [{ profile: { name: 'Ann' }, wa_id: '16505551234', user_id: 'US.1349' }],
      messages: [
        {
          from: '16505551234',
          id: 'wamid.I',
          timestamp: '1750030073',
          type: 'text',
          text: { body: 'STOP' },
          context: { from: '15550001001', id: 'wamid.A' },
        },
      ],
    });
    expect(parse(body)).toMatchObject([
      {
        kind: 'inbound',
        wamid: 'wamid.I',
        from: '+16505551234',
        bsuid: 'US.1349',
        at: new Date(1750030073_000),
        type: 'text',
        profileName: 'Ann',
        contextWamid: 'wamid.A',
        phoneNumberId: '1001',
        raw: { text: { body: 'STOP' } },
      },
    ]);
  });

  test('a hidden number, a business-scoped id in its place and a new type are read', () => {
    const list = [
      { id: 'wamid.1', from_user_id: 'US.1349', type: 'hologram' },
      { id: 'wamid.2', from: 'US.ENT.1349' },
      { id: 'wamid.3', from: 16505551234, type: 'system', system: { body: 'moved' } },
    ];
    expect(parse(messages({ messages: list }))).toMatchObject([
      { from: null, bsuid: 'US.1349', type: 'hologram' },
      { from: null, bsuid: 'US.ENT.1349', type: 'unknown' },
      { from: '+16505551234', type: 'system' },
    ]);
  });

  test('a message without an id and an error without a message are kept as other', () => {
    const body = messages({ messages: [{ type: 'text' }], errors: [{ code: 131051 }] });
    expect(parse(body)).toMatchObject([
      { kind: 'other' },
      { kind: 'other', raw: { code: 131051 } },
    ]);
  });
});

test('a marketing preference has an integer timestamp', () => {
  const preference = {
    wa_id: '16505551234',
    category: 'marketing_messages',
    value: 'stop',
    timestamp: 1750030073,
  };
  const body = change('user_preferences', {
    metadata: { phone_number_id: '1001' },
    user_preferences: [preference],
  });
  expect(parse(body)).toEqual([
    {
      kind: 'user_preference',
      phone: '+16505551234',
      bsuid: null,
      category: 'marketing_messages',
      value: 'stop',
      at: new Date(1750030073_000),
      phoneNumberId: '1001',
    },
  ]);
});

test('fields that nobody handles yet are kept', () => {
  expect(parse(change('account_update', { event: 'DISABLED_UPDATE' }))).toEqual([
    { kind: 'other', field: 'account_update', raw: { event: 'DISABLED_UPDATE' } },
  ]);
});

test.each([
  null,
  undefined,
  'text',
  7,
  [],
  {},
  { entry: {} },
  { entry: [{ changes: 'x' }] },
  { entry: [{ changes: [{ field: 'messages' }, null, { value: {} }] }] },
  messages({ statuses: 'x', messages: [null, 3], metadata: 'y' }),
])('%j does not throw', (body) => {
  expect(() => parse(body)).not.toThrow();
});
