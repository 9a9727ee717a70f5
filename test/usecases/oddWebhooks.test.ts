import type { Db } from '../../db/connect';
import { eventDetails } from '../../db/eventDetail';
import { appendToInbox } from '../../db/webhookInbox';
import { formatMessageReference, formatReference } from '../../domain/reference';
import { FORMAT_NAMES, formatOf } from '../../outbound/formats/registry';
import { applyWebhooks, retryParked } from '../../usecases/webhookRelay';
import { startApi } from '../support/api';
import { buildWorld, type World } from '../support/build';
import { ODD } from '../support/nasty';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { variants, type Json } from '../support/variants';

let database: TestDatabase;
let db: Db;
let world: World;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  world = await buildWorld(db, { recipients: 1 });
});

afterAll(() => database.drop());

const AT = '1770000000';
const PHONE = '15551230001';

const message = (type: string, content: Json, more: { [key: string]: Json } = {}): Json => ({
  contacts: [{ profile: { name: 'Ann' }, wa_id: PHONE, user_id: 'US.1234567890123' }],
  messages: [{ id: 'wamid.in', from: PHONE, timestamp: AT, type, [type]: content, ...more }],
});

/** A value of each kind of change that means something here. */
const changes = (): [field: string, value: Json][] => [
  [
    'messages',
    {
      metadata: { display_phone_number: '14155550100', phone_number_id: '1000001' },
      contacts: [{ profile: { name: 'Ann' }, wa_id: PHONE }],
      statuses: [
        {
          id: 'wamid.1',
          status: 'failed',
          timestamp: AT,
          recipient_id: PHONE,
          biz_opaque_callback_data: formatReference(world.campaign.id, 1),
          conversation: { id: 'c1', expiration_timestamp: AT, origin: { type: 'service' } },
          pricing: { billable: true, pricing_model: 'PMP', category: 'service' },
          errors: [{ code: 131050, title: 't', message: 'm', error_data: { details: 'd' } }],
        },
      ],
    },
  ],
  [
    'messages',
    {
      statuses: [
        {
          id: 'wamid.2',
          status: 'read',
          timestamp: AT,
          biz_opaque_callback_data: formatMessageReference(world.campaign.id),
        },
      ],
    },
  ],
  ['messages', message('text', { body: 'STOP' }, { context: { id: 'wamid.1', from: PHONE } })],
  ['messages', message('button', { payload: 'stop', text: 'Stop promotions' })],
  ['messages', message('reaction', { message_id: 'wamid.1', emoji: '👍' })],
  ['messages', message('image', { id: '1', mime_type: 'image/png', sha256: 's', caption: 'c' })],
  ['messages', message('location', { latitude: 1, longitude: 2, name: 'n', address: 'a' })],
  [
    'messages',
    message('interactive', { type: 'button_reply', button_reply: { id: 'a', title: 'A' } }),
  ],
  [
    'messages',
    message('contacts', [{ name: { formatted_name: 'B' }, phones: [{ phone: '+1', wa_id: '1' }] }]),
  ],
  [
    'messages',
    message('system', {
      body: 'b',
      type: 'user_changed_number',
      wa_id: '15551230002',
      customer: '1',
    }),
  ],
  ['messages', message('unsupported', {}, { errors: [{ code: 131051, title: 't' }] })],
  [
    'message_template_status_update',
    {
      event: 'APPROVED',
      message_template_id: 1,
      message_template_name: 'welcome',
      message_template_language: 'en',
      reason: 'NONE',
    },
  ],
  [
    'user_preferences',
    {
      user_preferences: [
        { wa_id: PHONE, category: 'marketing_messages', value: 'stop', timestamp: AT },
      ],
    },
  ],
  ['user_id_update', { user_id_update: [{ user_id: { previous: 'US.1', current: 'US.2' } }] }],
];

const ODD_VALUES = [...ODD, '-8640000000000', '99999999999999999999', 'US.x', 'Infinity'];

test('whatever stands in a webhook, it is applied or set aside, and holds nobody up', async () => {
  const bodies = changes().flatMap(([field, value]) => [
    ...variants(
      {
        object: 'whatsapp_business_account',
        entry: [{ id: '2000001', time: 1_770_000_000, changes: [{ field, value }] }],
      },
      ODD_VALUES,
    ),
  ]);
  const entries = bodies.map((body, n) => {
    const text = JSON.stringify(body).replace('wamid.in', `wamid.in${n}`);
    return { senderId: world.sender.id, body: Buffer.from(text) };
  });
  await appendToInbox(db, entries);
  while ((await applyWebhooks(db)) > 0);
  await retryParked(db);
  const left = await db.selectFrom('webhook_inbox').select('problem').distinct().execute();
  expect(left.map(({ problem }) => problem)).not.toContain(null);
  const events = await db.selectFrom('events').select('id').execute();
  expect(events.length).toBeGreaterThan(bodies.length / 3);

  const details = await eventDetails(
    db,
    events.map(({ id }) => id),
  );
  for (const format of FORMAT_NAMES.map(formatOf)) {
    for (const detail of details.values()) {
      const told = format.render(detail);
      expect(format.print?.(told) ?? JSON.stringify(told)).toMatch(/^\{.*\}$/);
    }
  }
}, 120_000);

test('whatever customers have sent can be read', async () => {
  const api = await startApi(db, { accountId: world.accountId });
  const bearer = { Authorization: `Bearer ${api.key}` };
  const conversations = await api.call('GET', '/v1/messaging/conversations', undefined, bearer);
  expect(conversations.body.data.length).toBeGreaterThan(1);
  for (const { id } of conversations.body.data) {
    const path = `/v1/messaging/conversations/${id}`;
    expect((await api.call('GET', path, undefined, bearer)).status).toBe(200);
  }
  const messages = await db.selectFrom('messages').select('id').execute();
  for (const { id } of messages.filter((_, index) => index % 10 === 0)) {
    expect((await api.call('GET', `/v1/messages/${id}`)).status).toBe(200);
  }
  await api.close();
});
