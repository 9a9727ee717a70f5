import type { Clock } from '../domain/ports';
import type { Db } from '../db/connect';
import { pruneEvents, sequenceEvents } from '../db/event';

/** Events that one transaction gives their places. */
const BATCH = 1_000;
/** A delivery is tried again for this long. */
const DELIVER_FOR_MS = 7 * 24 * 3_600_000;
/** Events deleted by one statement. */
const PRUNE = 5_000;

/** Moves on what transactions recorded: into the order of events, and to the endpoints that listen. */
export async function relayEvents(db: Db): Promise<number> {
  const { count } = await db
    .transaction()
    .execute((tx) => sequenceEvents(tx, BATCH, DELIVER_FOR_MS));
  return count;
}

/** Forgets events, and what became of their deliveries, that are older than the retention; returns how many rows went. */
export function forgetEvents(db: Db, clock: Clock, retentionMs: number): Promise<number> {
  return pruneEvents(db, clock.now().minus(retentionMs).toJSDate(), PRUNE);
}
