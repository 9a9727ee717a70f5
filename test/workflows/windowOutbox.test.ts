import { sql } from 'kysely';
import { CLOSING_SOON_MS, WINDOW_MS } from '../../domain/conversation';
import { formatReference } from '../../domain/reference';
import { SignalDelivery } from '../../usecases/signals';
import { windowWorkflowId } from '../../workflows/contract';
import { buildWorld, phoneOf, type World } from '../support/build';
import { readConversation, windowEvents } from '../support/conversation';
import { change, Mail, seconds, text } from '../support/inbound';
import { SkippedTime } from '../support/skippedTime';

const HOUR = 3_600_000;
/** The relay leaves this to the process that wrote a signal, as in worker/relays.ts. */
const GRACE = { olderThanMs: 1_000 };
/** What one close may be later than the other, and the server's own inexactness. */
const JITTER_MS = 30_000 + 3_000;

let time: SkippedTime;

beforeAll(async () => {
  time = await SkippedTime.open();
}, 60_000);

afterAll(() => time?.end());

/** An account whose customers' messages come in through the relay of webhooks. */
async function open(policy: World['sender']['window_policy'], recipients = 0) {
  const { db } = time.database;
  const world = await buildWorld(db, { recipients });
  const changes = { window_policy: policy };
  await db.updateTable('senders').set(changes).where('id', '=', world.sender.id).execute();
  return { world, mail: new Mail(db, world) };
}

/** The same with a campaign that was sent to one contact, and what the provider tells of that message. */
async function openWithCampaign(policy: World['sender']['window_policy']) {
  const { world, mail } = await open(policy, 1);
  await sql`
    INSERT INTO recipients (campaign_id, position, contact_id, phone, state, wamid)
    SELECT ${world.campaign.id}, 1, id, phone, 'sent', 'wamid.1' FROM contacts
    WHERE account_id = ${world.accountId}`.execute(time.database.db);
  const tell = (status: string, at: Date) => {
    const told = {
      id: 'wamid.1',
      status,
      timestamp: seconds(at),
      recipient_id: phoneOf(1).slice(1),
      biz_opaque_callback_data: formatReference(world.campaign.id, 1),
    };
    return mail.deliver(change('messages', { statuses: [told] }));
  };
  return { mail, tell };
}

/** The worker's relay: delivers what is in the outbox for longer than the grace. */
async function relay(): Promise<number> {
  await time.skip(2 * GRACE.olderThanMs);
  const now = () => time.clock.now().toMillis();
  const fail = (error: unknown) => {
    throw error;
  };
  const { client } = time.stage.env;
  return new SignalDelivery(time.database.db, client, fail, {
    closingSoonMs: CLOSING_SOON_MS,
    now,
  }).sweep(GRACE);
}

const windowOf = (conversationId: string, number = 1) =>
  time.stage.env.client.workflow.getHandle(windowWorkflowId(conversationId, number));

/** Whole seconds, as providers tell time. */
const wholeSecond = (at: number): Date => new Date(Math.floor(at / 1000) * 1000);

function expectClosed(id: string, at: number, withinMs = JITTER_MS): void {
  const late = time.closedAt.get(id)! - at;
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(withinMs);
}

const iso = (at: number): string => new Date(at).toISOString();

test('a delivered template opens a window and a read one extends it, where the policy says so', async () => {
  const { mail, tell } = await openWithCampaign('template_delivered');
  const deliveredAt = wholeSecond(await time.follow());
  await tell('delivered', deliveredAt);
  const { id } = await mail.conversation();
  expect(await relay()).toBe(1);

  const readAt = wholeSecond(await time.skip(20 * HOUR));
  await tell('read', readAt);
  expect(await relay()).toBe(1);
  expect(await windowOf(id).result()).toBe('closed');
  const closesAt = readAt.getTime() + WINDOW_MS;
  expect(await windowEvents(time.database.db, id)).toEqual([
    `1 window_closing_soon ${iso(closesAt)}`,
    `1 window_closed ${iso(closesAt)}`,
  ]);
  expectClosed(id, closesAt);
});

test('a delivered template opens nothing where the policy is that customers do', async () => {
  const { mail, tell } = await openWithCampaign('customer_message');
  await tell('delivered', wholeSecond(await time.follow()));
  expect(await relay()).toBe(0);
  expect(await mail.conversations()).toEqual([]);
});

test('a signal that nobody delivered is found by the relay hours later, and the window closes on time', async () => {
  const { mail } = await open('customer_message');
  const ada = { phone: '14155550001', name: 'Ada' };
  const wroteAt = wholeSecond(await time.follow());
  await mail.say(ada, text('Hello', wroteAt));
  const { id } = await mail.conversation();
  // The process that wrote the signal died before it told anybody; Temporal comes back at hour 20.
  await time.skip(20 * HOUR);
  expect(await relay()).toBe(1);
  expect(await windowOf(id).result()).toBe('closed');
  const closesAt = wroteAt.getTime() + WINDOW_MS;
  expect(await windowEvents(time.database.db, id)).toEqual([
    `1 window_closing_soon ${iso(closesAt)}`,
    `1 window_closed ${iso(closesAt)}`,
  ]);
  expectClosed(id, closesAt);
  expect(await relay()).toBe(0);
});

test('messages of an outage become one signal, and one that comes after the end closes the window at once', async () => {
  const { mail } = await open('customer_message');
  const ada = { phone: '14155550001', name: 'Ada' };
  await mail.say(ada, text('Hello', wholeSecond(await time.follow())));
  const { id } = await mail.conversation();
  const againAt = wholeSecond(await time.skip(5 * HOUR));
  await mail.say(ada, text('Anybody there?', againAt));
  const backAt = await time.skip(WINDOW_MS + CLOSING_SOON_MS);
  expect(await readConversation(time.database.db, id)).toMatchObject({ window_open: true });
  expect(await relay()).toBe(1);
  expect(await windowOf(id).result()).toBe('closed');
  expectClosed(id, backAt, JITTER_MS + 2 * GRACE.olderThanMs);
  const closesAt = againAt.getTime() + WINDOW_MS;
  const events = await windowEvents(time.database.db, id);
  expect(events).toEqual([
    `1 window_closing_soon ${iso(closesAt)}`,
    `1 window_closed ${iso(closesAt)}`,
  ]);
});
