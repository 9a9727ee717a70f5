import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { PauseReason } from '../domain/campaign';
import { quietUntil } from '../domain/quietHours';
import { isMarketing, templateFiller } from '../domain/template';
import { addToTimeline, setGates, transition, type CampaignForSending } from '../db/campaign';
import type { Claimed } from '../db/ledger';
import { abandonClaims, firstUnclaimed } from '../db/recipient';
import type { Range, SendResult } from '../workflows/contract';
import type { ActivityDeps } from './deps';
import { Dispatch, type DispatchJob, type DispatchReport } from './dispatch';
import { found, load, nextDueMs } from './found';

interface LaneArgs {
  campaignId: string;
  slot: number;
}

const HEARTBEAT_MS = 1_000;
/** Twice the work a range is cut for: a slow provider hands the rest back, to be steered again. */
const LONGEST_MS = 30_000;

/** The activities that message people. At most one attempt of each lane claims; a dead one's claims become unknown. */
export function createSendingActivities(deps: ActivityDeps) {
  return {
    /** Sends to the recipients of one range of positions that nobody has claimed yet. */
    async sendRange({ campaignId, slot, from, to }: LaneArgs & Range): Promise<SendResult> {
      const retried = await fenceEarlierAttempts(deps, campaignId);
      const next = retried ? await firstUnclaimed(deps.db, campaignId, from, to) : from;
      const source = { kind: 'positions', from: next ?? to, to } as const;
      return dispatch(deps, { campaignId, slot }, source);
    },

    /** Sends to the recipients whose retry, local hour or quiet hours' end has come. */
    async sendDue({ campaignId, slot }: LaneArgs): Promise<SendResult> {
      await fenceEarlierAttempts(deps, campaignId);
      return dispatch(deps, { campaignId, slot }, { kind: 'due' });
    },
  };
}

/** A retried activity: what earlier attempts left claimed may have gone out, and becomes unknown. */
async function fenceEarlierAttempts(deps: ActivityDeps, campaignId: string): Promise<boolean> {
  const { attempt } = Context.current().info;
  if (attempt === 1) return false;
  const earlier = Array.from({ length: Math.min(attempt - 1, 100) }, (_, i) => attempt - 1 - i);
  await abandonClaims(deps.db, campaignId, { leases: earlier.map(leaseOf) });
  return true;
}

/** Names one attempt of one activity, so that the next attempt knows the names of those before it. */
function leaseOf(attempt: number): string {
  const { workflowExecution, activityId } = Context.current().info;
  const hex = createHash('sha256')
    .update(`${workflowExecution?.runId}/${activityId}/${attempt}`)
    .digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}

async function dispatch(
  deps: ActivityDeps,
  lane: LaneArgs,
  source: DispatchJob['source'],
): Promise<SendResult> {
  const loaded = await load(deps, lane.campaignId);
  const running = loaded.campaign.status === 'in_progress';
  const empty = source.kind === 'positions' && source.from >= source.to;
  const report = running && !empty ? await runJob(deps, jobFor(deps, loaded, lane, source)) : null;
  if (report?.pause) await stop(deps, loaded, report.pause);
  const { campaign } = await load(deps, lane.campaignId);
  return {
    ...(await found(deps, campaign)),
    next: report?.next ?? (source.kind === 'positions' ? source.from : 0),
    nextDueAt: await nextDueMs(deps, lane.campaignId),
    unreachable: report?.unreachable ?? false,
  };
}

function jobFor(
  deps: ActivityDeps,
  loaded: CampaignForSending,
  lane: LaneArgs,
  source: DispatchJob['source'],
): DispatchJob {
  const { campaign, sender, accountTimeZone } = loaded;
  const template = campaign.template;
  if (!template) throw new Error(`Campaign ${campaign.id} has not been frozen.`);
  const content = templateFiller(template);
  const own = campaign.rate_per_second;
  return {
    lane: {
      ...lane,
      senderId: sender.id,
      lease: leaseOf(Context.current().info.attempt),
      marketing: isMarketing(loaded.template),
    },
    source,
    provider: deps.providerFor(sender),
    budgets: [
      { id: sender.id, ratePerSecond: sender.rate_per_second },
      ...(own === null ? [] : [{ id: campaign.id, ratePerSecond: own }]),
    ],
    contentFor: (recipient) => content(recipient.parameters ?? []),
    deferUntil: (recipient) => quietEnd(deps, sender.quiet_hours, recipient, accountTimeZone),
    maxMs: LONGEST_MS,
    signal: Context.current().cancellationSignal,
  };
}

function quietEnd(
  deps: ActivityDeps,
  hours: { start: string; end: string } | null,
  recipient: Claimed,
  accountTimeZone: string,
): Date | null {
  if (!hours) return null;
  const until = quietUntil(hours, recipient.timeZone ?? accountTimeZone, deps.clock.now());
  return until?.toJSDate() ?? null;
}

/** Runs the sending loop under heartbeats; the timeline gets what happened since the last one. */
async function runJob(deps: ActivityDeps, job: DispatchJob): Promise<DispatchReport> {
  const context = Context.current();
  const sending = new Dispatch(deps, job);
  const counted = { sent: 0, failed: 0 };
  const count = async (): Promise<void> => {
    const { sent, failed } = sending.report;
    const added = { sent: sent - counted.sent, failed: failed - counted.failed };
    Object.assign(counted, { sent, failed });
    await addToTimeline(deps.db, job.lane.campaignId, deps.clock.now().toJSDate(), added);
  };
  const beat = setInterval(() => {
    context.heartbeat({ next: sending.report.next });
    void count().catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await sending.run();
  } finally {
    clearInterval(beat);
    await count();
  }
}

/** The provider's answers say that going on would do harm: pause, and mark the sender when it is the cause. */
async function stop(
  deps: ActivityDeps,
  { campaign, sender }: CampaignForSending,
  pause: { reason: PauseReason; code: number | null },
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const paused = await transition(tx, campaign.id, 'pause', { status_reason: pause.reason });
    if (paused) await setGates(tx, campaign.id, false);
    if (pause.reason !== 'sender_halted') return;
    await tx
      .updateTable('senders')
      .set({
        health: 'halted',
        health_reason: String(pause.code),
        updated_at: deps.clock.now().toJSDate(),
      })
      .where('id', '=', sender.id)
      .execute();
  });
}
