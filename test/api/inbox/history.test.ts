import { sql } from 'kysely';
import { insertCampaign } from '../../../db/campaign';
import type { RecipientState } from '../../../domain/recipient';
import { buildWorld } from '../../support/build';
import {
  buildChat,
  expectError,
  LIST,
  minutesAgo,
  startInbox,
  type InboxWorld,
} from '../../support/inbox';

let inbox: InboxWorld;
let chat: { id: string; contactId: string };

beforeAll(async () => {
  inbox = await startInbox();
});

afterAll(() => inbox.close());

let number = 15550300000;

beforeEach(async () => {
  const customer = { phone: `+${(number += 1)}`, first_name: 'Ada', last_name: 'Lovelace' };
  chat = await buildChat(inbox.db, inbox.world, customer, { inbound: 2 });
});

const get = async (query = '') => (await inbox.call('GET', `${LIST}/${chat.id}${query}`)).body;

async function say(
  text: string | null,
  minutes: number,
  values: { direction?: 'outbound'; type?: string; status?: string; content?: string } = {},
): Promise<string> {
  const { id } = await inbox.db
    .insertInto('messages')
    .values({
      account_id: inbox.world.accountId,
      conversation_id: chat.id,
      sender_id: inbox.world.sender.id,
      direction: 'inbound',
      type: 'text',
      text,
      status: 'received',
      sent_at: minutesAgo(minutes),
      ...values,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function campaignSent(
  state: RecipientState,
  minutes: number | null,
  world = inbox.world,
): Promise<string> {
  const template = await inbox.db
    .insertInto('templates')
    .values({
      account_id: world.accountId,
      name: `order_shipped_${state}_${Math.random()}`,
      channel: 'WHATSAPP',
      category: 'UTILITY',
      status: 'approved',
      body: 'Order {{order_id}} arrives {{eta}}, {{order_id}}.',
      parameter_format: 'named',
      placeholders: ['order_id', 'eta'],
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const campaign = await insertCampaign(inbox.db, {
    account_id: world.accountId,
    sender_id: world.sender.id,
    template_id: template.id,
    audience_id: world.audienceId,
    name: template.name,
    channel: 'WHATSAPP',
    status: 'in_progress',
    due_at: minutesAgo(60),
  });
  await inbox.db
    .insertInto('recipients')
    .values({
      campaign_id: campaign.id,
      position: 7,
      contact_id: chat.contactId,
      phone: '+15550300000',
      parameters: ['1234', '$& Friday'],
      state,
      attempt_at: minutes === null ? null : minutesAgo(minutes),
    })
    .execute();
  return template.name;
}

test('a conversation is as documented, with the fields of the list', async () => {
  const id = await say('Is my order shipped?', 2);
  const { message, data } = await get();
  expect(message).toBe('Conversation retrieved');
  const { body } = await inbox.call('GET', `${LIST}?search=${number}`);
  expect(data).toEqual({ ...body.data[0], messages: data.messages });
  expect(data).toMatchObject({ id: chat.id, customerName: 'Ada Lovelace', status: 'open' });
  expect(data.messages).toEqual([
    {
      id,
      direction: 'inbound',
      messageType: 'text',
      text: 'Is my order shipped?',
      deliveryStatus: 'delivered',
      createdAt: instantText(data.messages[0].createdAt),
    },
  ]);
});

function instantText(given: string): string {
  expect(given).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return given;
}

test('campaigns are part of the history, in its order, as the customer read them', async () => {
  await say('before', 30);
  const name = await campaignSent('read', 20);
  await say('after', 10);
  const { data } = await get();
  expect(data.messages.map(({ text }: { text: string }) => text)).toEqual([
    'after',
    'Order 1234 arrives $& Friday, 1234.',
    'before',
  ]);
  expect(data.messages[1]).toEqual({
    id: expect.stringMatching(/^c\.[0-9a-f-]{36}\.7$/),
    direction: 'outbound',
    messageType: 'template',
    text: 'Order 1234 arrives $& Friday, 1234.',
    templateKey: name,
    deliveryStatus: 'read',
    createdAt: instantText(data.messages[1].createdAt),
  });
});

test.each<[RecipientState, string]>([
  ['claimed', 'pending'],
  ['unknown', 'pending'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['failed', 'failed'],
])('a recipient that is %s shows as %s', async (state, shown) => {
  await campaignSent(state, 1);
  expect((await get()).data.messages).toMatchObject([{ deliveryStatus: shown }]);
});

test('what was not sent, or from another sender, is not shown', async () => {
  await campaignSent('pending', null);
  await campaignSent('pending', 3);
  await campaignSent('skipped', null);
  const sibling = await buildWorld(inbox.db, { recipients: 0 });
  await campaignSent('sent', 1, sibling);
  expect((await get()).data.messages).toEqual([]);
});

test.each([
  ['queued', 'pending'],
  ['unknown', 'pending'],
  ['sent', 'sent'],
  ['failed', 'failed'],
])('a direct message that is %s shows as %s, a template with its name', async (status, shown) => {
  const content = JSON.stringify({
    type: 'template',
    name: 'hello',
    language: 'en',
    components: [],
  });
  await say('Hello', 1, { direction: 'outbound', type: 'template', status, content });
  expect((await get()).data.messages).toMatchObject([
    { direction: 'outbound', templateKey: 'hello', deliveryStatus: shown },
  ]);
});

test('the newest fifty, and types without text', async () => {
  for (let n = 0; n < 45; n += 1) await say(`${n}`, n * 2 + 2);
  for (let n = 0; n < 10; n += 1) await campaignSent('sent', n * 2 + 1);
  await say(null, 0, { type: 'sticker' });
  const { messages } = (await get()).data;
  expect(messages).toHaveLength(50);
  expect(messages[0]).toMatchObject({ messageType: 'sticker', text: null });
  const times = messages.map(({ createdAt }: { createdAt: string }) => createdAt);
  expect(times).toEqual(times.toSorted().toReversed());
  expect(
    messages.filter(({ messageType }: { messageType: string }) => messageType === 'template'),
  ).toHaveLength(10);
});

test('older ones are read page by page, each once, whichever table they lie in', async () => {
  for (let n = 0; n < 60; n += 1) await say(`${n}`, Math.floor(n / 3));
  for (let n = 0; n < 60; n += 1) await campaignSent('sent', Math.floor(n / 3));
  const pages: { id: string; createdAt: string }[][] = [];
  for (let query: string | null = ''; query !== null;) {
    const { data, meta } = await get(query);
    pages.push(data.messages);
    expect(meta.hasMore).toBe(meta.before !== null);
    if (meta.hasMore) expect(meta.before).toBe(data.messages.at(-1).id);
    query = meta.hasMore ? `?before=${meta.before}` : null;
  }
  expect(pages.map((page) => page.length)).toEqual([50, 50, 20]);
  const all = pages.flat();
  expect(new Set(all.map(({ id }) => id)).size).toBe(120);
  const times = all.map(({ createdAt }) => createdAt);
  expect(times).toEqual(times.toSorted().toReversed());
});

test('a microsecond is enough to be older', async () => {
  const older = await say('older', 1);
  const newer = await say('newer', 1);
  await sql`UPDATE messages SET sent_at = '2026-01-15 10:00:00.000400Z' WHERE id = ${newer}`.execute(
    inbox.db,
  );
  await sql`UPDATE messages SET sent_at = '2026-01-15 10:00:00.000399Z' WHERE id = ${older}`.execute(
    inbox.db,
  );
  await campaignSent('sent', 1);
  await sql`UPDATE recipients SET attempt_at = '2026-01-15 10:00:00.0003995Z' WHERE contact_id = ${chat.contactId}`.execute(
    inbox.db,
  );
  const { messages } = (await get()).data;
  expect(messages.map(({ text }: { text: string }) => text)).toEqual([
    'newer',
    expect.stringContaining('Order'),
    'older',
  ]);
  const rest = await get(`?before=${messages[1].id}`);
  expect(rest.data.messages).toMatchObject([{ id: older }]);
  expect((await get(`?before=${older}`)).data.messages).toEqual([]);
});

test.each(['1', 'c.1.1', '00000000-0000-4000-8000-000000000000'])(
  'before %s, which is no message of the conversation, is refused',
  async (before) => {
    const answer = await inbox.call('GET', `${LIST}/${chat.id}?before=${before}`);
    expectError(answer, 422, 'validation_error');
    expect(answer.body.errors).toEqual([{ field: 'before', message: expect.any(String) }]);
  },
);

test("nothing can be learnt from other conversations' messages", async () => {
  const own = await say('mine', 1);
  const name = await campaignSent('sent', 1);
  expect(name).toBeTruthy();
  const { messages } = (await get()).data;
  const other = await buildChat(inbox.db, inbox.world, { phone: `+${(number += 1)}` });
  for (const id of [own, messages[1].id]) {
    const answer = await inbox.call('GET', `${LIST}/${other.id}?before=${id}`);
    expect(answer.status).toBe(422);
  }
});
