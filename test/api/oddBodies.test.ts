import { DateTime } from 'luxon';
import { startApi, type TestApi } from '../support/api';
import { buildWorld, type World } from '../support/build';
import { NUMBER, TEMPLATE } from '../support/cloudCases';
import { CONTENTS } from '../support/contents';
import { audience, campaign, contact, message, sender, template } from '../support/dexatel';
import { openWindow } from '../support/direct';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ODD } from '../support/nasty';
import { quietProvider } from '../support/quietProvider';
import { variants, type Json } from '../support/variants';

let database: TestDatabase;
let world: World;
let api: TestApi;
let conversation: string;

/** Requests to Sendexa's API are counted by the day. */
const A_DAY = 50;
const AT_ONCE = 16;

beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  world = await buildWorld(db, { recipients: 1 });
  const start = DateTime.utc();
  let looks = 0;
  const clock = { now: () => start.plus({ days: Math.floor((looks += 1) / A_DAY) }) };
  api = await startApi(db, {
    accountId: world.accountId,
    senderId: world.sender.id,
    clock,
    provider: quietProvider({}),
  });
  await openWindow(db, world, `+${NUMBER}`);
  const { id } = await db
    .updateTable('conversations')
    .set({ window_closes_at: new Date('2200-01-01') })
    .returning('id')
    .executeTakeFirstOrThrow();
  conversation = id;
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

/** None of these may be our fault, and what is taken must be what the reference says is taken. */
const ODD_VALUES = [...ODD, '{{1}}', 'https://a.example/%ff'];

interface Request {
  method?: string;
  path: string;
  body: object;
}

/** Sends the good request, which must be taken, and every variant of it. */
async function tryAll(
  { method = 'POST', path, body }: Request,
  headers: Record<string, string>,
): Promise<void> {
  const good = await api.call(method, path, body, headers);
  expect([path, body, good.status, good.status < 300 || good.body]).toEqual([
    path,
    body,
    good.status,
    true,
  ]);
  const given: Json = JSON.parse(JSON.stringify(body));
  const waiting = variants(given, ODD_VALUES);
  const lane = async (): Promise<void> => {
    for (const odd of waiting) {
      const { status } = await api.call(method, path, odd, headers);
      if (status >= 500 || status === 429)
        throw new Error(`${status} for ${method} ${path} ${JSON.stringify(odd)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

const SAMPLE = { header_handle: ['https://a.example/a.png'] };

const RICH = [
  { type: 'HEADER', format: 'IMAGE', example: SAMPLE },
  { type: 'BODY', text: 'Hello {{1}}, hi', example: { body_text: [['Ann']] } },
  { type: 'FOOTER', text: 'Bye' },
  {
    type: 'BUTTONS',
    buttons: [
      { type: 'QUICK_REPLY', text: 'No' },
      { type: 'URL', text: 'Shop', url: 'https://a.example/{{1}}', example: ['a'] },
      { type: 'PHONE_NUMBER', text: 'Call', phone_number: '+14155550101' },
    ],
  },
];

const FILLED = [
  { type: 'header', parameters: [{ type: 'image', image: { link: 'https://a.example/a.png' } }] },
  { type: 'body', parameters: [{ type: 'text', text: 'Ann' }] },
  {
    type: 'button',
    sub_type: 'quick_reply',
    index: '0',
    parameters: [{ type: 'payload', payload: 'no' }],
  },
  { type: 'button', sub_type: 'url', index: 1, parameters: [{ type: 'text', text: 'b' }] },
];

test('at the places of the Cloud API', async () => {
  const headers = { 'D360-API-KEY': api.key };
  const to = { messaging_product: 'whatsapp', to: NUMBER };
  const made = (name: string, components: object[]): Request => ({
    path: '/v1/configs/templates',
    body: { name, language: 'en_US', category: 'MARKETING', components },
  });
  const destinations = [{ name: 'a', url: 'https://a.example/hook', headers: { A: 'b' } }];
  const library = {
    library_template_name: 'delivery_update_1',
    library_template_button_inputs: [
      { type: 'URL', url: { base_url: 'https://a.example/{{1}}', url_suffix_example: 'x' } },
    ],
  };
  const templates = [
    made('plain', [{ type: 'BODY', text: 'Hello!' }]),
    made('rich', RICH),
    {
      path: '/v1/configs/templates',
      body: { name: 'lib', language: 'en_US', category: 'UTILITY', ...library },
    },
  ];
  for (const request of templates) await tryAll(request, headers);
  await database.db.updateTable('templates').set({ status: 'approved' }).execute();
  const contents = CONTENTS.filter(({ content }) => content.type !== 'template').map(
    ({ content: { type }, wire }) => ({ path: '/messages', body: { ...to, type, [type]: wire } }),
  );
  const filled = { name: 'rich', language: { code: 'en_US' }, components: FILLED };
  const context = { context: { message_id: 'wamid.A' }, biz_opaque_callback_data: 'x' };
  const requests: Request[] = [
    ...contents,
    { path: '/messages', body: { ...to, type: 'text', text: { body: 'a' }, ...context } },
    { path: '/marketing_messages', body: TEMPLATE },
    { path: '/messages', body: { ...to, type: 'template', template: filled } },
    { path: '/v1/configs/webhook', body: { url: 'https://a.example/x', headers: { A: 'b' } } },
    { method: 'PUT', path: '/multi_webhook', body: { enabled: true, destinations } },
    { method: 'PATCH', path: '/multi_webhook', body: { enabled: true, destinations } },
    {
      path: '/block_users',
      body: { messaging_product: 'whatsapp', block_users: [{ user: '+14155550002' }] },
    },
  ];
  for (const request of requests) await tryAll(request, headers);
}, 240_000);

test('at the places of Sendexa', async () => {
  const headers = { Authorization: `Basic ${api.key}` };
  const send = (type: string, content: object, more: object = {}): Request => ({
    path: '/v1/whatsapp/send',
    body: { to: NUMBER, type, [type]: content, ...more },
  });
  const reply = { type: 'reply', reply: { id: 'yes', title: 'Yes' } };
  const rows = [{ id: 'a', title: 'General', description: 'Anything' }];
  const requests: Request[] = [
    send('text', { body: 'Hi', preview_url: true }, { context: { message_id: 'wamid.A' } }),
    send('image', { link: 'https://a.example/a.png', caption: 'c' }),
    send('video', { url: 'https://a.example/a.mp4', caption: 'c' }),
    send('audio', { link: 'https://a.example/a.mp3' }),
    send('document', { link: 'https://a.example/a.pdf', filename: 'a.pdf', caption: 'c' }),
    send('interactive', {
      type: 'button',
      header: { type: 'text', text: 'h' },
      body: { text: 'b' },
      footer: { text: 'f' },
      action: { buttons: [reply] },
    }),
    send('interactive', {
      type: 'list',
      body: { text: 'b' },
      action: { button: 'Select', sections: [{ title: 's', rows }] },
    }),
    send('template', { name: 'spring_sale', language: { code: 'en_US' }, components: [] }),
    { path: '/v1/whatsapp/numbers/bulk-check', body: { phones: [NUMBER] } },
    {
      path: '/v1/whatsapp/templates',
      body: {
        name: 'sendexa',
        category: 'MARKETING',
        language: 'en',
        components: [
          { type: 'HEADER', format: 'TEXT', text: 'Hi' },
          { type: 'BODY', text: 'Hello {{1}}, hi', example: { body_text: [['Ann']] } },
          { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Shop', url: 'https://a.example' }] },
        ],
      },
    },
  ];
  for (const request of requests) await tryAll(request, headers);
}, 240_000);

test('at the places of the inbox', async () => {
  const headers = { Authorization: `Bearer ${api.key}` };
  const sent = {
    business_whatsapp_number_id: world.sender.id,
    phone: `+${NUMBER}`,
    template_key: world.template.name,
    customer_name: 'Ada',
    variables: {},
  };
  const chat = `/v1/messaging/conversations/${conversation}`;
  const requests: Request[] = [
    { path: `${chat}/messages`, body: { text: 'Hi' } },
    { path: '/v1/messaging/messages/template', body: sent },
    { method: 'PATCH', path: chat, body: { status: 'open', mode: 'human', assignee_id: null } },
    { path: '/v1/messaging/agents', body: { name: 'Ann' } },
  ];
  for (const request of requests) await tryAll(request, headers);
}, 240_000);

test('at the places of Dexatel', async () => {
  const media = { type: 'image', url: 'https://a.example/a.png', text: undefined };
  const to = [`+${NUMBER}`];
  const event = { url: 'https://a.example/hook', event: 'delivery', secret: 's', enabled: true };
  const requests: Request[] = [
    { path: '/v1/campaigns', body: campaign(world, { name: 'odd', on_unknown: 'keep' }) },
    { path: '/v1/audiences', body: audience({ contacts: [{ number: '15551112222' }] }) },
    { path: `/v1/audiences/${world.audienceId}/contacts`, body: contact({ attributes: {} }) },
    { path: '/v1/templates', body: template({ header: 'h', footer: 'f', examples: {} }) },
    { path: '/v1/messages', body: message({ to }) },
    { path: '/v1/messages', body: message({ to, ...media }) },
    { path: '/v1/senders', body: sender({ rate_per_second: 1, daily_limit: 1 }) },
    { path: '/v1/webhooks', body: { data: event } },
  ];
  for (const request of requests) await tryAll(request, { 'X-Dexatel-Key': api.key });
}, 240_000);

test.each([
  ['/messages', (key: string) => ({ 'D360-API-KEY': key })],
  ['/v1/whatsapp/send', (key: string) => ({ Authorization: `Basic ${key}` })],
  ['/v1/messaging/messages/template', (key: string) => ({ Authorization: `Bearer ${key}` })],
  ['/v1/messages', (key: string) => ({ 'X-Dexatel-Key': key })],
])('a body of %s that is nested very deep is refused', async (path, headers) => {
  const deep = `{"a":"\\u0000","b":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const json = { 'Content-Type': 'application/json' };
  const { status } = await api.call('POST', path, deep, { ...json, ...headers(api.key) });
  expect(status).toBe(400);
});
