import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { Pool } from 'undici';
import type { Db } from '../db/connect';
import { DEVELOPMENT } from '../stack/developmentData';
import type { StackDescription } from '../stack/stack';
import { formatReference } from '../domain/reference';
import { templateContent } from '../domain/template';
import { sendBody } from '../wire/cloudApi';
import { campaignWorkflowId } from '../workflows/contract';
import { cpuSeconds, residentMb, rounded } from './measures';
import { withServer, withStack, type BenchStack } from './stack';

/** Connections of the bare loop; the engine keeps CASEMENT_IN_FLIGHT (64) in flight unless --in-flight says otherwise. */
const CONNECTIONS = 64;
const WARM_UP = 20_000;
const TEMPLATE_ID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';
const TEMPLATE = {
  name: 'hello',
  language: 'en_US',
  parameterFormat: 'named',
  placeholders: [],
} as const;

/**
 * The sending engine (workflow, worker process, PostgreSQL) against a bare undici loop that posts the same bodies to
 * the same sink, in one run. --recipients (100,000), --in-flight (64). Prints one line of JSON.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      recipients: { type: 'string', default: '100000' },
      'in-flight': { type: 'string', default: '64' },
    },
  });
  const recipients = Number(values.recipients);
  const inFlight = values['in-flight'];
  await withServer('sink.ts', (port) =>
    withStack({ CASEMENT_IN_FLIGHT: inFlight }, async (stack) => {
      // Both are measured warm: compiled code, open connections, prepared statements.
      await bareLoop(port, WARM_UP);
      await engineRun(stack, port, WARM_UP);
      const bare = await bareLoop(port, Math.min(recipients, 200_000));
      const engine = await engineRun(stack, port, recipients);
      const bareAgain = await bareLoop(port, Math.min(recipients, 200_000));
      const bareRate = (bare + bareAgain) / 2;
      console.log(
        JSON.stringify({
          bench: 'dispatch',
          recipients,
          inFlight: Number(inFlight),
          bareRate: Math.round(bareRate),
          engineRate: Math.round(engine.rate),
          ratio: rounded(engine.rate / bareRate, 3),
          ...engine.facts,
        }),
      );
    }),
  );
}

/** Messages per second of undici's pool alone: bodies built, answers parsed, nothing written down. */
async function bareLoop(port: number, count: number): Promise<number> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, pipelining: 1 });
  const campaignId = '00000000-0000-7000-8000-000000000000';
  let next = 0;
  const startedAt = performance.now();
  const lane = async (): Promise<void> => {
    while (next < count) {
      const position = (next += 1);
      const message = {
        to: `+${15550000000 + position}`,
        reference: formatReference(campaignId, position),
        content: templateContent(TEMPLATE, []),
      };
      const { body } = await pool.request({
        path: '/v24.0/1000001/messages',
        method: 'POST',
        headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
        body: JSON.stringify(sendBody(message)),
      });
      JSON.parse(await body.text());
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  await pool.close();
  return count / ((performance.now() - startedAt) / 1000);
}

async function engineRun({ db, describe }: BenchStack, port: number, recipients: number) {
  const stack = describe();
  await pointAtSink(db, stack.sender.id, port);
  const audience = await makeAudience(db, recipients);
  const worker = stack.pids.worker!;
  const cpuBefore = await cpuSeconds(worker);
  const rssStart = await residentMb(worker);
  const id = await createCampaign(stack, audience);
  const { rssMiddle, freezeSeconds } = await untilCompleted(db, id, recipients, worker);
  const times = await db
    .selectFrom('campaigns')
    .select('finished_at')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const first = await sql<{ at: Date }>`
      SELECT min(attempt_at) AS at FROM recipients WHERE campaign_id = ${id}::uuid`.execute(db);
  const tally = await sql<{ sent: number }>`
      SELECT sum(count)::bigint AS sent FROM campaign_tallies WHERE campaign_id = ${id}::uuid AND state = 'sent'`.execute(
    db,
  );
  const sendSeconds = (times.finished_at!.getTime() - first.rows[0]!.at.getTime()) / 1000;
  return {
    rate: recipients / sendSeconds,
    facts: {
      sent: tally.rows[0]!.sent,
      sendSeconds: rounded(sendSeconds, 2),
      freezeRate: Math.round(recipients / freezeSeconds),
      workerRssMb: { start: rssStart, middle: rssMiddle, end: await residentMb(worker) },
      workerCpuSeconds: rounded((await cpuSeconds(worker)) - cpuBefore),
      historyEvents: await historyEvents(stack.temporal, id),
    },
  };
}

async function pointAtSink(db: Db, senderId: string, port: number): Promise<void> {
  await db
    .updateTable('senders')
    .set({
      provider_base_url: `http://127.0.0.1:${port}`,
      rate_per_second: 1_000_000,
      updated_at: new Date(),
    })
    .where('id', '=', senderId)
    .execute();
}

async function makeAudience(db: Db, size: number): Promise<string> {
  const { id } = await db
    .insertInto('audiences')
    .values({
      account_id: DEVELOPMENT.accountId,
      name: `bench ${performance.now()}`,
      channel: 'WHATSAPP',
      contacts_count: size,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    WITH people AS (
      INSERT INTO contacts (account_id, phone)
      SELECT ${DEVELOPMENT.accountId}::uuid, '+' || (15550000000 + n) FROM generate_series(1, ${size}) AS n
      ON CONFLICT (account_id, phone) DO UPDATE SET updated_at = now()
      RETURNING id
    )
    INSERT INTO audience_contacts (audience_id, contact_id) SELECT ${id}::uuid, id FROM people`.execute(
    db,
  );
  await sql`VACUUM ANALYZE contacts, audience_contacts`.execute(db);
  return id;
}

async function createCampaign(stack: StackDescription, audience: string): Promise<string> {
  const pool = new Pool(stack.api);
  const { body } = await pool.request({
    path: '/v1/campaigns',
    method: 'POST',
    headers: { 'X-Dexatel-Key': stack.keys.dexatel, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      data: { channel: 'whatsapp', from: 'MyBusiness', template: TEMPLATE_ID, audience },
    }),
  });
  const { data } = (await body.json()) as { data: { id: string } };
  await pool.close();
  return data.id;
}

async function untilCompleted(db: Db, id: string, recipients: number, worker: number) {
  let rssMiddle: number | null = null;
  // The freeze's transaction begins at updated_at and ends at frozen_at, until a later transition.
  let freezeSeconds = 0;
  for (;;) {
    await sleep(100);
    const { rows } = await sql<{ status: string; sent: number; freezing: number | null }>`
      SELECT status, extract(epoch FROM frozen_at - updated_at)::float8 AS freezing, (SELECT coalesce(sum(count), 0)::bigint FROM campaign_tallies
        WHERE campaign_id = c.id AND state = 'sent') AS sent
      FROM campaigns c WHERE id = ${id}::uuid`.execute(db);
    const { status, sent, freezing } = rows[0]!;
    if (status === 'in_progress' && freezing !== null) freezeSeconds = freezing;
    if (rssMiddle === null && sent >= recipients / 2) rssMiddle = await residentMb(worker);
    if (status === 'completed') return { rssMiddle, freezeSeconds };
    if (status !== 'in_progress') throw new Error(`The campaign is ${status}.`);
  }
}

async function historyEvents(address: string, id: string): Promise<number> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  let events = 0;
  for await (const run of client.workflow.list({
    query: `WorkflowId = '${campaignWorkflowId(id)}'`,
  })) {
    events += run.historyLength ?? 0;
  }
  await connection.close();
  return events;
}
