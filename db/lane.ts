import { sql } from 'kysely';
import type { Db, Tx } from './connect';
import { MESSAGE_CHANNEL } from './notifications';
import { nextDue } from './sendQueue';

/**
 * The lane of a sender: at most one attempt of one activity sends its direct messages. `lease` names that attempt, and
 * claims check it; `awake` says that it listens, so that nobody needs to tell the workflow of each message.
 *
 * Falling asleep and writing a message exclude each other by the row's lock: either the lane sees the message, or the
 * writer sees that the lane sleeps and tells the workflow.
 */

/**
 * Takes the lane over. What earlier attempts left claimed may have gone out: it becomes unknown and is never sent again
 * by itself. Returns how many those were.
 */
export async function takeLane(db: Db, senderId: string, lease: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await tx
      .insertInto('sender_lanes')
      .values({ sender_id: senderId, lease, awake: true })
      .onConflict((conflict) => conflict.column('sender_id').doUpdateSet({ lease, awake: true }))
      .execute();
    const { rows } = await sql<{ id: string }>`
      WITH lost AS (
        DELETE FROM send_queue WHERE sender_id = ${senderId} AND lease IS NOT NULL AND lease <> ${lease}
        RETURNING message_id
      )
      UPDATE messages m SET status = 'unknown', reason = 'worker_lost', updated_at = now()
      FROM lost WHERE m.id = lost.message_id AND m.status = 'claimed'
      RETURNING m.id, pg_notify(${MESSAGE_CHANNEL}, m.id::text)`.execute(tx);
    return rows.length;
  });
}

/**
 * Lets the lane sleep unless something is due. `nextDueAt`: when the first message that waits for a time is.
 */
export async function leaveLane(
  db: Db,
  senderId: string,
  lease: string,
  now: Date,
): Promise<{ asleep: boolean; nextDueAt: Date | null }> {
  return db.transaction().execute(async (tx) => {
    await tx
      .selectFrom('sender_lanes')
      .select('sender_id')
      .where('sender_id', '=', senderId)
      .forUpdate()
      .execute();
    // A statement of its own: it must see what was committed while it waited for the lock.
    const next = await nextDue(tx, senderId);
    if (next && next <= now) return { asleep: false, nextDueAt: next };
    await tx
      .updateTable('sender_lanes')
      .set({ awake: false })
      .where('sender_id', '=', senderId)
      .where('lease', '=', lease)
      .execute();
    return { asleep: true, nextDueAt: next };
  });
}

/** Whether a lane listens for this sender's messages. Waits for one that is about to fall asleep. */
export async function isLaneAwake(tx: Tx, senderId: string): Promise<boolean> {
  const lane = await tx
    .selectFrom('sender_lanes')
    .select('awake')
    .where('sender_id', '=', senderId)
    .forShare()
    .executeTakeFirst();
  return lane?.awake ?? false;
}

/** Senders whose queue has had something due since before `before`, claimed by nobody: their workflow was lost. */
export async function lostLanes(
  db: Db,
  before: Date,
): Promise<{ senderId: string; accountId: string }[]> {
  return db
    .selectFrom('send_queue as q')
    .innerJoin('senders', 'senders.id', 'q.sender_id')
    .select(['q.sender_id as senderId', 'senders.account_id as accountId'])
    .distinct()
    .where('q.lease', 'is', null)
    .where('q.next_attempt_at', '<', before)
    .where('senders.health', '<>', 'halted')
    .execute();
}
