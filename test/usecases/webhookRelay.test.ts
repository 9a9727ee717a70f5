import { sql } from 'kysely';
import { json, type Db } from '../../db/connect';
import { appendToInbox } from '../../db/webhookInbox';
import { contactsOf } from '../../usecases/inboundContacts';
import { applyWebhooks, retryParked } from '../../usecases/webhookRelay';
import { formatReference } from '../../domain/reference';
import { buildWorld, phoneOf, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { append, inboundBody, text } from '../support/inbound';
import { stateOf } from '../support/ledger';

let database: TestDatabase;
let db: Db;
let world: World;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.db;
  world = await buildWorld(db, { recipients: 2 });
  const contacts = await db
    .selectFrom('contacts')
    .select(['id', 'phone'])
    .orderBy('phone')
    .execute();
  for (const [index, contact] of contacts.entries()) {
    await db
      .insertInto('recipients')
      .values({
        campaign_id: world.campaign.id,
        position: index + 1,
        contact_id: contact.id,
        phone: contact.phone!,
        state: 'sent',
        wamid: `wamid.${index + 1}`,
      })
      .execute();
  }
});

afterEach(() => database.drop());

const webhook = (field: string, value: object): string =>
  JSON.stringify({ entry: [{ id: '2000001', changes: [{ field, value }] }] });

function status(position: number, word: string, changes: object = {}): string {
  const reference = formatReference(world.campaign.id, position);
  const item = {
    id: `wamid.${position}`,
    status: word,
    timestamp: '1770000000',
    recipient_id: phoneOf(position).slice(1),
    biz_opaque_callback_data: reference,
    ...changes,
  };
  return webhook('messages', { statuses: [item] });
}

const receive = (...bodies: string[]) =>
  appendToInbox(
    db,
    bodies.map((body) => ({ senderId: world.sender.id, body: Buffer.from(body) })),
  );

/** Until the inbox holds nothing but what was set aside. */
async function applyAll(): Promise<void> {
  while ((await applyWebhooks(db)) > 0);
}

/** Whether a connection to this database waits for a lock. */
async function isSomebodyWaiting(db: Db): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(
    db,
  );
  return rows.length > 0;
}

const problems = async () =>
  (await db.selectFrom('webhook_inbox').select('problem').orderBy('id').execute()).map(
    (row) => row.problem,
  );

const state = async (position: number) => (await stateOf(db, world.campaign.id, position)).state;

test('statuses are applied and their entries deleted', async () => {
  await receive(status(1, 'read'), status(1, 'delivered'), status(2, 'delivered'));
  expect(await applyWebhooks(db)).toBe(3);
  expect([await state(1), await state(2)]).toEqual(['read', 'delivered']);
  expect(await problems()).toEqual([]);
  expect(await applyWebhooks(db)).toBe(0);
});

test('a body that is not JSON is set aside and holds nobody up', async () => {
  await receive('not json', status(1, 'delivered'));
  await applyAll();
  expect(await state(1)).toBe('delivered');
  expect(await problems()).toEqual(['not JSON']);
});

test.each([
  ['in a message', (odd: string) => `"messages":[{"from":"16505551234","id":"w","odd":${odd}}]`],
  [
    'in a status',
    (odd: string) => `"statuses":[{"id":"w","status":"sent","pricing":{"a":${odd}}}]`,
  ],
])('a webhook nested too deep %s is set aside and holds nobody up', async (_where, value) => {
  const deep = value('['.repeat(5_000) + ']'.repeat(5_000));
  await receive(
    `{"entry":[{"id":"1","changes":[{"field":"messages","value":{${deep}}}]}]}`,
    status(1, 'delivered'),
  );
  await applyAll();
  expect(await state(1)).toBe('delivered');
  expect(await problems()).toEqual(['nested too deep']);
});

test('a message whose author is being written by somebody else waits for that', async () => {
  const author = { accountId: world.accountId, phone: null, bsuid: 'US.1', profileName: null };
  let applied: Promise<void> = Promise.resolve();
  await append(db, world, [
    inboundBody(world, { phone: '16505551234', bsuid: 'US.1' }, text('STOP')),
  ]);
  await db.transaction().execute(async (tx) => {
    await contactsOf(tx, [author]);
    applied = applyAll();
    await eventually(() => isSomebodyWaiting(db));
  });
  await applied;
  expect(await problems()).toEqual([]);
  expect(await db.selectFrom('blockers').select('phone').execute()).toEqual([
    { phone: '+16505551234' },
  ]);
});

test('what one hook tells of another number of its account is filed there', async () => {
  const { id } = await db
    .insertInto('senders')
    .values({
      account_id: world.accountId,
      name: 'Second',
      phone: '+15550000002',
      phone_number_id: '1000002',
      provider_kind: 'cloud_api',
      provider_base_url: 'http://127.0.0.1:1',
      sealed_token: 'token',
      hook_key: 'second',
      window_policy: 'customer_message',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db.updateTable('campaigns').set({ sender_id: id }).execute();
  const told = (word: string, changes: object = {}) => {
    const { entry } = JSON.parse(status(1, word, changes));
    entry[0].changes[0].value.metadata = { phone_number_id: '1000002' };
    return JSON.stringify({ entry });
  };
  await receive(told('delivered'));
  await applyAll();
  expect(await state(1)).toBe('delivered');
  await receive(told('read', { biz_opaque_callback_data: undefined }));
  await applyAll();
  expect(await state(1)).toBe('read');
});

test('a status that the database refuses is set aside alone', async () => {
  const poisoned = status(2, 'delivered', { timestamp: '-8640000000000' });
  await receive(status(1, 'delivered'), poisoned, status(2, 'read'));
  await applyAll();
  expect([await state(1), await state(2)]).toEqual(['delivered', 'read']);
  expect(await problems()).toEqual([expect.any(String)]);
});

test('a status without our reference is found by its wamid, also when it came before the message', async () => {
  const bare = { biz_opaque_callback_data: undefined };
  await receive(status(1, 'delivered', bare), status(2, 'read', { ...bare, id: 'wamid.late' }));
  await applyAll();
  expect([await state(1), await state(2)]).toEqual(['delivered', 'sent']);
  await retryParked(db);
  expect(await state(2)).toBe('sent');
  await db
    .updateTable('recipients')
    .set({ wamid: 'wamid.late' })
    .where('position', '=', 2)
    .execute();
  await retryParked(db);
  expect(await state(2)).toBe('read');
  expect(await db.selectFrom('parked_statuses').selectAll().execute()).toEqual([]);
});

test('a status of a message that nobody knows is dropped after ten minutes', async () => {
  await receive(status(1, 'read', { id: 'wamid.foreign', biz_opaque_callback_data: 'order-17' }));
  await applyAll();
  await db
    .updateTable('parked_statuses')
    .set({ parked_at: new Date(Date.now() - 11 * 60_000) })
    .execute();
  await retryParked(db);
  expect(await db.selectFrom('parked_statuses').selectAll().execute()).toEqual([]);
  expect(await state(1)).toBe('sent');
});

test('a parked status that cannot be applied is dropped, and holds up no other', async () => {
  const bare = { biz_opaque_callback_data: undefined, id: 'wamid.late' };
  await receive(status(1, 'delivered', bare));
  await applyAll();
  const [good] = await db.selectFrom('parked_statuses').selectAll().execute();
  await db.deleteFrom('parked_statuses').execute();
  const odd = { ...good!.update, at: '+275760-09-13T00:00:00.000Z' };
  const parked = [{ unreadable: true }, odd, good!.update].map((update) => ({
    update: json(update),
  }));
  await db.insertInto('parked_statuses').values(parked).execute();
  await db
    .updateTable('recipients')
    .set({ wamid: 'wamid.late' })
    .where('position', '=', 1)
    .execute();
  await retryParked(db);
  expect(await state(1)).toBe('delivered');
  expect(await db.selectFrom('parked_statuses').selectAll().execute()).toEqual([]);
});

test('a message that was dropped because its template is paused tells so of the template', async () => {
  await receive(status(1, 'failed', { errors: [{ code: 132015, title: 'Template is paused' }] }));
  await applyAll();
  const template = await db.selectFrom('templates').selectAll().executeTakeFirstOrThrow();
  expect(template.status).toBe('paused');
});

test('the provider’s verdict on a template reaches the template', async () => {
  const { name, language } = world.template;
  const value = {
    event: 'REJECTED',
    message_template_id: 77,
    message_template_name: name,
    message_template_language: language.replace('_', '-'),
    reason: 'TAG_CONTENT_MISMATCH',
  };
  await receive(webhook('message_template_status_update', value));
  await applyAll();
  const template = await db.selectFrom('templates').selectAll().executeTakeFirstOrThrow();
  expect(template).toMatchObject({
    status: 'rejected',
    status_reason: 'TAG_CONTENT_MISMATCH',
    provider_template_id: '77',
  });
});

test('a user who stops marketing is blocked, and resuming lifts that block but no other', async () => {
  const preference = (position: number, value: string) =>
    webhook('user_preferences', {
      user_preferences: [
        { wa_id: phoneOf(position).slice(1), category: 'marketing_messages', value },
      ],
    });
  const blocked = async () =>
    (await db.selectFrom('blockers').select('phone').execute()).map((row) => row.phone);
  await db
    .insertInto('blockers')
    .values({ sender_id: world.sender.id, phone: phoneOf(2), source: 'api' })
    .execute();
  await receive(preference(1, 'stop'), preference(1, 'stop'), preference(2, 'stop'));
  await applyAll();
  expect(new Set(await blocked())).toEqual(new Set([phoneOf(1), phoneOf(2)]));
  await receive(preference(1, 'resume'), preference(2, 'resume'));
  await applyAll();
  expect(await blocked()).toEqual([phoneOf(2)]);
});

test('a relay that finds another one at work takes nothing', async () => {
  await receive(...Array.from({ length: 50 }, () => status(1, 'delivered')));
  const taken = await Promise.all([applyWebhooks(db), applyWebhooks(db), applyWebhooks(db)]);
  expect(taken.reduce((sum, n) => sum + n, 0)).toBe(50);
  expect(taken).toContain(50);
});
