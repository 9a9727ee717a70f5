import type { Pool } from 'pg';
import { carryBlockers } from '../../db/blocker';
import { openPool } from '../../db/connect';
import { buildWorld, phoneOf, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { inboundBody, text, type Customer } from '../support/inbound';
import { OptOutStage, phones } from '../support/optOuts';

/** A contact of the world's audience. */
const ANN: Customer = { phone: phoneOf(3).slice(1) };

let database: TestDatabase;
let pool: Pool;
let world: World;
let stage: OptOutStage;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openPool(database.url, { max: 2 });
});

beforeEach(async () => {
  world = await buildWorld(database.db, { recipients: 4 });
  stage = new OptOutStage(database.db, pool, world);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('a hidden number', () => {
  test('is blocked by BSUID, and by number once that is known', async () => {
    await stage.say({ bsuid: 'US.7' }, text('STOP'));
    expect(await stage.sources()).toEqual(['inbound US.7']);
    await stage.say({ ...ANN, bsuid: 'US.7' }, text('Hello'));
    expect(await stage.sources()).toEqual([`inbound ${phoneOf(3)}`]);
    await stage.say({ bsuid: 'US.7' }, text('START'));
    expect(await stage.sources()).toEqual([]);
  });

  test('of a known contact is blocked by the number', async () => {
    await stage.say({ ...ANN, bsuid: 'US.8' }, text('Hello'));
    await stage.deliver(stage.prefer('stop', { user_id: 'US.8' }));
    expect(await stage.sources()).toEqual([`user_preferences ${phoneOf(3)}`]);
  });

  test('that nobody wrote from yet shows: its opt-outs are those of the number', async () => {
    await stage.deliver(
      stage.prefer('stop', { user_id: 'US.7' }),
      stage.prefer('stop', { user_id: 'US.6' }),
      stage.prefer('stop', { user_id: 'US.5' }),
    );
    await stage.freeze(world.campaign, true);
    await stage.deliver(
      inboundBody(world, { ...ANN, bsuid: 'US.7' }, text('Hello')),
      inboundBody(world, { phone: '14155550001', bsuid: 'US.6' }, text('Hello')),
    );
    expect(await stage.sources()).toEqual([
      'user_preferences +14155550001',
      `user_preferences ${phoneOf(3)}`,
      'user_preferences US.5',
    ]);
    expect((await stage.claim(world.campaign, 5, true)).skipped).toBe(1);
  });

  test.each([
    { source: 'inbound', marketing: false, reached: 3 },
    { source: 'user_preferences', marketing: true, reached: 3 },
    { source: 'user_preferences', marketing: false, reached: 4 },
  ])(
    '$source under the BSUID of a known number (marketing: $marketing) leaves $reached of 4',
    async ({ source, marketing, reached }) => {
      await stage.say({ ...ANN, bsuid: 'US.8' }, text('Hello'));
      await stage.list(source, 'US.8');
      expect(await stage.reach(world.campaign, marketing)).toBe(reached);
      await stage.freeze(world.campaign, marketing);
      expect(phones(await stage.claim(world.campaign, 5, marketing))).toHaveLength(reached);
    },
  );

  test("shows: the business's blocker outranks the customer's for the number as well", async () => {
    await stage.say(ANN, text('STOP'));
    await stage.list('api', 'US.7');
    await stage.say({ ...ANN, bsuid: 'US.7' }, text('START'));
    expect(await stage.sources()).toEqual([`api ${phoneOf(3)}`]);
  });
});

describe('an opt-out', () => {
  test('follows a person to a number that had opted out of marketing alone', async () => {
    const carry = (from: string, to: string) =>
      carryBlockers(database.db, [{ accountId: world.accountId, from, to }]);
    await stage.list('user_preferences', phoneOf(3));
    await stage.list('inbound', 'US.7');
    await carry('US.7', phoneOf(3));
    expect(await stage.scope(phoneOf(3))).toBe('all');
    await stage.list('user_preferences', phoneOf(4));
    await carry(phoneOf(4), phoneOf(2));
    expect(await stage.scope(phoneOf(2))).toBe('marketing');
    await carry(phoneOf(2), phoneOf(3));
    expect(await stage.scope(phoneOf(3))).toBe('all');
  });

  test('follows a person from a number and a BSUID at once, with both wishes', async () => {
    await stage.list('inbound', phoneOf(3));
    await stage.list('provider_131050', 'US.7');
    const person = { accountId: world.accountId, to: phoneOf(4) };
    await carryBlockers(database.db, [
      { ...person, from: phoneOf(3) },
      { ...person, from: 'US.7' },
    ]);
    expect(await stage.sources()).toEqual([
      `inbound ${phoneOf(3)}`,
      `provider_131050 ${phoneOf(4)}`,
    ]);
    expect(await stage.scope(phoneOf(4))).toBe('all');
    await stage.say({ phone: phoneOf(4).slice(1) }, text('START'));
    expect(await stage.scope(phoneOf(4))).toBe('marketing');
  });
});

describe('a number that WhatsApp spells otherwise', () => {
  const imported = '+5511987654321';
  const whatsApp = '+551187654321';

  beforeEach(async () => {
    await database.db
      .updateTable('contacts')
      .set({ phone: imported })
      .where('account_id', '=', world.accountId)
      .where('phone', '=', phoneOf(3))
      .execute();
  });

  test('is blocked as it was imported, and as WhatsApp has it, until START', async () => {
    await stage.freeze(world.campaign, true);
    await stage.say({ phone: whatsApp.slice(1) }, text('STOP'));
    expect((await stage.sources()).toSorted()).toEqual([
      `inbound ${whatsApp}`,
      `inbound ${imported}`,
    ]);
    expect(await stage.reach(world.campaign, true)).toBe(3);
    const claimed = phones(await stage.claim(world.campaign, 5, true));
    expect(claimed).toHaveLength(3);
    expect(claimed).not.toContain(imported);
    await stage.say({ phone: whatsApp.slice(1) }, text('START'));
    expect(await stage.sources()).toEqual([]);
  });

  test('is one contact with one conversation', async () => {
    await stage.say({ phone: whatsApp.slice(1) }, text('Hello'));
    await stage.say({ phone: imported.slice(1), bsuid: 'BR.1' }, text('Hello again'));
    await stage.say({ phone: whatsApp.slice(1), bsuid: 'BR.1' }, text('And again'));
    expect(await stage.messages()).toHaveLength(3);
    const { contact_id } = await stage.conversation();
    const contact = await database.db
      .selectFrom('contacts')
      .select(['phone', 'bsuid'])
      .where('id', '=', contact_id)
      .executeTakeFirstOrThrow();
    expect(contact).toEqual({ phone: imported, bsuid: 'BR.1' });
  });
});
