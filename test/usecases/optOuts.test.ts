import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { addApiBlocker } from '../../db/blocker';
import { insertCampaign } from '../../db/campaign';
import { openPool } from '../../db/connect';
import { takeTurn, type Turn } from '../../db/ledger';
import type { Campaign } from '../../db/schema';
import { formatReference } from '../../domain/reference';
import { buildWorld, phoneOf, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { change, inboundBody, seconds, text, type Customer } from '../support/inbound';
import { ago, HOUR, MARKETING_SOURCES, OptOutStage, phones } from '../support/optOuts';

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

const deliver = (...bodies: object[]): Promise<void> => stage.deliver(...bodies);
const say = (customer: Customer, message: Record<string, unknown>): Promise<void> =>
  stage.say(customer, message);
const sources = (): Promise<string[]> => stage.sources();
const scope = (phone = phoneOf(3)): Promise<string | undefined> => stage.scope(phone);
const list = (source: string, address = phoneOf(3)): Promise<void> => stage.list(source, address);
const prefer = (value: string, user: object = { wa_id: ANN.phone }, at = new Date()): object =>
  stage.prefer(value, user, at);
const freeze = (campaign: Campaign, marketing = true): Promise<void> =>
  stage.freeze(campaign, marketing);
const claim = (campaign: Campaign, to: number, marketing = true): Promise<Turn> =>
  stage.claim(campaign, to, marketing);

test('STOP in mid-campaign: the next claim skips the customer, for this sender alone', async () => {
  const { sender: other } = await buildWorld(database.db, { recipients: 0, phoneNumberId: '78' });
  await database.db
    .updateTable('senders')
    .set({ account_id: world.accountId, name: 'Other' })
    .where('id', '=', other.id)
    .execute();
  const { id: _id, ...row } = world.campaign;
  const second = await insertCampaign(database.db, {
    account_id: row.account_id,
    sender_id: other.id,
    template_id: row.template_id,
    audience_id: row.audience_id,
    name: 'Second',
    channel: row.channel,
    status: 'in_progress',
    due_at: row.due_at,
  });
  await freeze(world.campaign);
  await freeze(second);
  const first = await claim(world.campaign, 2);
  expect(phones(first)).toHaveLength(1);

  const left = [1, 2, 3, 4].map(phoneOf).filter((phone) => !phones(first).includes(phone));
  await say({ phone: left[1]!.slice(1) }, text(' Stop! '));

  const next = await claim(world.campaign, 5);
  expect(phones(next).toSorted((a, b) => a.localeCompare(b))).toEqual([left[0], left[2]]);
  expect(next.skipped).toBe(1);
  expect(phones(await claim(second, 5))).toHaveLength(4);
  const skipped = database.db
    .selectFrom('recipients')
    .select(['phone', 'reason'])
    .where('campaign_id', '=', world.campaign.id)
    .where('state', '=', 'skipped');
  expect(await skipped.execute()).toEqual([{ phone: left[1], reason: 'blocked' }]);
});

test('a customer who says STOP before the campaign is left out of it', async () => {
  await say(ANN, { type: 'button', button: { text: 'Stop promotions', payload: 'x' } });
  await freeze(world.campaign);
  expect(phones(await claim(world.campaign, 5))).toHaveLength(3);
});

describe('START', () => {
  test('undoes STOP, and what was asked of WhatsApp', async () => {
    await say(ANN, text('STOP', ago(HOUR)));
    expect(await sources()).toEqual([`inbound ${phoneOf(3)}`]);
    await say(ANN, text('start'));
    expect(await sources()).toEqual([]);
    await list('user_preferences');
    await say(ANN, text('start'));
    expect(await sources()).toEqual([]);
  });

  test.each(['api', 'provider_131050'])('does not undo %s', async (source) => {
    await list(source);
    await say(ANN, text('STOP'));
    await say(ANN, text('START'));
    expect(await sources()).toEqual([`${source} ${phoneOf(3)}`]);
  });

  test('does not undo a STOP that was written later, whatever comes first', async () => {
    await say(ANN, text('STOP', ago(HOUR)));
    await say(ANN, text('START', ago(2 * HOUR)));
    expect(await sources()).toHaveLength(1);
    await deliver(
      inboundBody(world, { phone: phoneOf(4).slice(1) }, text('START', ago(HOUR))),
      inboundBody(world, { phone: phoneOf(4).slice(1) }, text('STOP', ago(2 * HOUR))),
    );
    expect(await sources()).toHaveLength(1);
  });

  test('that comes late, written between two STOPs, does not undo the second', async () => {
    await say(ANN, text('STOP', ago(3 * HOUR)));
    await say(ANN, text('STOP', ago(HOUR)));
    await say(ANN, text('STOP', ago(4 * HOUR)));
    await say(ANN, text('START', ago(2 * HOUR)));
    expect(await sources()).toEqual([`inbound ${phoneOf(3)}`]);
    await say(ANN, text('START'));
    expect(await sources()).toEqual([]);
  });

  test('delivered again undoes nothing', async () => {
    const start = inboundBody(world, ANN, text('START', ago(HOUR)));
    await deliver(start);
    await list('inbound');
    await deliver(start);
    expect(await sources()).toHaveLength(1);
  });
});

describe('the switch in WhatsApp', () => {
  test('stops and resumes; a STOP in the chat outlives it', async () => {
    await deliver(prefer('stop'));
    expect(await sources()).toEqual([`user_preferences ${phoneOf(3)}`]);
    await deliver(prefer('resume'));
    expect(await sources()).toEqual([]);
    await list('inbound');
    await deliver(prefer('resume'));
    expect(await sources()).toEqual([`inbound ${phoneOf(3)}`]);
  });

  test('switched off twice is not switched on by what was said in between', async () => {
    const user = { wa_id: ANN.phone };
    await deliver(prefer('stop', user, ago(3 * HOUR)));
    await deliver(prefer('stop', user, ago(HOUR)));
    await deliver(prefer('resume', user, ago(2 * HOUR)));
    expect(await sources()).toEqual([`user_preferences ${phoneOf(3)}`]);
    expect(await scope()).toBe('marketing');
    await deliver(prefer('resume', user));
    expect(await sources()).toEqual([]);
  });

  test('told by a failed message (131050) blocks once, until it is switched on again', async () => {
    await freeze(world.campaign);
    const { claimed } = await claim(world.campaign, 5);
    const { position, phone } = claimed[0]!;
    const failed = change('messages', {
      statuses: [
        {
          id: 'wamid.out',
          status: 'failed',
          timestamp: seconds(new Date()),
          recipient_id: phone.slice(1),
          biz_opaque_callback_data: formatReference(world.campaign.id, position),
          errors: [{ code: 131050, title: 'stopped' }],
        },
      ],
    });
    await deliver(failed);
    expect(await sources()).toEqual([`provider_131050 ${phone}`]);
    expect(await scope(phone)).toBe('marketing');
    await deliver(prefer('resume', { wa_id: phone.slice(1) }));
    expect(await sources()).toEqual([]);
    await deliver(failed);
    expect(await sources()).toEqual([]);
  });
});

describe('what an opt-out is about', () => {
  const CASES = [
    { source: 'user_preferences', marketing: true, reached: 3 },
    { source: 'user_preferences', marketing: false, reached: 4 },
    { source: 'provider_131050', marketing: true, reached: 3 },
    { source: 'provider_131050', marketing: false, reached: 4 },
    { source: 'inbound', marketing: true, reached: 3 },
    { source: 'inbound', marketing: false, reached: 3 },
    { source: 'api', marketing: true, reached: 3 },
    { source: 'api', marketing: false, reached: 3 },
  ];

  test.each(CASES)(
    '$source before a campaign (marketing: $marketing) leaves $reached of 4',
    async ({ source, marketing, reached }) => {
      await list(source);
      expect(await stage.reach(world.campaign, marketing)).toBe(reached);
      await freeze(world.campaign, marketing);
      const { claimed, skipped } = await claim(world.campaign, 5, marketing);
      expect([claimed.length, skipped]).toEqual([reached, 0]);
    },
  );

  test.each(CASES)(
    '$source after the freeze (marketing: $marketing) leaves $reached of 4',
    async ({ source, marketing, reached }) => {
      await freeze(world.campaign, marketing);
      await list(source);
      const { claimed, skipped } = await claim(world.campaign, 5, marketing);
      expect([claimed.length, skipped]).toEqual([reached, 4 - reached]);
    },
  );

  test.each(CASES)(
    '$source before a retry (marketing: $marketing) leaves $reached of 4',
    async ({ source, marketing, reached }) => {
      await freeze(world.campaign, marketing);
      await database.db
        .updateTable('recipients')
        .set({ next_attempt_at: ago(HOUR) })
        .where('campaign_id', '=', world.campaign.id)
        .execute();
      await list(source);
      const { id: campaignId, sender_id: senderId } = world.campaign;
      const lane = { campaignId, senderId, slot: 0, lease: randomUUID(), marketing };
      const { claimed } = await takeTurn(pool, lane, [], { kind: 'due', limit: 10 });
      expect(claimed).toHaveLength(reached);
    },
  );

  test('the switch in WhatsApp is about marketing, STOP in the chat about everything', async () => {
    await deliver(prefer('stop'));
    expect(await scope()).toBe('marketing');
    await say(ANN, text('STOP'));
    expect(await scope()).toBe('all');
    await deliver(prefer('stop'));
    expect(await scope()).toBe('all');
  });

  test.each(MARKETING_SOURCES)('a STOP outlives the end of %s', async (source) => {
    await list(source);
    await say(ANN, text('STOP', ago(HOUR)));
    await deliver(prefer('resume'));
    expect(await sources()).toEqual([`inbound ${phoneOf(3)}`]);
    expect(await scope()).toBe('all');
  });

  test('START takes back a STOP alone where WhatsApp had refused marketing before', async () => {
    await list('provider_131050');
    await say(ANN, text('STOP', ago(2 * HOUR)));
    await say(ANN, text('START', ago(3 * HOUR)));
    expect(await scope()).toBe('all');
    await say(ANN, text('START', ago(HOUR)));
    expect(await sources()).toEqual([`provider_131050 ${phoneOf(3)}`]);
    expect(await scope()).toBe('marketing');
  });

  test.each(['user_preferences', 'inbound'])(
    "the business's blocker outranks %s",
    async (source) => {
      await list(source);
      const key = { senderId: world.sender.id, address: phoneOf(3) };
      expect(await addApiBlocker(database.db, key, new Date())).toMatchObject({
        added: false,
        blocker: { source: 'api', scope: 'all' },
      });
      await deliver(prefer('stop'), prefer('resume'));
      await say(ANN, text('START'));
      expect(await sources()).toEqual([`api ${phoneOf(3)}`]);
      expect(await scope()).toBe('all');
    },
  );

  test("a STOP leaves the business's blocker its date", async () => {
    await list('api');
    const dates = () =>
      database.db
        .selectFrom('blockers')
        .select(['source', 'created_at'])
        .where('sender_id', '=', world.sender.id)
        .execute();
    const before = await dates();
    await say(ANN, text('STOP'));
    expect(await dates()).toEqual(before);
  });
});
