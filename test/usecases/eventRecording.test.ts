import { DateTime } from 'luxon';
import type { Pool } from 'pg';
import { setGates, transition } from '../../db/campaign';
import { openPool, type Db } from '../../db/connect';
import { takeLane } from '../../db/lane';
import { takeTurn, type Lane, type LedgerEntry } from '../../db/ledger';
import { applyMessageStatuses } from '../../db/messageStatus';
import { freezeAudience } from '../../db/recipient';
import { claimMessages, failQueue, recordMessages } from '../../db/sendQueue';
import { applyStatuses } from '../../db/status';
import { closeDueWindow, recordClosingSoon } from '../../db/window';
import type { DeliveryStatus } from '../../domain/message';
import { buildWorld, phoneOf, type World } from '../support/build';
import { buildConversation } from '../support/conversation';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWindow, sendTexts } from '../support/direct';
import { buildEndpoint, eventsOf, kindsOf } from '../support/events';
import { Mail, text } from '../support/inbound';

let database: TestDatabase;
let db: Db;
let pool: Pool;
let world: World;
let lane: Lane;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  pool = openPool(database.url);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  world = await buildWorld(db, { recipients: 3 });
  const { id: campaignId } = world.campaign;
  const senderId = world.sender.id;
  await freezeAudience(db, {
    campaignId,
    audienceId: world.audienceId,
    senderId,
    marketing: true,
    placeholders: [],
    variables: {},
    localSchedule: null,
    accountTimeZone: 'UTC',
  });
  await setGates(db, campaignId, true);
  const lease = '00000000-0000-4000-8000-000000000001';
  lane = { campaignId, senderId, slot: 0, lease, marketing: true };
});

const told = () => eventsOf(db, world.accountId);

/** Kinds of the campaign's messages: `2 message.sent`. */
async function toldOfMessages(): Promise<string[]> {
  const events = await told();
  return events.flatMap(({ kind, position }) => (position === null ? [] : [`${position} ${kind}`]));
}

const sent: LedgerEntry = {
  state: 'sent',
  reason: null,
  wamid: 'wamid.1',
  nextAttemptAt: null,
  refundedTries: 0,
};

async function sendToAll(...verdicts: LedgerEntry[]): Promise<void> {
  await takeTurn(pool, lane, [], { kind: 'positions', from: 1, to: 4 });
  const outcomes = verdicts.map((verdict, index) => ({ position: index + 1, verdict }));
  await takeTurn(pool, lane, outcomes, { kind: 'nothing' });
}

const apply = (position: number, status: DeliveryStatus) =>
  applyStatuses(db, [
    {
      senderId: world.sender.id,
      campaignId: world.campaign.id,
      position,
      status,
      at: new Date(1_770_000_000_000),
      wamid: 'wamid.1',
      errorCode: status === 'failed' ? 131026 : null,
    },
  ]);

const CHARGE = { pricing: { billable: true, category: 'utility' }, conversation: { id: 'c' } };
/** Statuses that came together; the one of `delivered` tells the price. */
const PRICED = (['read', 'delivered'] as const).map((status) => ({
  status,
  at: new Date(1_770_000_000_000),
  wamid: 'wamid.1',
  errorCode: null,
  ...(status === 'delivered' && { charge: CHARGE }),
}));

describe('what campaigns send', () => {
  test('is no event while nobody listens', async () => {
    await buildEndpoint(db, world.accountId, { kinds: ['message.received'] });
    await buildEndpoint(db, world.accountId, { kinds: ['message.sent'], enabled: false });
    const other = await buildWorld(db, { recipients: 0 });
    await buildEndpoint(db, other.accountId, { kinds: ['message.sent', 'message.delivered'] });
    await sendToAll(sent, sent, sent);
    await apply(1, 'delivered');
    expect(await toldOfMessages()).toEqual([]);
  });

  test('is told to whoever listens, each move once', async () => {
    const kinds = ['message.sent', 'message.delivered', 'message.failed'] as const;
    await buildEndpoint(db, world.accountId, { kinds: [...kinds] });
    await sendToAll(sent, { ...sent, state: 'failed', reason: '131026', wamid: null }, sent);
    await apply(1, 'delivered');
    await apply(1, 'delivered');
    await apply(1, 'read');
    await apply(3, 'failed');
    expect(await toldOfMessages()).toEqual([
      '1 message.sent',
      '2 message.failed',
      '3 message.sent',
      '1 message.delivered',
      '3 message.failed',
    ]);
    const events = (await told()).filter(({ position }) => position !== null);
    expect(events.map(({ data }) => data)).toEqual([
      {},
      { code: '131026' },
      {},
      {},
      { code: '131026' },
    ]);
    expect(events[3]).toMatchObject({
      campaignId: world.campaign.id,
      at: new Date(1_770_000_000_000),
    });
  });

  test('is told step by step, though the news came at once or overtook the answer', async () => {
    const kinds = ['message.sent', 'message.delivered', 'message.read'] as const;
    await buildEndpoint(db, world.accountId, { kinds: [...kinds] });
    await takeTurn(pool, lane, [], { kind: 'positions', from: 1, to: 3 });
    await apply(1, 'read');
    await apply(2, 'delivered');
    await apply(2, 'read');
    const verdict = { ...sent, wamid: 'wamid.2' };
    const outcomes = [1, 2].map((position) => ({ position, verdict }));
    await takeTurn(pool, lane, outcomes, { kind: 'nothing' });
    const steps = ['sent', 'delivered', 'read'];
    expect(await toldOfMessages()).toEqual(
      [1, 2].flatMap((position) => steps.map((step) => `${position} message.${step}`)),
    );
  });

  test('carries the price that its own status told, though a higher one came along', async () => {
    const kinds = ['message.sent', 'message.delivered', 'message.read'] as const;
    await buildEndpoint(db, world.accountId, { kinds: [...kinds] });
    await sendToAll(sent);
    await applyStatuses(
      db,
      PRICED.map((status) => ({
        ...status,
        senderId: world.sender.id,
        campaignId: world.campaign.id,
        position: 1,
      })),
    );
    const events = (await told()).filter(({ position }) => position === 1);
    expect(events.map(({ kind, data }) => [kind, data])).toEqual([
      ['message.sent', {}],
      ['message.delivered', CHARGE],
      ['message.read', {}],
    ]);
  });

  test('an attempt that is to be repeated is no event', async () => {
    await buildEndpoint(db, world.accountId, { kinds: ['message.sent', 'message.failed'] });
    await sendToAll({ ...sent, state: 'pending', wamid: null, nextAttemptAt: new Date() });
    expect(await toldOfMessages()).toEqual([]);
  });
});

describe('a direct message', () => {
  const ADA = '+14155550001';
  const lease = '00000000-0000-4000-8000-000000000002';
  const deps = () => ({
    db,
    clock: { now: () => DateTime.utc() },
    deliverSignals: () => undefined,
  });

  /** Kinds of the account's messages with what they say. */
  const toldOf = async (id: string) =>
    (await told()).flatMap(({ kind, messageId, data }) =>
      messageId === id ? [[kind, data.code]] : [],
    );

  test('is told from the provider’s answer to the customer’s reading, in steps', async () => {
    await openWindow(db, world, ADA);
    const [id = ''] = await sendTexts(deps(), world, ADA, 'Hello');
    const { id: senderId } = world.sender;
    await takeLane(db, senderId, lease);
    await claimMessages(pool, senderId, lease, 10);
    await recordMessages(pool, lease, [{ messageId: id, verdict: sent }]);
    const read = { status: 'read', at: new Date(), wamid: 'wamid.1', errorCode: null } as const;
    for (let again = 0; again < 2; again += 1) {
      await applyMessageStatuses(db, [{ senderId, messageId: id, ...read }]);
    }
    expect(await toldOf(id)).toEqual([
      ['message.sent', undefined],
      ['message.delivered', undefined],
      ['message.read', undefined],
    ]);
  });

  test('carries the price with the status that told it', async () => {
    await openWindow(db, world, ADA);
    const [id = ''] = await sendTexts(deps(), world, ADA, 'Hello');
    const { id: senderId } = world.sender;
    await takeLane(db, senderId, lease);
    await claimMessages(pool, senderId, lease, 10);
    await applyMessageStatuses(
      db,
      PRICED.map((status) => ({ ...status, senderId, messageId: id })),
    );
    const events = (await told()).filter(({ messageId }) => messageId === id);
    expect(events.map(({ kind, data }) => [kind, data])).toEqual([
      ['message.sent', {}],
      ['message.delivered', CHARGE],
      ['message.read', {}],
    ]);
  });

  test('that may not leave any more is told failed', async () => {
    const conversation = await openWindow(db, world, ADA);
    const [id = ''] = await sendTexts(deps(), world, ADA, 'Hello');
    const closed = { window_closes_at: new Date(0), window_open: false };
    await db.updateTable('conversations').set(closed).where('id', '=', conversation).execute();
    await takeLane(db, world.sender.id, lease);
    await claimMessages(pool, world.sender.id, lease, 10);
    expect(await toldOf(id)).toEqual([['message.failed', 'outside_service_window']]);
  });

  test('of a sender that is gone is told failed', async () => {
    await openWindow(db, world, ADA);
    const [id = ''] = await sendTexts(deps(), world, ADA, 'Hello');
    await failQueue(db, world.sender.id, 'sender_deleted');
    expect(await toldOf(id)).toEqual([['message.failed', 'sender_deleted']]);
  });
});

test("a customer's message is told once, however often it is delivered", async () => {
  const mail = new Mail(db, world);
  const message = { id: 'wamid.told', ...text('Hello') };
  await mail.say({ phone: phoneOf(1).slice(1) }, message);
  await mail.say({ phone: phoneOf(1).slice(1) }, message, text('Again'));
  const received = (await told()).filter(({ kind }) => kind === 'message.received');
  const messages = await mail.messages();
  expect(new Set(received.map(({ messageId }) => messageId))).toEqual(
    new Set(messages.map(({ id }) => id)),
  );
  expect(received).toHaveLength(2);
  expect(received[0]).toMatchObject({ conversationId: (await mail.conversation()).id });
});

test('a window is told closing soon and closed, once each', async () => {
  const closesAt = new Date(Date.now() - 1_000);
  const { id } = await buildConversation(db, world, { window_closes_at: closesAt });
  const window = { conversationId: id, number: 1 };
  for (let again = 0; again < 2; again += 1) await recordClosingSoon(db, window, new Date());
  for (let again = 0; again < 2; again += 1) await closeDueWindow(db, window, new Date());
  const events = (await told()).filter(({ conversationId }) => conversationId === id);
  expect(events.map(({ kind }) => kind)).toEqual(['window.closing_soon', 'window.closed']);
  const { closes_at } = events[1]!.data;
  expect(typeof closes_at === 'string' && new Date(closes_at)).toEqual(closesAt);
  expect(events[1]).toMatchObject({ at: closesAt, data: { window: 1 } });
});

test('a campaign is told at its creation and whenever its status changes', async () => {
  await transition(db, world.campaign.id, 'begin');
  await transition(db, world.campaign.id, 'pause', { status_reason: 'requested' });
  await transition(db, world.campaign.id, 'pause');
  await transition(db, world.campaign.id, 'cancel');
  expect(await kindsOf(db, world.accountId)).toEqual(Array(3).fill('campaign.status'));
  expect((await told()).map(({ data }) => data)).toEqual([
    { status: 'in_progress', reason: null },
    { status: 'paused', reason: 'requested' },
    { status: 'canceled', reason: null },
  ]);
});
