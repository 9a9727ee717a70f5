import { sql } from 'kysely';
import { formatReference } from '../../domain/reference';
import type { Conversation } from '../../db/schema';
import { retryParked } from '../../usecases/webhookRelay';
import { windowWorkflowId } from '../../workflows/contract';
import { buildWorld, phoneOf, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { change, inboundBody, Mail, seconds, text } from '../support/inbound';
import { Tally } from '../support/meter';
import { stateOf } from '../support/ledger';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let database: TestDatabase;
let world: World;
let mail: Mail;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

beforeEach(() => stage('template_delivered'));

/** A campaign that has been sent to two contacts. */
async function stage(policy: World['sender']['window_policy']): Promise<void> {
  const { db } = database;
  await db.deleteFrom('workflow_signals').execute();
  world = await buildWorld(db, { recipients: 2 });
  mail = new Mail(db, world);
  await db
    .updateTable('senders')
    .set({ window_policy: policy })
    .where('id', '=', world.sender.id)
    .execute();
  await sql`
    INSERT INTO recipients (campaign_id, position, contact_id, phone, state, wamid)
    SELECT ${world.campaign.id}, row_number() OVER (ORDER BY phone), id, phone, 'sent', 'wamid.' || phone
    FROM contacts WHERE account_id = ${world.accountId}`.execute(db);
}

const ago = (ms: number): Date => new Date(Math.floor((Date.now() - ms) / 1000) * 1000);
const later = (at: Date): Date => new Date(at.getTime() + DAY);

function status(position: number, word: string, at: Date, changes: object = {}): object {
  const item = {
    id: `wamid.${phoneOf(position)}`,
    status: word,
    timestamp: seconds(at),
    recipient_id: phoneOf(position).slice(1),
    biz_opaque_callback_data: formatReference(world.campaign.id, position),
    ...changes,
  };
  return change('messages', { statuses: [item] });
}

const tell = (position: number, word: string, at: Date): Promise<void> =>
  mail.deliver(status(position, word, at));

async function contactOf(position: number): Promise<string> {
  const { id } = await database.db
    .selectFrom('contacts')
    .select('id')
    .where('account_id', '=', world.accountId)
    .where('phone', '=', phoneOf(position))
    .executeTakeFirstOrThrow();
  return id;
}

async function talk(values: Partial<Conversation>): Promise<Conversation> {
  return database.db
    .insertInto('conversations')
    .values({
      account_id: world.accountId,
      sender_id: world.sender.id,
      contact_id: await contactOf(1),
      ...values,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

const signals = () =>
  database.db.selectFrom('workflow_signals').select(['workflow_id', 'payload']).execute();

test.each(['delivered', 'read'])('a template told %s opens a window', async (word) => {
  const at = ago(HOUR);
  await tell(1, word, at);
  const made = await mail.conversation();
  expect(made).toMatchObject({
    contact_id: await contactOf(1),
    account_id: world.accountId,
    status: 'open',
    unread_count: 0,
    last_inbound_at: null,
    window_open: true,
    window_number: 1,
    window_closes_at: later(at),
  });
  expect(await signals()).toEqual([
    { workflow_id: windowWorkflowId(made.id, 1), payload: { closesAt: later(at).getTime() } },
  ]);
});

test('the next window of a conversation opens, and nothing else of it changes', async () => {
  const before = await talk({
    status: 'resolved',
    unread_count: 2,
    last_inbound_at: ago(3 * DAY),
    window_number: 4,
    window_closes_at: ago(2 * DAY),
  });
  const at = ago(HOUR);
  await tell(1, 'delivered', at);
  expect(await mail.conversation()).toEqual({
    ...before,
    window_open: true,
    window_number: 5,
    window_closes_at: later(at),
    updated_at: expect.any(Date),
  });
});

test('a delivery extends an open window, and reading extends it again', async () => {
  await mail.say({ phone: phoneOf(1).slice(1) }, text('Hello', ago(5 * HOUR)));
  const delivered = ago(3 * HOUR);
  await tell(1, 'delivered', delivered);
  expect((await mail.conversation()).window_closes_at).toEqual(later(delivered));
  const at = ago(HOUR);
  await tell(1, 'read', at);
  expect(await mail.conversation()).toMatchObject({
    window_number: 1,
    window_closes_at: later(at),
    unread_count: 1,
  });
  expect(await signals()).toMatchObject([{ payload: { closesAt: later(at).getTime() } }]);
});

test('never shortens a window', async () => {
  const spoken = ago(HOUR);
  await mail.say({ phone: phoneOf(1).slice(1) }, text('Hello', spoken));
  const before = await mail.conversation();
  await tell(1, 'delivered', ago(5 * HOUR));
  expect(await mail.conversation()).toEqual(before);
});

test('an old status reopens nothing and makes no conversation', async () => {
  const before = await talk({ window_number: 1, window_closes_at: ago(HOUR) });
  await mail.deliver(status(1, 'delivered', ago(25 * HOUR)), status(2, 'read', ago(DAY)));
  expect(await mail.conversation()).toEqual(before);
  expect(await signals()).toEqual([]);
  expect(await stateOf(database.db, world.campaign.id, 2)).toMatchObject({ state: 'read' });
});

test('a status that moves nobody opens nothing', async () => {
  await tell(1, 'read', ago(5 * HOUR));
  const before = await mail.conversation();
  await mail.deliver(
    status(1, 'delivered', ago(HOUR)),
    status(1, 'read', ago(HOUR)),
    status(2, 'sent', ago(HOUR)),
    status(2, 'failed', ago(HOUR), { errors: [{ code: 131026, title: 'x' }] }),
  );
  expect(await mail.conversation()).toEqual(before);
});

test('a clock that runs ahead opens no longer window', async () => {
  await tell(1, 'delivered', ago(-5 * HOUR));
  const { window_closes_at: closesAt } = await mail.conversation();
  expect(closesAt!.getTime()).toBeLessThanOrEqual(Date.now() + DAY);
});

test('a batch opens each window once, also beside what the same contact writes', async () => {
  const at = ago(HOUR);
  const other = ago(3 * HOUR);
  const customer = { phone: phoneOf(1).slice(1) };
  await mail.deliver(
    status(1, 'delivered', ago(2 * HOUR)),
    inboundBody(world, customer, text('Hello', ago(4 * HOUR))),
    status(1, 'read', at),
    status(2, 'delivered', other),
  );
  const rows = await mail.conversations();
  const closing = rows.map((row) => row.window_closes_at!.getTime()).sort((a, b) => a - b);
  expect(closing).toEqual([later(other).getTime(), later(at).getTime()]);
  expect(rows.map((row) => row.window_number)).toEqual([1, 1]);
  expect(await signals()).toHaveLength(2);
});

test('a status that was parked opens the window when it is applied', async () => {
  const bare = { biz_opaque_callback_data: undefined, id: 'wamid.late' };
  await mail.deliver(status(1, 'delivered', ago(HOUR), bare));
  expect(await mail.conversations()).toEqual([]);
  await database.db
    .updateTable('recipients')
    .set({ wamid: 'wamid.late' })
    .where('campaign_id', '=', world.campaign.id)
    .where('position', '=', 1)
    .execute();
  const meter = new Tally();
  await retryParked(database.db, meter);
  expect(meter.counts).toEqual({ opened: 1 });
  expect(await mail.conversation()).toMatchObject({ window_open: true });
});

test("by default, and by another sender's hook, a delivery opens nothing", async () => {
  const foreign = status(1, 'delivered', ago(HOUR));
  await stage('template_delivered');
  await mail.deliver(foreign);
  expect(await mail.conversations()).toEqual([]);
  await stage('customer_message');
  await mail.deliver(status(1, 'delivered', ago(HOUR)), status(2, 'read', ago(HOUR)));
  expect(await mail.conversations()).toEqual([]);
  expect(await signals()).toEqual([]);
  expect(await stateOf(database.db, world.campaign.id, 2)).toMatchObject({ state: 'read' });
});
