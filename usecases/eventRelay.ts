import type { Clock } from '../domain/ports';
import { DELIVER_FOR_MS } from '../domain/event';
import type { Db } from '../db/connect';
import { hasNewEvents, pruneEvents, sequenceEvents } from '../db/event';
import { forgottenEndpoints, touchEndpoints } from '../db/webhookEndpoint';
import { tellWebhooks, wakeWebhooks } from './webhookSignals';

export interface EventRelayDeps {
  db: Db;
  /** Tries to deliver the outbox rows of these workflows right after the commit. */
  deliverSignals: (workflowIds: readonly string[]) => void;
}

/** Events that one transaction gives their places. */
const BATCH = 1_000;
/** Events deleted by one statement. */
const PRUNE = 5_000;
/** Endpoints that one sweep wakes. */
const SWEEP = 100;
/** An endpoint with something to send is looked at within seconds; after this long its workflow was lost (milliseconds). */
const LOST_AFTER_MS = 5 * 60_000;

/** Moves on what transactions recorded: into the order of events, and to the endpoints that listen. */
export async function relayEvents({ db, deliverSignals }: EventRelayDeps): Promise<number> {
  if (!(await hasNewEvents(db))) return 0;
  const { count, workflowIds } = await db.transaction().execute(async (tx) => {
    const { count, endpointIds } = await sequenceEvents(tx, BATCH, DELIVER_FOR_MS);
    return { count, workflowIds: await wakeWebhooks(tx, endpointIds) };
  });
  if (workflowIds.length > 0) deliverSignals(workflowIds);
  return count;
}

/** Starts the workflows of endpoints again that have something to send and that nobody looks at; returns how many. */
export async function wakeLostEndpoints({
  db,
  clock,
  log,
}: {
  db: Db;
  clock: Clock;
  log: { warn(fields: object, message: string): void };
}): Promise<number> {
  const now = clock.now();
  const before = now.minus(LOST_AFTER_MS).toJSDate();
  return db.transaction().execute(async (tx) => {
    const lost = await forgottenEndpoints(tx, before, SWEEP);
    if (lost.length === 0) return 0;
    const endpoints = lost.map(({ id }) => id);
    await touchEndpoints(tx, endpoints, now.toJSDate());
    await tellWebhooks(tx, lost);
    log.warn({ endpoints }, 'woke webhook endpoints that their workflows left alone');
    return lost.length;
  });
}

/** Forgets events, and what became of their deliveries, that are older than the retention; returns how many rows went. */
export function forgetEvents(db: Db, clock: Clock, retentionMs: number): Promise<number> {
  return pruneEvents(db, clock.now().minus(retentionMs).toJSDate(), PRUNE);
}
