import { DateTime } from 'luxon';
import { retryParked } from '../../usecases/webhookRelay';
import { sendMessages } from '../../usecases/message';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { messageStates, openWindow, sendTexts } from '../support/direct';
import { change, deliver, seconds } from '../support/inbound';

const ADA = '+14155550001';
const DAY = 24 * 3_600_000;

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  world = await buildWorld(database.db, { recipients: 0 });
});

afterAll(() => database.drop());

const deps = () => ({
  db: database.db,
  clock: { now: () => DateTime.utc() },
  deliverSignals: () => undefined,
});

/** A text in Ada's window, in the state that its lane would have left it in. */
async function said(state: string, wamid: string | null = `wamid.${state}`): Promise<string> {
  await openWindow(database.db, world, ADA);
  const [id] = await sendTexts(deps(), world, ADA, 'Hello');
  await settle(id!, state, wamid);
  return id!;
}

async function settle(id: string, state: string, wamid: string | null): Promise<void> {
  if (state !== 'pending') {
    await database.db.deleteFrom('send_queue').where('message_id', '=', id).execute();
  }
  await database.db
    .updateTable('messages')
    .set({ status: state, wamid })
    .where('id', '=', id)
    .execute();
}

interface Told {
  wamid?: string;
  reference?: string;
  at?: Date;
  errors?: object[];
}

function status(word: string, { wamid = 'wamid.x', reference, at = new Date(), errors }: Told) {
  const item = {
    id: wamid,
    status: word,
    timestamp: seconds(at),
    recipient_id: ADA.slice(1),
    ...(reference !== undefined && { biz_opaque_callback_data: reference }),
    ...(errors && { errors }),
  };
  const metadata = { phone_number_id: world.sender.phone_number_id };
  return change('messages', { messaging_product: 'whatsapp', metadata, statuses: [item] });
}

const tell = (...bodies: object[]) => deliver(database.db, world, ...bodies);
const state = async (id: string) => (await messageStates(database.db, [id]))[0]!;

test('statuses climb in any order, and repeats change nothing', async () => {
  const id = await said('sent');
  const reference = `m.${id}`;
  await tell(status('read', { reference }), status('sent', { reference }));
  expect(await state(id)).toMatchObject({ status: 'read', wamid: 'wamid.sent' });
  await tell(status('delivered', { reference }), status('failed', { reference }));
  expect(await state(id)).toMatchObject({ status: 'read' });
});

test('a status that overtook the answer of its own POST settles the message', async () => {
  const id = await said('claimed', null);
  await tell(status('delivered', { reference: `m.${id}`, wamid: 'wamid.early' }));
  expect(await state(id)).toMatchObject({ status: 'delivered', wamid: 'wamid.early' });
});

test('what was unknown after a crash is settled by its status', async () => {
  const id = await said('unknown', null);
  await tell(
    status('failed', { reference: `m.${id}`, errors: [{ code: 131026, title: 'undeliverable' }] }),
  );
  expect(await state(id)).toMatchObject({ status: 'failed', reason: '131026' });
});

test('news that it arrived takes a message out of the queue; old news of a failure does not', async () => {
  await openWindow(database.db, world, ADA);
  const ids = await sendTexts(deps(), world, ADA, 'first', 'second');
  await tell(
    status('delivered', { reference: `m.${ids[0]}`, wamid: 'wamid.1' }),
    status('failed', { reference: `m.${ids[1]}`, wamid: 'wamid.2' }),
  );
  const states = await messageStates(database.db, ids);
  expect(states.map((message) => message.status)).toEqual(['delivered', 'pending']);
  const waiting = await database.db
    .selectFrom('send_queue')
    .select('message_id')
    .where('sender_id', '=', world.sender.id)
    .execute();
  expect(waiting).toEqual([{ message_id: ids[1] }]);
});

test('without our reference it is found by the provider id, also when that comes later', async () => {
  const known = await said('sent', 'wamid.known');
  await tell(status('read', { wamid: 'wamid.known' }));
  expect(await state(known)).toMatchObject({ status: 'read' });
  const late = await said('claimed', null);
  await tell(status('delivered', { wamid: 'wamid.late' }));
  expect(await state(late)).toMatchObject({ status: 'claimed' });
  await settle(late, 'sent', 'wamid.late');
  await retryParked(database.db);
  expect(await state(late)).toMatchObject({ status: 'delivered' });
});

test("another sender's hook changes nothing", async () => {
  const id = await said('sent');
  const other = await buildWorld(database.db, { recipients: 0 });
  await deliver(database.db, other, status('read', { reference: `m.${id}` }));
  expect(await state(id)).toMatchObject({ status: 'sent' });
});

test('a delivered template opens the window where the policy says so, and a text never does', async () => {
  await database.db
    .updateTable('senders')
    .set({ window_policy: 'template_delivered' })
    .where('id', '=', world.sender.id)
    .execute();
  const { template, sender } = world;
  const [id] = await sendMessages(deps(), sender, [
    {
      recipient: { phone: ADA, bsuid: null },
      content: { type: 'template', name: template.name, language: 'en', components: [] },
      text: template.body,
      template,
    },
  ]);
  await settle(id!, 'sent', 'wamid.t');
  const at = new Date(Math.floor((Date.now() - 60_000) / 1000) * 1000);
  await tell(status('delivered', { reference: `m.${id}`, at }));
  const windows = () =>
    database.db
      .selectFrom('conversations')
      .select(['window_open', 'window_closes_at', 'window_number'])
      .where('sender_id', '=', world.sender.id)
      .execute();
  const opened = { window_open: true, window_number: 1 };
  const closesAt = new Date(at.getTime() + DAY);
  expect(await windows()).toEqual([{ ...opened, window_closes_at: closesAt }]);
  const [reply] = await sendTexts(deps(), world, ADA, 'now I may');
  await settle(reply!, 'sent', 'wamid.r');
  await tell(status('delivered', { reference: `m.${reply}` }));
  expect(await windows()).toEqual([{ ...opened, window_closes_at: closesAt }]);
});

test('who stopped marketing at the provider goes on the list of the sender', async () => {
  const id = await said('sent');
  await tell(
    status('failed', { reference: `m.${id}`, errors: [{ code: 131050, title: 'stopped' }] }),
  );
  const rows = await database.db
    .selectFrom('blockers')
    .select(['phone', 'scope', 'source'])
    .where('sender_id', '=', world.sender.id)
    .execute();
  expect(rows).toEqual([{ phone: ADA, scope: 'marketing', source: 'provider_131050' }]);
});
