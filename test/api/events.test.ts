import { DateTime } from 'luxon';
import { revokeApiKey } from '../../usecases/apiKey';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../db/connect';
import { Notifications } from '../../db/notifications';
import { recordEvents } from '../../db/event';
import { startApi, type TestApi } from '../support/api';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { relayAll } from '../support/events';
import { eventually } from '../support/eventually';
import { openStream, type EventStream } from '../support/eventStream';
import { assign } from '../support/webhooks';

let database: TestDatabase;
let db: Db;
let notifications: Notifications;
let world: World;
let api: TestApi;
const streams: EventStream[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  notifications = await Notifications.open(database.url);
});

afterAll(async () => {
  await notifications.close();
  await database.drop();
});

beforeEach(async () => {
  world = await buildWorld(db, { recipients: 0 });
  await db.updateTable('campaigns').set({ status: 'scheduled' }).execute();
  await relayAll(db);
  api = await startApi(db, { accountId: world.accountId, notifications });
});

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await api.close();
});

async function follow(headers = {}, query = ''): Promise<EventStream> {
  const stream = await openStream(api, headers, query);
  streams.push(stream);
  return stream;
}

/** Numbers of the assignments that it was told. */
const numbers = ({ told }: EventStream) =>
  told
    .filter(({ event }) => event === 'conversation.assigned')
    .map(({ data }) => Number(data.assignee_id));

const happen = async (...which: number[]) => {
  await assign(db, world.accountId, which);
  await relayAll(db);
};

test('what happens from now on, as server-sent events', async () => {
  await happen(1);
  const stream = await follow();
  expect(stream.status).toBe(200);
  expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(stream.headers.get('cache-control')).toContain('no-cache');
  const conversationId = randomUUID();
  await assign(db, world.accountId, [2], conversationId);
  await relayAll(db);
  await eventually(() => expect(numbers(stream)).toEqual([2]));
  expect(stream.told[0]).toEqual({
    id: expect.stringMatching(/^\d+$/),
    event: 'conversation.assigned',
    data: {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'conversation.assigned',
      at: expect.stringMatching(/Z$/),
      conversation_id: conversationId,
      message_id: null,
      campaign_id: null,
      assignee_id: '2',
    },
  });
});

test('a client that comes back goes on after the last event that it knows', async () => {
  const first = await follow({}, '?last_event_id=0');
  await happen(1, 2, 3);
  await eventually(() => expect(numbers(first)).toEqual([1, 2, 3]));
  const { id } = first.told.find(({ data }) => data.assignee_id === '2')!;
  first.close();
  await happen(4);
  const second = await follow({ 'Last-Event-ID': id! });
  await eventually(() => expect(numbers(second)).toEqual([3, 4]));
  const third = await follow({}, `?last_event_id=${id}`);
  await eventually(() => expect(numbers(third)).toEqual([3, 4]));
});

test('no event is missed or told twice while many are committed and the connection breaks again and again', async () => {
  const total = 400;
  const told: string[] = [];
  let last = '0';
  let working = true;
  const write = async (from: number) => {
    for (let n = from; n < total; n += 8) {
      await db.transaction().execute(async (tx) => {
        const { accountId } = world;
        const data = { assignee_id: String(n) };
        await recordEvents(tx, [
          { accountId, kind: 'conversation.assigned', data, at: new Date() },
        ]);
        await sql`SELECT pg_sleep(random() * 0.01)`.execute(tx);
      });
    }
  };
  const relay = async () => {
    while (working) await relayAll(db);
  };
  const read = async () => {
    while (told.length < total) {
      const stream = await follow({ 'Last-Event-ID': last });
      const wanted = Math.min(total - told.length, 37);
      await eventually(() => numbers(stream).length >= wanted, { withinMs: 20_000 });
      stream.close();
      const own = stream.told.filter(({ event }) => event === 'conversation.assigned');
      told.push(...own.map(({ data }) => data.assignee_id));
      last = own.at(-1)!.id!;
    }
  };
  const relaying = relay();
  const reading = read();
  await Promise.all(Array.from({ length: 8 }, (_, from) => write(from)));
  await reading;
  working = false;
  await relaying;
  expect(told).toHaveLength(total);
  expect(new Set(told).size).toBe(total);
}, 60_000);

test('other accounts are told nothing of it, and a notification is not needed', async () => {
  const other = await buildWorld(db, { recipients: 0 });
  const deaf = await startApi(db, { accountId: world.accountId });
  const foreign = await startApi(db, { accountId: other.accountId });
  const [own, theirs] = [await openStream(deaf), await openStream(foreign)];
  streams.push(own, theirs);
  await happen(1);
  await eventually(() => expect(numbers(own)).toEqual([1]));
  expect(numbers(theirs)).toEqual([]);
  await deaf.close();
  await foreign.close();
});

test("a campaign's progress is told while it changes, and is nothing to resume after", async () => {
  const { id } = world.campaign;
  const running = { status: 'in_progress', frozen_at: new Date() } as const;
  await db.updateTable('campaigns').set(running).where('id', '=', id).execute();
  const count = (sent: number, pending: number) =>
    sql`
    INSERT INTO campaign_tallies (campaign_id, slot, state, reason, count)
    VALUES (${id}, 0, 'sent', '', ${sent}), (${id}, 0, 'pending', '', ${pending})
    ON CONFLICT (campaign_id, slot, state, reason) DO UPDATE SET count = excluded.count`.execute(
      db,
    );
  await count(10, 90);
  const stream = await follow();
  const progress = () => stream.told.filter(({ event }) => event === 'campaign.progress');
  await eventually(() => progress().length === 1);
  expect(progress()[0]).toEqual({
    event: 'campaign.progress',
    data: {
      type: 'campaign.progress',
      campaign_id: id,
      status: 'in_progress',
      reason: null,
      progress: expect.objectContaining({ total: 100, sent: 10, pending: 90 }),
    },
  });
  await count(60, 40);
  await eventually(() => progress().length === 2);
  expect(progress()[1]!.data.progress).toMatchObject({ sent: 60, pending: 40 });
  await happen(1);
  await eventually(() => expect(numbers(stream)).toEqual([1]));
  expect(progress()).toHaveLength(2);
});

test('a client that reads nothing holds up nobody and costs no memory', async () => {
  const sleepy = await fetch(`${api.url}/v1/events?last_event_id=0`, {
    headers: { 'X-Dexatel-Key': api.key },
  });
  const attentive = await follow();
  const { accountId } = world;
  const data = { text: 'x'.repeat(4_000) };
  const events = Array.from({ length: 2_000 }, () => ({
    accountId,
    kind: 'window.closed' as const,
    data,
    at: new Date(),
  }));
  await recordEvents(db, events);
  const before = process.memoryUsage().arrayBuffers;
  await happen(1);
  await eventually(() => expect(numbers(attentive)).toEqual([1]), { withinMs: 20_000 });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  await sleepy.body!.cancel();
});

test('the inbox API’s key works as well; a wrong one, and a wrong id, do not', async () => {
  const bearer = await follow({ 'X-Dexatel-Key': '', Authorization: `Bearer ${api.key}` });
  expect(bearer.status).toBe(200);
  const answers = [
    await api.call('GET', '/v1/events', undefined, { 'X-Dexatel-Key': 'wrong' }),
    await api.call('GET', '/v1/events?last_event_id=x'),
    await api.call('GET', '/v1/events', undefined, { 'Last-Event-ID': '-1' }),
    await api.call('POST', '/v1/events'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 400, 400, 405]);
  const narrow = await startApi(db, { accountId: world.accountId, scopes: ['campaigns:read'] });
  expect((await narrow.call('GET', '/v1/events')).status).toBe(403);
  await narrow.close();
});

test('a key that is revoked hears nothing more after some seconds', async () => {
  let aheadMs = 0;
  const clock = { now: () => DateTime.utc().plus(aheadMs) };
  const own = await startApi(db, { accountId: world.accountId, notifications, clock });
  const stream = await openStream(own);
  streams.push(stream);
  const keys = await db
    .selectFrom('api_keys')
    .selectAll()
    .where('account_id', '=', world.accountId)
    .execute();
  for (const { id } of keys) await revokeApiKey({ db, clock }, id);
  aheadMs = 15_000;
  await happen(1);
  await stream.ended;
  await happen(2);
  expect(numbers(stream)).not.toContain(2);
  await own.close();
});

test('a shutdown ends the streams at once', async () => {
  const stream = await follow();
  const began = Date.now();
  api.live.close();
  await stream.ended;
  expect(Date.now() - began).toBeLessThan(1_000);
  const late = await follow();
  await late.ended;
});
