import { randomUUID } from 'node:crypto';
import { saveBatch } from '../../db/contactBatch';
import { validateContact } from '../../domain/contact';
import { buildWorld, phoneOf, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventsOf } from '../support/events';
import { change, inboundBody, Mail, text, type Customer } from '../support/inbound';

const ANN: Customer = { phone: '16505551234', name: 'Ann' };

let database: TestDatabase;
let world: World;
let mail: Mail;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  world = await buildWorld(database.db, { recipients: 2 });
  mail = new Mail(database.db, world);
});

afterAll(() => database.drop());

const body = (customer: Customer, message: Record<string, unknown>): object =>
  inboundBody(world, customer, message);
const deliver = (...bodies: object[]): Promise<void> => mail.deliver(...bodies);
const say = (customer: Customer, ...messages: Record<string, unknown>[]): Promise<void> =>
  mail.say(customer, ...messages);
const conversations = () => mail.conversations();
const conversation = () => mail.conversation();
const messages = () => mail.messages();

/** The contacts that wrote, leaving out the world's audience. */
const contacts = () =>
  database.db
    .selectFrom('contacts')
    .selectAll()
    .where('account_id', '=', world.accountId)
    .where((where) => where.or([where('phone', 'is', null), where('phone', 'not like', '+1555%')]))
    .orderBy('id')
    .execute();

const blockers = () =>
  database.db
    .selectFrom('blockers')
    .selectAll()
    .where('sender_id', '=', world.sender.id)
    .orderBy('phone')
    .execute();

describe('who wrote', () => {
  test('a known contact, whose name stays; an unknown one, who gets the profile name', async () => {
    await say({ phone: phoneOf(1).slice(1), name: 'Profile' }, text('Hi'));
    const { contact_id: id } = await conversation();
    const known = database.db.selectFrom('contacts').selectAll().where('id', '=', id);
    expect(await known.executeTakeFirst()).toMatchObject({
      phone: phoneOf(1),
      first_name: 'Name 1',
    });
    await say({ phone: '16505551234' }, text('Hi'));
    await say({ phone: '16505551234', name: 'Ann 🎉'.padEnd(50, 'x') }, text('Hi'));
    const [ann] = await contacts();
    expect(ann!.first_name).toMatch(/^Ann 🎉x+$/u);
    expect(Array.from(ann!.first_name!)).toHaveLength(32);
  });

  test('a hidden number is found by BSUID, and learnt when it shows', async () => {
    await say({ bsuid: 'US.1349', name: 'Cy' }, text('Hi'));
    expect(await contacts()).toMatchObject([{ phone: null, bsuid: 'US.1349', first_name: 'Cy' }]);
    await say({ bsuid: 'US.1349', phone: '16505551234' }, text('Me again'));
    await say({ phone: '16505551234' }, text('And again'));
    expect(await contacts()).toMatchObject([{ phone: '+16505551234', bsuid: 'US.1349' }]);
    expect(await conversation()).toMatchObject({ unread_count: 3 });
  });

  test('a known number learns its BSUID; in one batch too', async () => {
    await say({ phone: '16505551234' }, text('One'));
    await deliver(
      body({ bsuid: 'US.1349' }, text('Three')),
      body({ phone: '16505551234', bsuid: 'US.1349' }, text('Two')),
    );
    expect(await contacts()).toMatchObject([{ phone: '+16505551234', bsuid: 'US.1349' }]);
    expect(await conversation()).toMatchObject({ unread_count: 3 });
  });

  test('two contacts that turn out to be one person become one, with one conversation', async () => {
    await say({ bsuid: 'US.1349', name: 'Cy' }, text('Hidden'), text('STOP'));
    await say({ phone: '16505551234' }, text('Known'));
    const { id, account_id } = (await conversations())[0]!;
    const window = { conversation_id: id, account_id, window_number: 1, at: new Date() };
    await database.db
      .insertInto('conversation_events')
      .values({ ...window, kind: 'window_closing_soon' })
      .execute();
    await say({ phone: '16505551234', bsuid: 'US.1349' }, text('Both'));
    expect(await contacts()).toMatchObject([
      { phone: '+16505551234', bsuid: 'US.1349', first_name: 'Cy' },
    ]);
    expect(await conversation()).toMatchObject({ unread_count: 4, window_open: true });
    expect(await messages()).toHaveLength(4);
    expect(await blockers()).toMatchObject([{ phone: '+16505551234', source: 'inbound' }]);
  });

  describe('an agent who answers one of two people that are one', () => {
    const agent = async (name: string): Promise<string> => {
      const row = { account_id: world.accountId, name };
      const added = database.db.insertInto('agents').values(row).returning('id');
      return (await added.executeTakeFirstOrThrow()).id;
    };
    const assign = (bsuid: string | null, assigneeId: string | null) =>
      database.db
        .updateTable('conversations')
        .set({ mode: 'human', assignee_id: assigneeId })
        .from('contacts')
        .whereRef('contacts.id', '=', 'contact_id')
        .where('contacts.bsuid', bsuid === null ? 'is' : '=', bsuid)
        .where('sender_id', '=', world.sender.id)
        .execute();
    const assignments = async () => {
      const events = await eventsOf(database.db, world.accountId);
      return events.filter(({ kind }) => kind === 'conversation.assigned');
    };

    beforeEach(async () => {
      await say({ bsuid: 'US.1349' }, text('Hidden'));
      await say({ phone: '16505551234' }, text('Known'));
    });

    test('goes on with the one that stays, and is told so', async () => {
      const bea = await agent('Bea');
      await assign('US.1349', bea);
      await say({ phone: '16505551234', bsuid: 'US.1349' }, text('Both'));
      const kept = await conversation();
      expect(kept).toMatchObject({ mode: 'human', assignee_id: bea });
      expect(await assignments()).toMatchObject([
        { conversationId: kept.id, data: { assignee_id: bea } },
      ]);
    });

    test('keeps the one that stays, whoever had the other', async () => {
      const bea = await agent('Bea');
      await assign(null, bea);
      await assign('US.1349', await agent('Cy'));
      await say({ phone: '16505551234', bsuid: 'US.1349' }, text('Both'));
      expect(await conversation()).toMatchObject({ mode: 'human', assignee_id: bea });
      expect(await assignments()).toEqual([]);
    });

    test('is still needed where nobody is assigned', async () => {
      await assign('US.1349', null);
      await say({ phone: '16505551234', bsuid: 'US.1349' }, text('Both'));
      expect(await conversation()).toMatchObject({ mode: 'human', assignee_id: null });
      expect(await assignments()).toEqual([]);
    });
  });

  test('a number that is given to somebody else goes with the BSUID', async () => {
    await say({ phone: '16505551234', bsuid: 'US.1' }, text('A'));
    await say({ phone: '16505555678', bsuid: 'US.2' }, text('B'));
    await say({ phone: '16505551234', bsuid: 'US.2' }, text('C'));
    expect(await contacts()).toMatchObject([
      { phone: '+16505551234', bsuid: 'US.2' },
      { phone: '+16505555678', bsuid: null },
    ]);
  });

  test('messages of one batch that contradict each other are believed in their order', async () => {
    await deliver(
      body({ phone: '16505551234', bsuid: 'US.1' }, text('A')),
      body({ phone: '16505555678', bsuid: 'US.2' }, text('B')),
      body({ phone: '16505551234', bsuid: 'US.2' }, text('C')),
      body({ bsuid: 'US.2' }, text('D')),
    );
    expect(await contacts()).toMatchObject([
      { phone: '+16505551234', bsuid: 'US.2' },
      { phone: '+16505555678', bsuid: null },
    ]);
    const unread = (await conversations()).map((row) => row.unread_count);
    expect(unread.toSorted((a, b) => a - b)).toEqual([1, 3]);
  });

  test('an import of the same people at the same time makes nobody twice', async () => {
    const phones = Array.from({ length: 200 }, (_, n) => String(16505550000 + n));
    const target = { accountId: world.accountId, audienceId: world.audienceId };
    const valid = phones.map((number) => validateContact({ number }, new Map()));
    await Promise.all([
      deliver(...phones.toReversed().map((phone) => body({ phone, name: 'Cy' }, text('Hi')))),
      saveBatch(database.db, { ...target, importId: randomUUID() }, valid),
    ]);
    const all = await contacts();
    expect(all).toHaveLength(200);
    expect(new Set(all.map((contact) => contact.first_name))).toEqual(new Set(['Cy']));
    expect(await conversations()).toHaveLength(200);
  });

  test.each([['wa_id'], ['new_wa_id']])(
    'a change of number moves the contact (%s)',
    async (key) => {
      const moved = { type: 'user_changed_number', body: 'Moved', [key]: '16505559999' };
      await deliver(
        body(ANN, text('Old number')),
        body(ANN, text('STOP')),
        body(ANN, { type: 'system', system: moved }),
        body({ phone: '16505559999' }, text('New number')),
      );
      expect(await contacts()).toMatchObject([{ phone: '+16505559999', first_name: 'Ann' }]);
      expect(await conversation()).toMatchObject({ unread_count: 3 });
      expect(await messages()).toHaveLength(4);
      expect((await blockers()).map(({ phone }) => phone)).toContain('+16505559999');
    },
  );

  test('a change to a number that another contact has makes them one', async () => {
    await say({ phone: '16505559999' }, text('New number, too early'));
    await say(ANN, text('Old number'));
    const moved = { type: 'user_changed_number', wa_id: '16505559999', user_id: 'US.9' };
    await say(ANN, { type: 'system', system: moved });
    expect(await contacts()).toMatchObject([{ phone: '+16505559999', bsuid: 'US.9' }]);
    expect(await conversation()).toMatchObject({ unread_count: 2 });
  });

  test('a change of BSUID keeps the contact', async () => {
    await say({ bsuid: 'US.1' }, text('Hi'));
    await say(
      { bsuid: 'US.1' },
      { type: 'system', system: { type: 'user_changed_user_id', user_id: 'US.2' } },
    );
    await say({ bsuid: 'US.2' }, text('Hi again'));
    expect(await contacts()).toMatchObject([{ phone: null, bsuid: 'US.2' }]);
    expect(await conversation()).toMatchObject({ unread_count: 2 });
  });
});

test('a BSUID that the account is told about outside of messages changes as well', async () => {
  await say({ bsuid: 'US.1', name: 'Cy' }, text('Hi'));
  await say({ bsuid: 'US.2' }, text('Hi again'));
  const news = change('user_id_update', {
    user_id_update: [
      { user_id: { previous: 'US.1', current: 'US.2' }, timestamp: '1770000000' },
      {},
    ],
  });
  await deliver(news);
  await deliver(news);
  expect(await contacts()).toMatchObject([{ bsuid: 'US.2', first_name: 'Cy' }]);
  expect(await conversation()).toMatchObject({ unread_count: 2 });
});

test('a name that the first of several messages tells is kept', async () => {
  await deliver(body(ANN, text('One')), body({ phone: ANN.phone }, text('Two')));
  expect(await contacts()).toMatchObject([{ first_name: 'Ann' }]);
});
