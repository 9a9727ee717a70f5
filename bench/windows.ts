import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { sql } from 'kysely';
import type { Db } from '../db/connect';
import { appendToInbox } from '../db/webhookInbox';
import { WINDOW_MS } from '../domain/conversation';
import { DEVELOPMENT } from '../stack/developmentData';
import { windowWorkflowId } from '../workflows/contract';
import { percentile, rounded } from './measures';
import { withStack } from './stack';
import { inboundWebhook } from './webhookBodies';

const BURST = 1_000;
const BURST_MS = 60_000;
/** Windows that fall due are opened before the first of them does: in this many times what opening took, and this long. */
const HEAD_START = 2;
const HEAD_START_MS = 10_000;
const APPENDED_AT_ONCE = 500;
const READ_AT_ONCE = 20;

/**
 * Customer service windows on the development server. A burst of 1,000 messages in one conversation: how many signals
 * reach Temporal. --open (10,000) conversations with their first message: windows opened per second. Then, with these
 * open, --due (3,000) windows that fall due --rate (50) a second: how late they close after the deadline and after the
 * jitter that each chose, and how many events each cost. Windows fall due within the run because their messages, by
 * the provider's clock, are nearly 24 hours old. Prints one line of JSON.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      open: { type: 'string', default: '10000' },
      due: { type: 'string', default: '3000' },
      rate: { type: 'string', default: '50' },
    },
  });
  const [open, due, rate] = [Number(values.open), Number(values.due), Number(values.rate)];
  await withStack({}, async ({ db, describe }) => {
    const connection = await Connection.connect({ address: describe().temporal });
    try {
      const client = new Client({ connection });
      const burst = await measureBurst(db, client);
      const opening = await measureOpening(db, open);
      const headStartMs = HEAD_START_MS + (HEAD_START * 1000 * due) / opening.perSecond;
      const closing = await measureClosing(db, client, { count: due, rate, headStartMs });
      console.log(JSON.stringify({ bench: 'windows', burst, opening, closing }));
    } finally {
      await connection.close();
    }
  });
}

interface Message {
  customer: number;
  /** When it was written, by the provider's clock (milliseconds since the epoch). */
  at: number;
}

/** Customer n of the series; each series has numbers of its own. */
const SERIES = { burst: 15_561_000_000, open: 15_562_000_000, due: 15_563_000_000 };

let wamid = 0;

function webhookOf({ customer, at }: Message): Buffer {
  wamid += 1;
  const body = inboundWebhook({ from: String(customer), wamid: `wamid.bench${wamid}`, at });
  return Buffer.from(JSON.stringify(body));
}

/** As the hook stores them. */
async function receive(db: Db, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += APPENDED_AT_ONCE) {
    const some = messages.slice(from, from + APPENDED_AT_ONCE);
    await appendToInbox(
      db,
      some.map((message) => ({ senderId: DEVELOPMENT.senderId, body: webhookOf(message) })),
    );
  }
}

/** Until every message is in its conversation and Temporal knows of every window. */
async function untilTold(db: Db): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ left: number }>`
      SELECT (SELECT count(*) FROM webhook_inbox) + (SELECT count(*) FROM workflow_signals) AS left`.execute(
      db,
    );
    if (rows[0]!.left === 0) return;
    await sleep(20);
  }
}

async function measureBurst(db: Db, client: Client): Promise<object> {
  const startsAt = Date.now() - BURST_MS;
  const customer = SERIES.burst;
  // The deadline moves with every second of these.
  await receive(
    db,
    Array.from({ length: BURST }, (_, n) => ({ customer, at: startsAt + (n * BURST_MS) / BURST })),
  );
  await untilTold(db);
  const [id] = await conversationsOf(db, 'burst');
  const { events } = await windowOf(client, id!).fetchHistory();
  const signals = events?.filter((event) => event.workflowExecutionSignaledEventAttributes);
  return { messages: BURST, signals: signals?.length ?? 0 };
}

async function measureOpening(db: Db, count: number) {
  const at = Date.now();
  const startedAt = performance.now();
  await receive(
    db,
    Array.from({ length: count }, (_, n) => ({ customer: SERIES.open + n, at })),
  );
  await untilTold(db);
  const seconds = (performance.now() - startedAt) / 1000;
  return { windows: count, perSecond: Math.round(count / seconds) };
}

async function measureClosing(
  db: Db,
  client: Client,
  { count, rate, headStartMs }: { count: number; rate: number; headStartMs: number },
) {
  const firstDueAt = Date.now() + headStartMs;
  // Providers tell whole seconds: `rate` windows share each.
  await receive(
    db,
    Array.from({ length: count }, (_, n) => ({
      customer: SERIES.due + n,
      at: firstDueAt + Math.floor(n / rate) * 1000 - WINDOW_MS,
    })),
  );
  await untilTold(db);
  const toldMs = firstDueAt - Date.now();
  const ids = await conversationsOf(db, 'due');
  for (;;) {
    const { rows } = await sql<{ open: number }>`
      SELECT count(*) AS open FROM conversations WHERE id = ANY(${ids}::uuid[]) AND window_open`.execute(
      db,
    );
    if (rows[0]!.open === 0) break;
    await sleep(500);
  }
  const closed = await closings(db, ids);
  const late: number[] = [];
  const events: number[] = [];
  await inLanes(closed, async ({ id, closedAt }) => {
    const history = await windowOf(client, id).fetchHistory();
    events.push(history.events?.length ?? 0);
    late.push(closedAt - firedAt(history.events ?? []));
  });
  const pastDeadline = closed.map(({ closedAt, dueAt }) => closedAt - dueAt);
  return {
    windows: count,
    perSecond: rate,
    allOpenBeforeFirstIsDue: toldMs > 0,
    lateBeyondJitterMs: spread(late),
    lateMs: spread(pastDeadline),
    events: { p50: percentile(events, 0.5), max: Math.max(...events) },
  };
}

const spread = (times: readonly number[]) => ({
  p50: rounded(percentile(times, 0.5), 0),
  p99: rounded(percentile(times, 0.99), 0),
  max: rounded(Math.max(...times), 0),
});

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

/** When the last timer was to fire: the deadline and the jitter that the window chose (milliseconds since the epoch). */
function firedAt(events: Events): number {
  const last = events.findLast((event) => event.timerStartedEventAttributes);
  const timeout = last?.timerStartedEventAttributes?.startToFireTimeout;
  return millis(last?.eventTime) + millis(timeout);
}

function millis(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}

async function closings(db: Db, ids: readonly string[]) {
  const rows = await db
    .selectFrom('conversation_events')
    .select(['conversation_id', 'at', 'created_at'])
    .where('kind', '=', 'window_closed')
    .where('conversation_id', 'in', [...ids])
    .execute();
  return rows.map((row) => ({
    id: row.conversation_id,
    dueAt: row.at.getTime(),
    closedAt: row.created_at.getTime(),
  }));
}

async function conversationsOf(db: Db, series: keyof typeof SERIES): Promise<string[]> {
  const rows = await db
    .selectFrom('conversations as c')
    .innerJoin('contacts', 'contacts.id', 'c.contact_id')
    .select('c.id')
    .where('contacts.phone', 'like', `+${String(SERIES[series]).slice(0, 5)}%`)
    .execute();
  return rows.map(({ id }) => id);
}

function windowOf(client: Client, conversationId: string): WorkflowHandle {
  return client.workflow.getHandle(windowWorkflowId(conversationId, 1));
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, lane));
}
