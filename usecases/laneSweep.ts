import type { Clock } from '../domain/ports';
import type { Db } from '../db/connect';
import { lostLanes } from '../db/lane';
import { tellSender } from './senderSignals';

export interface LaneSweepDeps {
  db: Db;
  clock: Clock;
  log: { warn(fields: object, message: string): void };
}

/** A queue that has something due for this long is served by nobody, or by a number far too slow (milliseconds). */
const LOST_AFTER_MS = 60_000;

/** Tells the workflows of senders whose messages nobody fetches; for a lane that is merely slow that changes nothing. */
export async function wakeLostLanes({ db, clock, log }: LaneSweepDeps): Promise<void> {
  const lost = await lostLanes(db, clock.now().minus(LOST_AFTER_MS).toJSDate());
  for (const { senderId, accountId } of lost) {
    await tellSender(db, { id: senderId, account_id: accountId }, 'work');
    log.warn({ senderId }, 'direct messages have waited for a minute');
  }
}
