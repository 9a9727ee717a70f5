import { buildWorld } from '../../support/build';
import { deliver, inboundBody, text } from '../../support/inbound';
import {
  bearer,
  buildChat,
  LIST,
  minutesAgo,
  startInbox,
  type InboxWorld,
} from '../../support/inbox';
import { startApi } from '../../support/api';

let inbox: InboxWorld;
let agentId: string;
let otherSender: string;
const chats: Record<string, string> = {};

beforeAll(async () => {
  inbox = await startInbox();
  const { db, world } = inbox;
  const agent = await db
    .insertInto('agents')
    .values({ account_id: world.accountId, name: 'Grace' })
    .returning('id')
    .executeTakeFirstOrThrow();
  agentId = agent.id;
  const chat = async (name: string, ...rest: [Parameters<typeof buildChat>[2], object]) => {
    chats[name] = (await buildChat(db, world, ...rest)).id;
  };
  const ada = { phone: '+2348012345678', first_name: 'Ada', last_name: 'Lovelace' };
  await chat('ada', ada, { inbound: 2, outbound: 1, unread_count: 1 });
  const asa = { phone: '+46701234567', first_name: 'Åsa', last_name: '100%_Öberg' };
  await chat('asa', asa, { status: 'pending_customer', mode: 'human', inbound: 9, outbound: 30 });
  const jonas = { phone: '+4915112345678', first_name: 'Jonas' };
  await chat('jonas', jonas, { assignee_id: agentId, inbound: 5 });
  await chat('hidden', {}, { status: 'resolved' });
  otherSender = await moveToAnotherSender(chats.jonas!);
  await say('ada', 'Is my Order #1234 shipped?', '2026-01-15T09:58:00Z');
  await say('ada', 'Спасибо БОЛЬШОЕ', '2026-01-16T09:58:00Z');
  await say('asa', 'My order, 100%_sure', '2026-01-16T00:00:00Z');
  await say('jonas', 'Wo ist  meine\nOrder?', '2026-01-15T23:59:59.999Z');
  await say('jonas', null, '2026-01-15T12:00:00Z');
});

async function moveToAnotherSender(conversation: string): Promise<string> {
  const { sender } = await buildWorld(inbox.db, { recipients: 0 });
  await inbox.db
    .updateTable('conversations')
    .set({ sender_id: sender.id })
    .where('id', '=', conversation)
    .execute();
  return sender.id;
}

async function say(chat: string, said: string | null, at: string): Promise<void> {
  const message = {
    account_id: inbox.world.accountId,
    conversation_id: chats[chat]!,
    sender_id: inbox.world.sender.id,
    direction: 'inbound' as const,
    type: 'text',
    text: said,
    status: 'received',
    sent_at: at,
  };
  await inbox.db.insertInto('messages').values(message).execute();
}

afterAll(() => inbox.close());

const list = (query = '') => inbox.call('GET', `${LIST}${query}`);

/** Names of the listed conversations, in their order. */
async function listed(query: string): Promise<string[]> {
  const { status, body } = await list(query);
  expect(status).toBe(200);
  const names = new Map(Object.entries(chats).map(([name, id]) => [id, name]));
  return body.data.map(({ id }: { id: string }) => names.get(id));
}

test('the list is as documented, with the superset of fields', async () => {
  const { status, body } = await list();
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual(['message', 'data', 'meta']);
  expect(body.message).toBe('Conversations retrieved');
  expect(body.data[0]).toEqual({
    id: chats.ada,
    businessId: inbox.world.accountId,
    customerPhone: '+2348012345678',
    customerName: 'Ada Lovelace',
    status: 'open',
    mode: 'ai',
    unreadCount: 1,
    lastInboundAt: recentText(body.data[0].lastInboundAt),
    lastOutboundAt: recentText(body.data[0].lastOutboundAt),
    businessWhatsappNumberId: inbox.world.sender.id,
    assigneeId: null,
    windowClosesAt: null,
  });
  expect(body.meta).toEqual({ total: 4, page: 1, perPage: 20, totalPages: 1, hasMore: false });
});

function recentText(given: string): string {
  expect(given).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(+new Date(given)).toBeGreaterThan(+minutesAgo(10));
  return given;
}

test('newest activity first, in either direction; who never said anything comes last', async () => {
  expect(await listed('')).toEqual(['ada', 'jonas', 'asa', 'hidden']);
});

test.each([
  ['?status=open', ['ada', 'jonas']],
  ['?status=pending_customer', ['asa']],
  ['?status=resolved', ['hidden']],
  ['?status=closed', []],
  ['?mode=human', ['asa']],
  ['?mode=ai&status=open', ['ada', 'jonas']],
  ['?assigned=unassigned', ['ada', 'asa', 'hidden']],
  ['?assigned=me', []],
  ['?status=&mode=&assigned=&search=&page=&limit=', ['ada', 'jonas', 'asa', 'hidden']],
  ['?unknown=1', ['ada', 'jonas', 'asa', 'hidden']],
  ['?search=lovelace', ['ada']],
  ['?search=ADA%20%20LOVE', ['ada']],
  ['?search=a%20l', ['ada']],
  ['?search=%C3%A5SA', ['asa']],
  ['?search=%C3%96BERG', ['asa']],
  ['?search=0%25_', ['asa']],
  ['?search=0__', []],
  ['?search=LO', ['ada']],
  ['?search=%C3%A5', ['asa']],
  ['?search=da', []],
  ['?search=%2B234%20(801)%20234-5678', ['ada']],
  ['?search=002348012345678', ['ada']],
  ['?search=%E2%80%AA%2B234%E2%80%91801%E2%80%AC', ['ada']],
  ['?search=234567', ['ada', 'jonas', 'asa']],
  ['?search=12345678&status=open', ['ada', 'jonas']],
  ['?search=%2B23', []],
  ['?search=%20%20', ['ada', 'jonas', 'asa', 'hidden']],
  ['?search=nobody', []],
  ["?search=';--", []],
  ['?search=%5C', []],
  ['?text=order', ['ada', 'jonas', 'asa']],
  ['?text=ORDER%20%20%23123', ['ada']],
  ['?text=%D0%B1%D0%BE%D0%BB%D1%8C%D1%88', ['ada']],
  ['?text=100%25_', ['asa']],
  ['?text=100%25sure', []],
  ['?text=rder&search=lovelace', ['ada']],
  ['?text=order&status=pending_customer', ['asa']],
  ['?text=nobody', []],
  ['?text=', ['ada', 'jonas', 'asa', 'hidden']],
  ['?text=order&from=2026-01-15&to=2026-01-15', ['ada', 'jonas']],
  ['?text=order&from=2026-01-16', ['asa']],
  ['?text=order&to=2026-01-15T09:58:00Z', []],
  ['?text=order&from=2026-01-15T10:58:00%2B01:00&to=2026-01-15T09:58:00.001Z', ['ada']],
  ['?from=2026-01-15', ['ada', 'jonas', 'asa']],
  ['?to=2026-01-15', []],
  ['?businessWhatsappNumberId=00000000-0000-4000-8000-000000000000', []],
])('%s finds %p', async (query, names) => {
  expect(await listed(query)).toEqual(names);
});

test('a sender has its own', async () => {
  expect(await listed(`?businessWhatsappNumberId=${otherSender}`)).toEqual(['jonas']);
  expect(
    await listed(`?businessWhatsappNumberId=${inbox.world.sender.id.toUpperCase()}&text=order`),
  ).toEqual(['ada', 'asa']);
});

test('"me" is the agent of the key', async () => {
  const call = await inbox.as(['messaging:read'], agentId);
  const { body } = await call('GET', `${LIST}?assigned=me`);
  expect(body.data).toMatchObject([{ id: chats.jonas, assigneeId: agentId }]);
  expect(body.meta.total).toBe(1);
});

test('pages, each conversation once', async () => {
  const first = await list('?limit=3');
  expect(first.body.meta).toEqual({ total: 4, page: 1, perPage: 3, totalPages: 2, hasMore: true });
  const second = await list('?limit=3&page=2');
  expect(second.body.meta).toMatchObject({ total: 4, page: 2, hasMore: false });
  const ids = [...first.body.data, ...second.body.data].map(({ id }) => id);
  expect(ids).toEqual([chats.ada, chats.jonas, chats.asa, chats.hidden]);
  const beyond = await list('?page=1000000&limit=100');
  expect(beyond.body).toMatchObject({ data: [], meta: { total: 4, hasMore: false } });
  const none = await list('?search=nobody');
  expect(none.body.meta).toEqual({ total: 0, page: 1, perPage: 20, totalPages: 0, hasMore: false });
});

test('a message that comes in is in the list at once, found by name and number', async () => {
  const other = await startInbox();
  const customer = { phone: '15559990000', name: 'New Customer' };
  await deliver(other.db, other.world, inboundBody(other.world, customer, text('Hello?')));
  for (const search of ['new%20cust', '999-0000']) {
    const { body } = await other.call('GET', `${LIST}?search=${search}`);
    expect(body.data).toMatchObject([{ customerName: 'New Customer', unreadCount: 1 }]);
    expect(+new Date(body.data[0].windowClosesAt)).toBeGreaterThan(Date.now());
  }
  await other.close();
});

test("another account's conversations are in no list", async () => {
  const other = await buildWorld(inbox.db, { recipients: 0 });
  const foreign = await startApi(inbox.db, { accountId: other.accountId });
  for (const query of ['', '?search=lovelace', '?search=2348012345678']) {
    const { body } = await bearer(foreign, foreign.key)('GET', `${LIST}${query}`);
    expect(body).toMatchObject({ data: [], meta: { total: 0 } });
  }
  await foreign.close();
});
