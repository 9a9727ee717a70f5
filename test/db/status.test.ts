import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { setGates } from '../../db/campaign';
import { openPool } from '../../db/connect';
import { takeTurn, type Lane, type LedgerEntry, type Outcome } from '../../db/ledger';
import {
  abandonClaims,
  freezeAudience,
  requeueFailed,
  resendUnknown,
  skipPending,
} from '../../db/recipient';
import { applyStatuses, type LedgerStatus } from '../../db/status';
import type { DeliveryStatus } from '../../domain/message';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { expectTalliesEqualLedger, stateOf } from '../support/ledger';

let database: TestDatabase;
let pool: Pool;
let world: World;
let lane: Lane;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openPool(database.url);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  world = await buildWorld(database.db, { recipients: 30 });
  const { id: campaignId } = world.campaign;
  await freezeAudience(database.db, {
    campaignId,
    audienceId: world.audienceId,
    senderId: world.sender.id,
    marketing: true,
    placeholders: [],
    variables: {},
    localSchedule: null,
    accountTimeZone: 'UTC',
  });
  await setGates(database.db, campaignId, true);
  lane = { campaignId, senderId: world.sender.id, slot: 0, lease: randomUUID(), marketing: true };
});

afterEach(() => expectTalliesEqualLedger(database.db, lane.campaignId));

const claim = (from: number, to: number) =>
  takeTurn(pool, lane, [], { kind: 'positions', from, to });

const outcome = (position: number, changes: Partial<LedgerEntry> = {}): Outcome => ({
  position,
  verdict: {
    state: 'sent',
    reason: null,
    wamid: `wamid.${position}`,
    nextAttemptAt: null,
    refundedTries: 0,
    ...changes,
  },
});

const record = (...outcomes: Outcome[]) => takeTurn(pool, lane, outcomes, { kind: 'nothing' });

const news = (
  position: number,
  status: DeliveryStatus,
  errorCode: number | null = null,
): LedgerStatus => ({
  senderId: lane.senderId,
  campaignId: lane.campaignId,
  position,
  status,
  at: new Date(),
  wamid: `wamid.${position}`,
  errorCode,
});

const apply = (...statuses: LedgerStatus[]) => applyStatuses(database.db, statuses);
const state = async (position: number) =>
  (await stateOf(database.db, lane.campaignId, position)).state;

test.each<{ seen: DeliveryStatus[]; end: DeliveryStatus }>([
  { seen: ['sent', 'delivered', 'read'], end: 'read' },
  { seen: ['read', 'delivered', 'sent'], end: 'read' },
  { seen: ['delivered', 'sent', 'delivered'], end: 'delivered' },
  { seen: ['failed', 'delivered'], end: 'delivered' },
  { seen: ['delivered', 'failed'], end: 'delivered' },
  { seen: ['sent', 'failed', 'sent'], end: 'failed' },
  { seen: ['failed', 'failed', 'read'], end: 'read' },
])('statuses $seen end as $end, one by one and all at once', async ({ seen, end }) => {
  await claim(1, 3);
  await record(outcome(1), outcome(2));
  for (const status of seen) await apply(news(1, status));
  await apply(...seen.map((status) => news(2, status)));
  expect([await state(1), await state(2)]).toEqual([end, end]);
});

test('a repeated status moves nobody and reports no move', async () => {
  await claim(1, 2);
  await record(outcome(1));
  expect(await apply(news(1, 'failed', 131026))).toEqual([
    { campaignId: lane.campaignId, state: 'failed', reason: '131026', count: 1 },
  ]);
  expect(await apply(news(1, 'failed', 131026))).toEqual([]);
});

test('a status that overtakes the answer settles the claim, and the answer changes nothing', async () => {
  await claim(1, 3);
  await apply(news(1, 'delivered'), news(2, 'sent'));
  expect([await state(1), await state(2)]).toEqual(['delivered', 'sent']);
  await record(outcome(1), outcome(2, { state: 'unknown', wamid: null, reason: 'timeout' }));
  expect([await state(1), await state(2)]).toEqual(['delivered', 'sent']);
});

test('a status tells what became of an unknown recipient', async () => {
  await claim(1, 3);
  await abandonClaims(database.db, lane.campaignId, { leases: [lane.lease] });
  await apply(news(1, 'read'), news(2, 'failed', 131026));
  expect(await stateOf(database.db, lane.campaignId, 1)).toMatchObject({
    state: 'read',
    wamid: 'wamid.1',
  });
  expect(await stateOf(database.db, lane.campaignId, 2)).toMatchObject({
    state: 'failed',
    reason: '131026',
  });
});

test('who waits for a retry is moved by news of a delivery alone', async () => {
  await claim(1, 4);
  const later = { state: 'pending', nextAttemptAt: new Date(Date.now() + 60_000) } as const;
  await record(outcome(1, later), outcome(2, later), outcome(3, later));
  await apply(news(1, 'sent'), news(2, 'failed', 131026), news(3, 'delivered'));
  expect([await state(1), await state(2), await state(3)]).toEqual([
    'pending',
    'pending',
    'delivered',
  ]);
});

test('a skipped recipient and a position that does not exist are left alone', async () => {
  await skipPending(database.db, lane.campaignId, 1, 2);
  expect(await apply(news(1, 'read'), news(9_999, 'read'))).toEqual([]);
  expect(await state(1)).toBe('skipped');
});

test('tallies equal the ledger after a messy sequence', async () => {
  await claim(1, 20);
  const failed = outcome(1, { state: 'failed', reason: '131026', wamid: null });
  const throttled = { state: 'pending', reason: '130429', wamid: null, refundedTries: 1 } as const;
  await record(failed, outcome(2), outcome(3, { ...throttled, nextAttemptAt: new Date(0) }));
  await apply(news(2, 'read'), news(4, 'failed', 131049), news(5, 'delivered'));
  await takeTurn(pool, lane, [outcome(6), outcome(4)], { kind: 'due', limit: 10 });
  await abandonClaims(database.db, lane.campaignId, { leases: [lane.lease] });
  await record(outcome(7), outcome(8, { state: 'failed', reason: '131026' }));
  await apply(news(7, 'sent'), news(8, 'delivered'), news(9, 'failed', 131026));
  expect(await requeueFailed(database.db, lane.campaignId)).toBe(3);
  await resendUnknown(database.db, lane.campaignId, new Date(Date.now() + 1_000));
  await Promise.all([
    apply(...Array.from({ length: 15 }, (_, i) => news(i + 1, 'delivered'))),
    takeTurn(pool, lane, [], { kind: 'due', limit: 10 }),
    takeTurn(pool, { ...lane, slot: 1 }, [], { kind: 'positions', from: 20, to: 25 }),
  ]);
  await skipPending(database.db, lane.campaignId, 1, 31);
});

test("a status told by another sender's hook changes nothing", async () => {
  await claim(1, 2);
  const foreign = { ...news(1, 'delivered'), senderId: randomUUID() };
  expect(await applyStatuses(database.db, [foreign])).toEqual([]);
});
