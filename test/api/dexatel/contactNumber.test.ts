import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from 'pg';
import { renumberContact } from '../../../db/contactIdentity';
import { openPool } from '../../../db/connect';
import { startApi, type Answer, type TestApi } from '../../support/api';
import { buildWorld, phoneOf, type World } from '../../support/build';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { expectError } from '../../support/dexatel';
import { text } from '../../support/inbound';
import { OptOutStage } from '../../support/optOuts';

/** Long enough for the other side to reach the row's lock. */
const HOLD_MS = 200;
const OLD = phoneOf(1);
const NEW = '+14155550199';

let database: TestDatabase;
let pool: Pool;
let world: World;
let stage: OptOutStage;
let api: TestApi;
/** Of the contact with the number OLD. */
let id: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openPool(database.url, { max: 2 });
});

beforeEach(async () => {
  world = await buildWorld(database.db, { recipients: 3 });
  stage = new OptOutStage(database.db, pool, world);
  api = await startApi(database.db, { accountId: world.accountId });
  ({ id } = (await contact('phone', OLD))!);
});

afterEach(() => api.close());

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const change = (data: object): Promise<Answer> =>
  api.call('PUT', `/v1/audiences/${world.audienceId}/contacts/${id}`, { data });
const changeNumber = (phone: string): Promise<Answer> => change({ number: phone.slice(1) });
const say = (phone: string, body: string, bsuid?: string): Promise<void> =>
  stage.say({ phone: phone.slice(1), bsuid }, text(body));

const contact = (key: 'id' | 'phone', value: string) =>
  database.db
    .selectFrom('contacts')
    .selectAll()
    .where('account_id', '=', world.accountId)
    .where(key, '=', value)
    .executeTakeFirst();

const phonesOfAccount = async (): Promise<(string | null)[]> => {
  const query = database.db.selectFrom('contacts').select('phone').orderBy('phone');
  const rows = await query.where('account_id', '=', world.accountId).execute();
  return rows.map(({ phone }) => phone);
};

const partner = async (): Promise<string | null> => {
  const { contact_id } = await stage.conversation();
  return (await contact('id', contact_id))!.phone;
};

test('a contact nobody has heard of has the new number', async () => {
  const changed = await changeNumber(NEW);
  expect(changed).toMatchObject({ status: 200, body: { data: { id, number: NEW.slice(1) } } });
  expect(await phonesOfAccount()).toEqual([NEW, phoneOf(2), phoneOf(3)]);
});

test('the conversation and its window stay with the old number', async () => {
  await say(OLD, 'My private question', 'US.1');
  const changed = await change({ number: NEW.slice(1), first_name: 'Ann' });
  expect(changed.body.data).toMatchObject({ id, number: NEW.slice(1), first_name: 'Ann' });
  const at = `/v1/audiences/${world.audienceId}/contacts/${id}`;
  expect((await api.call('GET', at)).body).toEqual(changed.body);
  expect(await contact('id', id)).toMatchObject({ phone: NEW, bsuid: null, conversed: false });
  expect(await contact('phone', OLD)).toMatchObject({ bsuid: 'US.1', first_name: 'Name 1' });
  expect(await partner()).toBe(OLD);
  const to = `/v1/messaging/conversations/${(await stage.conversation()).id}/messages`;
  const bearer = { Authorization: `Bearer ${api.key}` };
  expect((await api.call('POST', to, { text: 'An answer' }, bearer)).status).toBeLessThan(300);
  const queued = database.db.selectFrom('send_queue').select('phone');
  expect(await queued.where('sender_id', '=', world.sender.id).execute()).toEqual([{ phone: OLD }]);
  await say(OLD, 'And another one', 'US.1');
  expect(await stage.conversation()).toMatchObject({ unread_count: 2 });
});

test('whoever has the new number begins a conversation of their own', async () => {
  await say(OLD, 'Hello');
  await changeNumber(NEW);
  await say(NEW, 'Hello');
  expect(await stage.conversations()).toHaveLength(2);
  expect((await stage.conversations())[1]).toMatchObject({ contact_id: id, unread_count: 1 });
});

test('what a campaign has sent stays with the old number', async () => {
  await stage.freeze(world.campaign, true);
  await changeNumber(NEW);
  const sent = database.db
    .selectFrom('recipients')
    .innerJoin('contacts', 'contacts.id', 'recipients.contact_id')
    .select(['recipients.phone', 'contacts.phone as now'])
    .where('campaign_id', '=', world.campaign.id)
    .orderBy('recipients.phone');
  expect(await sent.execute()).toEqual(
    [1, 2, 3].map(phoneOf).map((phone) => ({ phone, now: phone })),
  );
});

test('the fields alone change nothing else', async () => {
  await say(OLD, 'Hello', 'US.1');
  expect((await change({ number: OLD.slice(1), first_name: 'Ann' })).status).toBe(200);
  expect(await contact('id', id)).toMatchObject({ phone: OLD, bsuid: 'US.1', first_name: 'Ann' });
  expect(await partner()).toBe(OLD);
});

test.each(['api', 'inbound', 'user_preferences'])('an opt-out by %s is not lost', async (by) => {
  await stage.list(by, OLD);
  await changeNumber(NEW);
  expect(await stage.sources()).toEqual([`${by} ${NEW}`, `${by} ${OLD}`]);
  expect(await stage.reach(world.campaign, true)).toBe(2);
});

test('a STOP in the chat is not lost, and taken back by each number alone', async () => {
  await say(OLD, 'STOP');
  await changeNumber(NEW);
  expect(await stage.reach(world.campaign, true)).toBe(2);
  await say(OLD, 'START');
  expect(await stage.sources()).toEqual([`inbound ${NEW}`]);
});

test('a number that is given to somebody whose own was hidden leaves the BSUID its opt-out', async () => {
  await database.db
    .updateTable('contacts')
    .set({ phone: null, bsuid: 'US.9' })
    .where('id', '=', id)
    .execute();
  await stage.say({ bsuid: 'US.9' }, text('STOP'));
  await changeNumber(NEW);
  expect(await stage.sources()).toEqual([`inbound ${NEW}`, 'inbound US.9']);
  expect(await contact('id', (await stage.conversation()).contact_id)).toMatchObject({
    phone: null,
    bsuid: 'US.9',
  });
});

test('a number that another contact has is refused, and nothing moves', async () => {
  await say(OLD, 'STOP');
  const before = await phonesOfAccount();
  expectError(await changeNumber(phoneOf(2)), 409, 1360);
  expect(await phonesOfAccount()).toEqual(before);
  expect((await stage.conversation()).contact_id).toBe(id);
  expect(await stage.sources()).toEqual([`inbound ${OLD}`]);
});

test('two changes at once leave one contact with the old number', async () => {
  await say(OLD, 'Hello');
  const answers = await Promise.all([changeNumber(NEW), changeNumber('+14155550198')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await phonesOfAccount()).filter((phone) => phone === OLD)).toHaveLength(1);
  expect(await partner()).toBe(OLD);
});

test('a message that comes in the middle of the change is not lost', async () => {
  await say(OLD, 'Hello');
  const before = (await contact('phone', OLD))!;
  const changing = database.db.transaction().execute(async (tx) => {
    await renumberContact(tx, before, NEW);
    await wait(HOLD_MS);
  });
  await wait(HOLD_MS / 2);
  await Promise.all([changing, say(OLD, 'Hello?')]);
  expect(await stage.conversation()).toMatchObject({ unread_count: 2 });
  expect(await stage.messages()).toHaveLength(2);
  expect(await partner()).toBe(OLD);
});
