import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../db/connect';
import { formatReference } from '../domain/reference';
import { createSecretBox } from '../runtime/secretBox';
import { DEVELOPMENT } from '../stack/developmentData';
import { asciiJson, signBody } from '../wire/signature';
import { load, type Target } from './load';
import { withServer, withStack } from './stack';
import { inboundWebhook, statusWebhook } from './webhookBodies';

const APP_SECRET = 'bench-app-secret';
const TEMPLATE_ID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const RATES = [1_000, 2_000, 3_300, 4_500];
/** Three statuses a message, and a reply to 3 of 10 messages. */
const REPLY_EVERY = 11;
/** Who replies, more than once each. */
const CUSTOMERS = 500;
const CUSTOMERS_FROM = 15_570_000_000;
const STATUSES = ['sent', 'delivered', 'read'] as const;

/**
 * Provider webhooks at rising rates against a real api process while the worker's relay applies them: --seconds (5) a
 * rate, one status or reply a POST, and 50 statuses a POST; and the most it takes against an Express handler that only answers 200, in
 * the same run. Prints one line of JSON.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '5' } } });
  const seconds = Number(values.seconds);
  const settings = { CASEMENT_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') };
  await withServer('bareExpress.ts', (port) =>
    withStack(settings, async ({ db, describe, config }) => {
      await setAppSecret(db, config.CASEMENT_SECRET_KEY!);
      const url = new URL(describe().hook);
      const target: Target = { origin: url.origin, path: url.pathname, headers: {} };
      const bareTarget: Target = { origin: `http://127.0.0.1:${port}`, path: '/hook', headers: {} };
      const most = await compare(db, target, bareTarget);
      const single = [];
      for (const rate of RATES) {
        const taken = await measureMixed(db, target, { rate, count: rate * seconds });
        single.push({ rate, ...taken });
      }
      const batched = await measureBatched(db, target, {
        rate: 200,
        count: 200 * seconds,
        batch: 50,
      });
      console.log(JSON.stringify({ bench: 'hooks', ...most, single, batchedBy50: batched }));
    }),
  );
}

/** Closed loop, hook and bare handler in turns, so that both see the same machine. */
async function compare(db: Db, target: Target, bareTarget: Target) {
  const count = 15_000;
  const bodies = statusBodies(await sentCampaign(db, count), 1);
  await load(bareTarget, bodies, { count: 3_000, rate: 0 });
  const bareFirst = await load(bareTarget, bodies, { count, rate: 0 });
  const hook = await load(target, bodies, { count, rate: 0 });
  await untilApplied(db);
  const bareSecond = await load(bareTarget, bodies, { count, rate: 0 });
  const barePerSecond = Math.round((bareFirst.perSecond + bareSecond.perSecond) / 2);
  const ratio = Number((hook.perSecond / barePerSecond).toFixed(2));
  return { barePerSecond, hookPerSecond: hook.perSecond, ratio, hookP99Ms: hook.p99Ms };
}

/** One update a POST: three statuses of each message and replies of a third of the people, in that proportion. */
async function measureMixed(
  db: Db,
  target: Target,
  { rate, count }: { rate: number; count: number },
) {
  const campaignId = await sentCampaign(db, count);
  const statuses = statusBodies(campaignId, 1);
  const before = await inboundMessages(db);
  let replies = 0;
  const reply = () => {
    replies += 1;
    const from = String(CUSTOMERS_FROM + (replies % CUSTOMERS));
    return signed(
      inboundWebhook({ from, wamid: `wamid.${campaignId}.${replies}`, at: Date.now() }),
    );
  };
  const mixed = (n: number) => (n % REPLY_EVERY === 0 ? reply() : statuses(n));
  const { drainedMs, ...result } = await loadAndApply(db, target, mixed, { rate, count });
  const missing = await notReached(db, campaignId, count - replies);
  const lost = missing + replies - ((await inboundMessages(db)) - before);
  return { ...result, drainedMs, lost };
}

async function measureBatched(
  db: Db,
  target: Target,
  { rate, count, batch }: { rate: number; count: number; batch: number },
) {
  const campaignId = await sentCampaign(db, count * batch);
  const result = await loadAndApply(db, target, statusBodies(campaignId, batch), { rate, count });
  return { ...result, lost: await notReached(db, campaignId, count * batch) };
}

async function loadAndApply(
  db: Db,
  target: Target,
  bodies: (n: number) => { body: string; signature: string },
  pace: { rate: number; count: number },
) {
  const result = await load(target, bodies, pace);
  const startedAt = performance.now();
  await untilApplied(db);
  return { ...result, drainedMs: Math.round(performance.now() - startedAt) };
}

/** Webhook n tells the next status of `batch` recipients; every recipient gets one status in all. */
function statusBodies(campaignId: string, batch: number) {
  return (n: number) => {
    const statuses = Array.from({ length: batch }, (_, i) => {
      const position = n * batch + i + 1;
      return {
        id: `wamid.${position}`,
        status: STATUSES[1 + (position % 2)],
        timestamp: '1750030073',
        recipient_id: String(15550000000 + position),
        biz_opaque_callback_data: formatReference(campaignId, position),
      };
    });
    return signed(statusWebhook(statuses));
  };
}

function signed(webhook: object): { body: string; signature: string } {
  const body = asciiJson(webhook);
  return { body, signature: signBody(APP_SECRET, body) };
}

async function setAppSecret(db: Db, key: string): Promise<void> {
  await db
    .updateTable('senders')
    .set({ sealed_app_secret: createSecretBox(key).seal(APP_SECRET) })
    .where('id', '=', DEVELOPMENT.senderId)
    .execute();
}

/** A campaign whose recipients have all been sent to and wait for their statuses. */
async function sentCampaign(db: Db, size: number): Promise<string> {
  const { id } = await db
    .insertInto('campaigns')
    .values({
      account_id: DEVELOPMENT.accountId,
      sender_id: DEVELOPMENT.senderId,
      template_id: TEMPLATE_ID,
      audience_id: DEVELOPMENT.audienceId,
      name: `bench ${performance.now()}`,
      channel: 'WHATSAPP',
      status: 'completed',
      due_at: new Date(),
      total: size,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    INSERT INTO recipients (campaign_id, position, contact_id, phone, state)
    SELECT ${id}::uuid, n, uuidv7(), '+' || (15550000000 + n), 'sent' FROM generate_series(1, ${size}) AS n`.execute(
    db,
  );
  return id;
}

async function untilApplied(db: Db): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM webhook_inbox`.execute(db);
    if (rows[0]!.n === 0) return;
    await sleep(50);
  }
}

async function notReached(db: Db, campaignId: string, size: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM recipients
    WHERE campaign_id = ${campaignId}::uuid AND state IN ('delivered', 'read')`.execute(db);
  return size - rows[0]!.n;
}

async function inboundMessages(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM messages WHERE direction = 'inbound'`.execute(db);
  return rows[0]!.n;
}
