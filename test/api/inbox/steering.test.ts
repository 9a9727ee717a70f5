import { eventsOf } from '../../support/events';
import { ABSENT, AGENTS, buildChat, LIST, startInbox, type InboxWorld } from '../../support/inbox';

let inbox: InboxWorld;
let id: string;

beforeAll(async () => {
  inbox = await startInbox();
  const customer = { phone: '+2348012345678', first_name: 'Ada' };
  ({ id } = await buildChat(inbox.db, inbox.world, customer, { unread_count: 3, inbound: 1 }));
});

afterAll(() => inbox.close());

const patch = (body: unknown) => inbox.call('PATCH', `${LIST}/${id}`, body);

test('agents are added and listed', async () => {
  const { status, body } = await inbox.call('POST', AGENTS, { name: ' Grace Hopper ' });
  expect([status, body.message]).toEqual([201, 'Agent created']);
  expect(body.data).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: 'Grace Hopper',
    createdAt: expect.stringMatching(/Z$/),
  });
  const listed = await inbox.call('GET', AGENTS);
  expect(listed.body).toEqual({
    message: 'Agents retrieved',
    data: [body.data],
    meta: { total: 1, page: 1, perPage: 20, totalPages: 1, hasMore: false },
  });
});

test('a repeated POST with an Idempotency-Key adds one agent', async () => {
  const post = () =>
    inbox.api.call(
      'POST',
      AGENTS,
      { name: 'Once' },
      {
        Authorization: `Bearer ${inbox.api.key}`,
        'Idempotency-Key': 'once',
      },
    );
  const [first, second] = [await post(), await post()];
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect([second.status, second.body]).toEqual([first.status, first.body]);
});

test('status, mode and assignee are changed together or alone, and what changed is on record', async () => {
  const { body } = await inbox.call('POST', AGENTS, { name: 'Edith' });
  const assignee = body.data.id;
  const taken = await patch({ mode: 'human', assignee_id: assignee.toUpperCase() });
  expect(taken.status).toBe(200);
  expect(taken.body.message).toBe('Conversation updated');
  expect(taken.body.data).toMatchObject({
    id,
    status: 'open',
    mode: 'human',
    assigneeId: assignee,
  });
  const resolved = await patch({ status: 'resolved', mode: 'human' });
  expect(resolved.body.data).toMatchObject({ status: 'resolved', assigneeId: assignee });
  const freed = await patch({ assignee_id: null });
  expect(freed.body.data).toMatchObject({ status: 'resolved', assigneeId: null });
  await patch({ assignee_id: null, status: 'resolved' });
  const records = await inbox.db
    .selectFrom('audit_log')
    .select('detail')
    .where('action', '=', 'conversation.change')
    .where('subject', '=', id)
    .orderBy('id')
    .execute();
  expect(records.map(({ detail }) => detail)).toEqual([
    { mode: { from: 'ai', to: 'human' }, assignee_id: { from: null, to: assignee } },
    { status: { from: 'open', to: 'resolved' } },
    { assignee_id: { from: assignee, to: null } },
  ]);
  const told = await eventsOf(inbox.db, inbox.world.accountId);
  const assigned = told.filter(({ kind }) => kind === 'conversation.assigned');
  expect(assigned.map(({ conversationId, data }) => [conversationId, data])).toEqual([
    [id, { assignee_id: assignee }],
    [id, { assignee_id: null }],
  ]);
});

test('reading clears the unread count and nothing else', async () => {
  const { status, body } = await inbox.call('POST', `${LIST}/${id}/read`);
  expect([status, body.message]).toEqual([200, 'Conversation marked as read']);
  expect(body.data).toMatchObject({ id, unreadCount: 0, status: 'resolved' });
  expect((await inbox.call('POST', `${LIST}/${id}/read`)).status).toBe(200);
});

test('an agent who is not there is given nothing', async () => {
  expect((await patch({ assignee_id: ABSENT, mode: 'ai' })).status).toBe(404);
  const { body } = await inbox.call('GET', `${LIST}/${id}`);
  expect(body.data).toMatchObject({ assigneeId: null, mode: 'human' });
});
