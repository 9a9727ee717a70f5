import { Context } from '@temporalio/activity';
import type { PauseReason } from '../domain/campaign';
import { quietUntil } from '../domain/quietHours';
import { isMarketing, templateFiller } from '../domain/template';
import { addToTimeline, setGates, transition, type CampaignForSending } from '../db/campaign';
import type { Claimed } from '../db/ledger';
import { abandonClaims, firstUnclaimed } from '../db/recipient';
import { concludePause } from '../db/template';
import { haltSender } from '../db/sender';
import type { Range, SendResult } from '../workflows/contract';
import { leaseOf, underHeartbeats } from './attempt';
import type { ActivityDeps } from './deps';
import { CampaignQueue, type CampaignSource } from './campaignQueue';
import { Dispatch, type DispatchJob, type DispatchReport } from './dispatch';
import { found, load, nextDueMs } from './found';

interface LaneArgs {
  campaignId: string;
  slot: number;
}

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

async function dispatch(
  deps: ActivityDeps,
  lane: LaneArgs,
  source: CampaignSource,
): Promise<SendResult> {
  const loaded = await load(deps, lane.campaignId);
  const running = loaded.campaign.status === 'in_progress';
  const empty = source.kind === 'positions' && source.from >= source.to;
  const from = source.kind === 'positions' ? source.from : 0;
  const done = running && !empty ? await runJob(deps, loaded, lane, source) : null;
  if (done?.pause) await stop(deps, loaded, done.pause);
  const { campaign } = await load(deps, lane.campaignId);
  return {
    ...(await found(deps, campaign)),
    next: done?.next ?? from,
    nextDueAt: await nextDueMs(deps, lane.campaignId),
    unreachable: done?.unreachable ?? false,
  };
}

function queueFor(
  deps: ActivityDeps,
  { campaign, sender, template }: CampaignForSending,
  lane: LaneArgs,
  source: CampaignSource,
): CampaignQueue {
  const frozen = campaign.template;
  if (!frozen) throw new Error(`Campaign ${campaign.id} has not been frozen.`);
  const ledgerLane = {
    ...lane,
    senderId: sender.id,
    lease: leaseOf(Context.current().info.attempt),
    marketing: isMarketing(template),
  };
  const content = templateFiller(frozen);
  return new CampaignQueue(deps, ledgerLane, source, (recipient) =>
    content(recipient.parameters ?? []),
  );
}

function jobFor(
  deps: ActivityDeps,
  { campaign, sender, accountTimeZone }: CampaignForSending,
  queue: CampaignQueue,
): DispatchJob<Claimed> {
  const own = campaign.rate_per_second;
  return {
    queue,
    provider: deps.providerFor(sender),
    budgets: [
      { id: sender.id, ratePerSecond: sender.rate_per_second },
      ...(own === null ? [] : [{ id: campaign.id, ratePerSecond: own }]),
    ],
    priority: 'bulk',
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
async function runJob(
  deps: ActivityDeps,
  loaded: CampaignForSending,
  lane: LaneArgs,
  source: CampaignSource,
): Promise<DispatchReport & { next: number }> {
  const queue = queueFor(deps, loaded, lane, source);
  const sending = new Dispatch(deps, jobFor(deps, loaded, queue));
  const counted = { sent: 0, failed: 0 };
  const count = async (): Promise<void> => {
    const { sent, failed } = sending.report;
    const added = { sent: sent - counted.sent, failed: failed - counted.failed };
    Object.assign(counted, { sent, failed });
    await addToTimeline(deps.db, lane.campaignId, deps.clock.now().toJSDate(), added);
  };
  try {
    const report = await underHeartbeats(
      () => sending.run(),
      () => ({ next: queue.next }),
      () => void count().catch(() => undefined),
    );
    return { ...report, next: queue.next };
  } finally {
    await count();
  }
}

/** The provider's answers say that going on would do harm: pause, and mark what is the cause. */
async function stop(
  deps: ActivityDeps,
  { campaign, sender }: CampaignForSending,
  pause: { reason: PauseReason; code: number | null },
): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    const paused = await transition(tx, campaign.id, 'pause', { status_reason: pause.reason });
    if (paused) await setGates(tx, campaign.id, false);
    const now = deps.clock.now().toJSDate();
    if (pause.reason === 'template_paused' && pause.code !== null)
      await concludePause(tx, campaign.id, pause.code, now);
    if (pause.reason === 'sender_halted') await haltSender(tx, sender, String(pause.code), now);
  });
}
