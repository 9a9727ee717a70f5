import { Context } from '@temporalio/activity';
import { haltSender, senderIsBack } from '../db/sender';
import { leaveLane, takeLane } from '../db/lane';
import { failQueue } from '../db/sendQueue';
import type { Sender } from '../db/schema';
import type { LaneResult } from '../workflows/contract';
import { leaseOf, underHeartbeats } from './attempt';
import type { ActivityDeps } from './deps';
import { Dispatch, type DispatchReport } from './dispatch';
import { LaneQueue } from './laneQueue';

interface LaneArgs {
  senderId: string;
  /** Try one message although the sender is halted, to see whether it still is. */
  probe: boolean;
}

/** A lane reports to its workflow this often, however much it has to do (milliseconds). */
const LONGEST_MS = 300_000;

export type LaneDeps = Pick<
  ActivityDeps,
  'db' | 'pool' | 'clock' | 'slots' | 'spacing' | 'providerFor' | 'notifications' | 'settings'
>;

/** The activity that sends a sender's direct messages. One attempt at a time claims; a dead one's claims become unknown. */
export function createLaneActivities(deps: LaneDeps) {
  return {
    /** Sends what is due, and what comes meanwhile, until nothing has come for a while. */
    async runLane({ senderId, probe }: LaneArgs): Promise<LaneResult> {
      const sender = await findSender(deps, senderId);
      const lease = leaseOf(Context.current().info.attempt);
      if (!sender) {
        // What a dead attempt has claimed becomes unknown first.
        await takeLane(deps.db, senderId, lease);
        await failQueue(deps.db, senderId, 'sender_deleted');
        return laneResult('gone');
      }
      const halted = sender.health === 'halted';
      if (halted && !probe) return laneResult('halted', { reason: sender.health_reason });
      await takeLane(deps.db, senderId, lease);
      const report = await send(deps, sender, lease, halted);
      return conclude(deps, sender, lease, report);
    },
  };
}

async function findSender({ db }: LaneDeps, id: string): Promise<Sender | undefined> {
  return db
    .selectFrom('senders')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

async function send(
  deps: LaneDeps,
  sender: Sender,
  lease: string,
  probing: boolean,
): Promise<DispatchReport> {
  const { pool, notifications, clock, settings } = deps;
  const queue = new LaneQueue({
    pool,
    notifications,
    clock,
    senderId: sender.id,
    lease,
    lingerMs: settings.laneLingerMs,
  });
  const dispatch = new Dispatch(deps, {
    queue,
    provider: deps.providerFor(sender),
    budgets: [{ id: sender.id, ratePerSecond: sender.rate_per_second }],
    priority: 'replies',
    deferUntil: () => null,
    probing,
    maxMs: LONGEST_MS,
    signal: Context.current().cancellationSignal,
  });
  try {
    return await underHeartbeats(
      () => dispatch.run(),
      () => ({ sent: dispatch.report.sent }),
    );
  } finally {
    queue.close();
  }
}

async function conclude(
  deps: LaneDeps,
  sender: Sender,
  lease: string,
  { pause, unreachable, sent, failed, closed }: DispatchReport,
): Promise<LaneResult> {
  const now = deps.clock.now().toJSDate();
  const counts = { sent, failed };
  if (pause) {
    const reason = String(pause.code);
    const halted = await haltSender(deps.db, sender, reason, now);
    // Somebody changed it while the lane ran, its token perhaps: what was refused with the old one is tried with the new.
    return laneResult(halted ? 'halted' : 'busy', { reason: halted ? reason : null, ...counts });
  }
  if (sender.health === 'halted') {
    if (sent === 0) return laneResult('halted', { reason: sender.health_reason, ...counts });
    await senderIsBack(deps.db, sender.id, now);
  }
  if (unreachable) return laneResult('unreachable', counts);
  if (closed || Context.current().cancellationSignal.aborted) return laneResult('busy', counts);
  const { asleep, nextDueAt } = await leaveLane(deps.db, sender.id, lease, now);
  return laneResult(asleep ? 'idle' : 'busy', {
    nextDueAt: nextDueAt?.getTime() ?? null,
    ...counts,
  });
}

function laneResult(state: LaneResult['state'], rest: Partial<LaneResult> = {}): LaneResult {
  return { state, reason: null, nextDueAt: null, sent: 0, failed: 0, ...rest };
}

export type LaneActivities = ReturnType<typeof createLaneActivities>;
