import { applyWebhooks } from '../../usecases/webhookRelay';
import { windowWorkflowId } from '../../workflows/contract';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  append,
  inboundBody,
  Mail,
  newWamid,
  seconds,
  text,
  type Customer,
} from '../support/inbound';
import { Tally } from '../support/meter';

const HOUR = 3_600_000;
const ANN: Customer = { phone: '16505551234', name: 'Ann' };

let database: TestDatabase;
let world: World;
let mail: Mail;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  await database.db.deleteFrom('webhook_inbox').execute();
  world = await buildWorld(database.db, { recipients: 2 });
  mail = new Mail(database.db, world);
});

afterAll(() => database.drop());

const ago = (ms: number): Date => new Date(Math.floor((Date.now() - ms) / 1000) * 1000);
const body = (customer: Customer, message: Record<string, unknown>): object =>
  inboundBody(world, customer, message);
const deliver = (...bodies: object[]): Promise<void> => mail.deliver(...bodies);
const say = (customer: Customer, ...messages: Record<string, unknown>[]): Promise<void> =>
  mail.say(customer, ...messages);
const conversations = () => mail.conversations();
const conversation = () => mail.conversation();
const messages = () => mail.messages();

const inbox = () =>
  database.db.selectFrom('webhook_inbox').select(['problem']).orderBy('id').execute();

async function signals(): Promise<{ workflow_id: string; payload: object; version: number }[]> {
  const ids = (await conversations()).map(({ id }) => id);
  const rows = await database.db
    .selectFrom('workflow_signals')
    .select(['workflow_id', 'payload', 'version'])
    .orderBy('workflow_id')
    .execute();
  return rows.filter((row) => ids.some((id) => row.workflow_id.includes(id)));
}

const media = { id: '1', mime_type: 'x/y', sha256: 'z' };

/** label, message, text, type (when it is not the provider's) */
const TYPES: [string, Record<string, unknown>, string | null, string?][] = [
  ['text', text('Hello'), 'Hello'],
  ['image', { type: 'image', image: { ...media, caption: 'Look' } }, 'Look'],
  ['video without a caption', { type: 'video', video: media }, null],
  ['voice', { type: 'audio', audio: { ...media, voice: true } }, null],
  ['document', { type: 'document', document: { ...media, filename: 'a.pdf' } }, 'a.pdf'],
  ['sticker', { type: 'sticker', sticker: media }, null],
  [
    'location',
    { type: 'location', location: { latitude: 1.5, longitude: 2, name: 'Pier' } },
    'Pier',
  ],
  ['a point', { type: 'location', location: { latitude: 1.5, longitude: '2' } }, '1.5, 2'],
  [
    'contacts',
    { type: 'contacts', contacts: [{ name: { formatted_name: 'Bo' } }, { name: {} }, null] },
    'Bo',
  ],
  ['order', { type: 'order', order: { text: 'Two, please', product_items: [] } }, 'Two, please'],
  ['reaction', { type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '👍' } }, '👍'],
  ['a reaction taken back', { type: 'reaction', reaction: { message_id: 'wamid.A' } }, null],
  ['button', { type: 'button', button: { payload: 'p', text: 'Yes' } }, 'Yes'],
  [
    'button reply',
    { type: 'interactive', interactive: { type: 'button_reply', button_reply: { title: 'Red' } } },
    'Red',
  ],
  [
    'list reply',
    { type: 'interactive', interactive: { type: 'list_reply', list_reply: { title: 'Row' } } },
    'Row',
  ],
  [
    'form',
    {
      type: 'interactive',
      interactive: { type: 'nfm_reply', nfm_reply: { body: 'Sent', response_json: '{"a":1}' } },
    },
    'Sent',
  ],
  ['interactive without content', { type: 'interactive' }, null],
  ['unsupported', { type: 'unsupported', errors: [{ code: 131051 }] }, null],
  ['a type of tomorrow', { type: 'hologram', hologram: { depth: 3 } }, null, 'unsupported'],
  ['no type', { type: undefined }, null, 'unsupported'],
  ['a type named like a method', { type: 'constructor' }, null, 'unsupported'],
];

test.each(TYPES)('%s', async (_label, message, shown, type = String(message.type)) => {
  await say(ANN, message);
  const [stored] = await messages();
  expect(stored).toMatchObject({ type, text: shown, direction: 'inbound', status: 'received' });
  const { type: _type, ...content } = JSON.parse(JSON.stringify(message));
  expect(stored!.content).toMatchObject(content);
  expect(await conversation()).toMatchObject({
    unread_count: 1,
    window_open: true,
    status: 'open',
  });
  expect(await inbox()).toEqual([]);
});

test.each([
  [
    'system',
    { type: 'system', system: { body: 'New code', type: 'customer_identity_changed' } },
    'New code',
  ],
  ['edit', { type: 'edit', edit: { original_message_id: 'wamid.A', message: text('Hi!') } }, 'Hi!'],
  ['revoke', { type: 'revoke', revoke: { original_message_id: 'wamid.A' } }, null],
])('%s is shown, but the customer has not spoken', async (type, message, shown) => {
  await say(ANN, message);
  expect(await messages()).toMatchObject([{ type, text: shown }]);
  expect(await conversation()).toMatchObject({
    unread_count: 0,
    window_open: false,
    window_number: 0,
  });
});

test('replies, taps, reactions and corrections know the message they are about', async () => {
  await say(
    ANN,
    { ...text('Sure'), context: { id: 'wamid.A' } },
    { type: 'reaction', reaction: { message_id: 'wamid.B', emoji: '👍' } },
    { type: 'revoke', revoke: { original_message_id: 'wamid.C' } },
  );
  const about = (await messages()).map((message) => message.context_wamid);
  expect(new Set(about)).toEqual(new Set(['wamid.A', 'wamid.B', 'wamid.C']));
});

test('text that PostgreSQL cannot store holds up nobody', async () => {
  await say({ ...ANN, name: 'A\0nn' }, text('a\0b \ud800 c 🎉'), text('next'));
  expect((await messages()).map((message) => message.text)).toEqual([
    'a\ufffdb \ufffd c 🎉',
    'next',
  ]);
  expect(await inbox()).toEqual([]);
});

describe('once', () => {
  test('a message that is delivered again, in the same batch or later, counts once', async () => {
    const message = { ...text('Hi'), id: newWamid() };
    await say(ANN, message, message);
    await say(ANN, message);
    expect(await messages()).toHaveLength(1);
    expect(await conversation()).toMatchObject({ unread_count: 1, window_number: 1 });
  });

  test('relays at the same time apply everything once', async () => {
    const people = Array.from({ length: 40 }, (_, n) => ({ phone: `1650555${2000 + n}` }));
    const bodies = [1, 2, 3].flatMap(() => people.map((person) => body(person, text('Hi'))));
    await append(database.db, world, [...bodies, ...bodies]);
    const applied = await Promise.all([1, 2, 3, 4].map(() => applyWebhooks(database.db)));
    expect(applied.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
    await deliver();
    expect(await messages()).toHaveLength(120);
    const all = await conversations();
    expect(all.map((row) => row.unread_count)).toEqual(Array.from({ length: 40 }, () => 3));
  });

  test('a full batch of one customer costs one signal', async () => {
    const bodies = Array.from({ length: 300 }, () => body(ANN, text('Hi', ago(0))));
    await append(database.db, world, bodies);
    await deliver();
    expect(await conversation()).toMatchObject({ unread_count: 300, window_number: 1 });
    expect(await signals()).toMatchObject([{ version: 1 }]);
  });
});

describe('the window', () => {
  test('that opens is counted, and each time that it is extended; not what is old news', async () => {
    const meter = new Tally();
    const write = async (...messages: Record<string, unknown>[]) => {
      await append(
        database.db,
        world,
        messages.map((message) => body(ANN, message)),
      );
      await applyWebhooks(database.db, meter);
    };
    await write(text('Hi', ago(3 * HOUR)), text('Hello?', ago(2 * HOUR)));
    expect(meter.counts).toEqual({ opened: 1 });
    await write(text('Anybody?', ago(HOUR)));
    await write(text('late', ago(2.5 * HOUR)));
    expect(meter.counts).toEqual({ opened: 1, extended: 1 });
  });

  test('opens for a day from when the customer wrote, and tells its workflow', async () => {
    const at = ago(HOUR);
    await say(ANN, text('Hi', at));
    const { id, window_closes_at: closesAt, ...row } = await conversation();
    expect(row).toMatchObject({ window_open: true, window_number: 1, last_inbound_at: at });
    expect(closesAt).toEqual(new Date(at.getTime() + 24 * HOUR));
    expect(await signals()).toMatchObject([
      { workflow_id: windowWorkflowId(id, 1), payload: { closesAt: closesAt!.getTime() } },
    ]);
  });

  test('is extended, never shortened, whatever the order of delivery', async () => {
    const [first, last] = [ago(10 * HOUR), ago(HOUR)];
    await say(ANN, text('Last', last));
    await say(ANN, text('First', first));
    expect(await conversation()).toMatchObject({
      window_closes_at: new Date(last.getTime() + 24 * HOUR),
      last_inbound_at: last,
      unread_count: 2,
      window_number: 1,
    });
    expect((await signals())[0]).toMatchObject({ version: 1 });
    await say(ANN, text('Now', ago(0)));
    expect((await signals())[0]).toMatchObject({ version: 2 });
  });

  test('is not opened by a message of the day before yesterday', async () => {
    await say(ANN, text('Old', ago(30 * HOUR)));
    expect(await conversation()).toMatchObject({
      window_open: false,
      window_number: 0,
      unread_count: 1,
    });
    expect(await signals()).toEqual([]);
  });

  test('is not opened again by an old webhook, but by the next message', async () => {
    const old = body(ANN, text('Hi', ago(20 * HOUR)));
    await deliver(old);
    await database.db
      .updateTable('conversations')
      .set({ window_open: false, window_closes_at: ago(HOUR), status: 'closed' })
      .where('sender_id', '=', world.sender.id)
      .execute();
    await deliver(old);
    expect(await conversation()).toMatchObject({
      window_open: false,
      status: 'closed',
      unread_count: 1,
    });
    await say(ANN, text('Hi again'));
    expect(await conversation()).toMatchObject({
      window_open: true,
      window_number: 2,
      status: 'open',
    });
    expect((await signals()).map((signal) => signal.workflow_id)).toContain(
      windowWorkflowId((await conversation()).id, 2),
    );
  });

  test('is no longer for a clock that runs ahead', async () => {
    await say(ANN, text('Hi', new Date(Date.now() + 100 * HOUR)));
    const { window_closes_at: closesAt } = await conversation();
    expect(closesAt!.getTime()).toBeLessThanOrEqual(Date.now() + 24 * HOUR);
  });
});

describe('which sender', () => {
  test('a hook that tells of another number of the account fills that sender', async () => {
    const { sender: other } = await buildWorld(database.db, { recipients: 0, phoneNumberId: '77' });
    await database.db
      .updateTable('senders')
      .set({ account_id: world.accountId, name: 'Other' })
      .where('id', '=', other.id)
      .execute();
    await deliver(inboundBody({ ...world, sender: other }, ANN, text('Hi')));
    expect(await conversations()).toEqual([]);
    const found = database.db.selectFrom('messages').selectAll().where('sender_id', '=', other.id);
    expect(await found.execute()).toHaveLength(1);
  });

  test('messages to numbers or from people that nobody knows are set aside', async () => {
    const elsewhere = { ...world, sender: { ...world.sender, phone_number_id: '404' } };
    await deliver(inboundBody(elsewhere, ANN, text('Hi')), body({}, text('Who am I?')));
    expect(await messages()).toEqual([]);
    expect(await inbox()).toEqual([
      { problem: 'message to an unknown number' },
      { problem: 'message without a sender' },
    ]);
  });
});

test('timestamps are whole seconds of the provider', async () => {
  const at = ago(HOUR);
  await say(ANN, { ...text('Hi'), timestamp: seconds(at) });
  expect((await messages())[0]!.sent_at).toEqual(at);
});
