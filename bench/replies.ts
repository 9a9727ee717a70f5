import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { Pool } from 'undici';
import type { Db } from '../db/connect';
import { findSender } from '../db/sender';
import type { Sender } from '../db/schema';
import { parseMessageReference } from '../domain/reference';
import { DEVELOPMENT } from '../stack/developmentData';
import { sendMessages } from '../usecases/message';
import { percentile, rounded } from './measures';
import { withStack } from './stack';

const TEMPLATE_ID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const CUSTOMERS = 200;

/**
 * Replies beside a campaign that uses the sender's whole rate: how long each waits from its commit to its arrival at
 * the provider (which takes 50 ms to answer), and how many messages arrive in the busiest moving second.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rate: { type: 'string', default: '80' },
      replies: { type: 'string', default: '8' },
      seconds: { type: 'string', default: '30' },
      campaigns: { type: 'string', default: '1' },
    },
  });
  const [rate, perSecond, seconds, campaigns] = [
    values.rate,
    values.replies,
    values.seconds,
    values.campaigns,
  ].map(Number) as [number, number, number, number];
  const provider = await startProvider();
  await withStack({}, async ({ db, describe }) => {
    const { api, keys, sender } = describe();
    const number = await prepare(db, sender.id, provider.url, rate);
    await reply(db, number, 0);
    while (provider.replies.size === 0) await sleep(20);
    for (let n = 0; n < campaigns; n += 1) {
      await startCampaign(db, api, keys.dexatel, rate * (seconds + 10), n);
    }
    const before = provider.arrivals.length;
    while (provider.arrivals.length < before + rate) await sleep(20);
    const from = provider.arrivals.length;
    const waits = await writeReplies(db, number, provider, perSecond, seconds);
    const arrivals = provider.arrivals.slice(from);
    console.log(
      JSON.stringify({
        bench: 'replies',
        rate,
        campaigns,
        replies: waits.length,
        waitMs: {
          p50: percentile(waits, 0.5),
          p99: percentile(waits, 0.99),
          max: Math.max(...waits),
        },
        perSecond: rounded(arrivals.length / seconds),
        busiestSecond: busiestSecond(arrivals),
      }),
    );
  });
  provider.close();
}

/** Answers after 50 ms, and remembers when each message came. */
async function startProvider() {
  const arrivals: number[] = [];
  const replies = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const at = performance.now();
      arrivals.push(at);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const id = parseMessageReference(String(body['biz_opaque_callback_data']));
      if (id !== null) replies.set(id, at);
      const answer = JSON.stringify({ messages: [{ id: `wamid.${arrivals.length}` }] });
      setTimeout(() => response.setHeader('Content-Type', 'application/json').end(answer), 50);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, arrivals, replies, close };
}

/** The sender at this rate, and customers who have just written. */
async function prepare(db: Db, senderId: string, url: string, rate: number): Promise<Sender> {
  await db
    .updateTable('senders')
    .set({ provider_base_url: url, rate_per_second: rate, updated_at: new Date() })
    .where('id', '=', senderId)
    .execute();
  await sql`
    WITH people AS (
      INSERT INTO contacts (account_id, phone)
      SELECT ${DEVELOPMENT.accountId}::uuid, '+' || (15559000000 + n) FROM generate_series(0, ${CUSTOMERS - 1}) AS n
      RETURNING id
    )
    INSERT INTO conversations (account_id, sender_id, contact_id, window_number, window_open, window_closes_at, last_inbound_at)
    SELECT ${DEVELOPMENT.accountId}::uuid, ${senderId}::uuid, id, 1, true, now() + interval '24 hours', now() FROM people`.execute(
    db,
  );
  return (await findSender(db, DEVELOPMENT.accountId, senderId))!;
}

async function reply(db: Db, sender: Sender, n: number): Promise<{ id: string; at: number }> {
  const deps = { db, clock: { now: () => DateTime.utc() }, deliverSignals: () => undefined };
  const [id] = await sendMessages(deps, sender, [
    {
      recipient: { phone: `+${15559000000 + (n % CUSTOMERS)}`, bsuid: null },
      content: { type: 'text', body: `Reply ${n}` },
      text: `Reply ${n}`,
    },
  ]);
  return { id: id!, at: performance.now() };
}

async function startCampaign(db: Db, api: string, key: string, size: number, n: number) {
  const { id: audience } = await db
    .insertInto('audiences')
    .values({
      account_id: DEVELOPMENT.accountId,
      name: `replies ${n}`,
      channel: 'WHATSAPP',
      contacts_count: size,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    WITH people AS (
      INSERT INTO contacts (account_id, phone)
      SELECT ${DEVELOPMENT.accountId}::uuid, '+' || (15550000000 + ${n}::bigint * 1000000 + n) FROM generate_series(1, ${size}) AS n
      RETURNING id
    )
    INSERT INTO audience_contacts (audience_id, contact_id) SELECT ${audience}::uuid, id FROM people`.execute(
    db,
  );
  const pool = new Pool(api);
  const { statusCode } = await pool.request({
    path: '/v1/campaigns',
    method: 'POST',
    headers: { 'X-Dexatel-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      data: { channel: 'whatsapp', from: 'MyBusiness', template: TEMPLATE_ID, audience },
    }),
  });
  await pool.close();
  if (statusCode !== 201) throw new Error(`The campaign was refused: ${statusCode}`);
}

/** Replies at random moments, `perSecond` on average; how long each waited (milliseconds). */
async function writeReplies(
  db: Db,
  sender: Sender,
  provider: { replies: ReadonlyMap<string, number> },
  perSecond: number,
  seconds: number,
): Promise<number[]> {
  const written: Promise<{ id: string; at: number }>[] = [];
  const end = performance.now() + seconds * 1000;
  for (let n = 1; performance.now() < end; n += 1) {
    written.push(reply(db, sender, n));
    await sleep((-Math.log(1 - Math.random()) * 1000) / perSecond);
  }
  const replies = await Promise.all(written);
  const deadline = performance.now() + 10_000;
  while (replies.some(({ id }) => !provider.replies.has(id)) && performance.now() < deadline) {
    await sleep(20);
  }
  return replies.map(({ id, at }) => Math.round((provider.replies.get(id) ?? Infinity) - at));
}

function busiestSecond(arrivals: readonly number[]): number {
  let most = 0;
  for (let first = 0, last = 0; last < arrivals.length; last += 1) {
    while (arrivals[last]! - arrivals[first]! >= 1000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
