import type { Clock, Meter } from '../domain/ports';
import { closeOverdueWindows } from '../db/window';
import type { Db } from '../db/connect';

export interface SweepDeps {
  db: Db;
  clock: Clock;
  log: { warn(fields: object, message: string): void };
  meter?: Meter;
}

/** A workflow closes its window within its jitter; one that is this late was lost (milliseconds). */
const LOST_AFTER_MS = 2 * 60_000;
/** How many windows one statement closes. */
const SWEEP = 500;

/** Closes what lost workflows left open; returns how many those were. The log says which, by id. */
export async function closeLostWindows({ db, clock, log, meter }: SweepDeps): Promise<number> {
  const now = clock.now();
  const before = now.minus(LOST_AFTER_MS).toJSDate();
  const closed = await closeOverdueWindows(db, before, now.toJSDate(), SWEEP);
  if (closed.length > 0) {
    meter?.windows('closed', closed.length);
    const conversations = closed.map((window) => window.conversation_id);
    log.warn(
      { count: closed.length, conversations },
      'closed windows that their workflows left open',
    );
  }
  return closed.length;
}
