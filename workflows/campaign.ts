import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { isFinished, type CampaignStatus } from '../domain/campaign';
import {
  CAMPAIGN_SIGNALS,
  searchAttributes,
  type CampaignInput,
  type CampaignWorkflowState,
  type ControlSignal,
  type Found,
  type Range,
  type RescheduleSignal,
  type SendResult,
} from './contract';
import { campaignDetails } from './campaignDetails';
import { bookkeeping, sending } from './policies';

/**
 * One campaign, from its creation to its end. The database owns the state; this workflow owns time and progress.
 *
 *   scheduled    wait for the due time (reschedule moves it), then begin: freeze the audience
 *   in_progress  hand out ranges of positions to a few lanes; between ranges, recipients whose retry is due
 *   paused       wait for resume or cancel; ranges that were cut short are kept
 *   completed    no recipient is waiting any more
 *   canceled     recipients still waiting are skipped
 *   failed       sender or template gone for good; likewise
 *
 * Signals carry facts that are true in the database already. Every activity is guarded there and returns what it
 * found, so a late, lost or repeated signal changes nothing but the time at which this workflow learns of it.
 */
export async function campaign(input: CampaignInput): Promise<CampaignStatus> {
  const run = new CampaignRun(input);
  run.registerSignals();
  while (!isFinished(run.state.status)) {
    run.show();
    if (run.state.status === 'paused') await run.untilNotPaused();
    else if (run.state.plan === null) await run.untilBegun();
    else if (await run.sendEverything()) await run.finish();
    if (run.mustRenew()) return run.renew();
  }
  if (run.state.status !== 'completed')
    await bookkeeping.skipTheRest({ campaignId: input.campaignId });
  run.show();
  return run.state.status;
}

/** How long to wait for a provider that cannot be reached: doubles from 5 s to 5 min. */
const UNREACHABLE_FIRST_MS = 5_000;
const UNREACHABLE_MOST_MS = 300_000;
/** How often to look again when waiting recipients have no due time yet (claimed by a dying attempt). */
const LOOK_AGAIN_MS = 10_000;
/** Who was due by this clock and not by the database's is asked for again after this long, not at once. */
const CLOCKS_APART_MS = 500;

function nextBackOff(ms: number): number {
  return Math.min(UNREACHABLE_MOST_MS, Math.max(UNREACHABLE_FIRST_MS, ms * 2));
}

class CampaignRun {
  readonly state: CampaignWorkflowState;
  private shownStatus: CampaignStatus | null = null;
  private backOffMs = 0;
  private mustBackOff = false;
  /** Milliseconds since the epoch before which retries are not looked at again. */
  private nextLookAt = 0;

  constructor(private readonly input: CampaignInput) {
    this.state = input.state ?? {
      status: 'scheduled',
      reason: null,
      revision: 0,
      dueAt: null,
      plan: null,
      unfinished: [],
      nextDueAt: null,
      progress: null,
      startedAt: null,
    };
  }

  registerSignals(): void {
    const learn = (status: CampaignStatus, revision: number): boolean => {
      if (revision <= this.state.revision || isFinished(this.state.status)) return false;
      this.state.revision = revision;
      this.state.status = status;
      return true;
    };
    setHandler(
      defineSignal<[RescheduleSignal]>(CAMPAIGN_SIGNALS.reschedule),
      ({ at, revision }) => {
        if (learn('scheduled', revision)) this.state.dueAt = at;
      },
    );
    setHandler(defineSignal<[ControlSignal]>(CAMPAIGN_SIGNALS.pause), ({ revision }) => {
      learn('paused', revision);
    });
    setHandler(defineSignal<[ControlSignal]>(CAMPAIGN_SIGNALS.resume), ({ revision }) => {
      // A resumed campaign that never began is due at once.
      if (learn('in_progress', revision)) this.state.dueAt = 0;
    });
    setHandler(defineSignal<[ControlSignal]>(CAMPAIGN_SIGNALS.cancel), ({ revision }) => {
      learn('canceled', revision);
    });
  }

  async untilNotPaused(): Promise<void> {
    await condition(() => this.state.status !== 'paused');
  }

  /** Waits for the due time, then freezes the audience. Returns early when a signal changed the situation. */
  async untilBegun(): Promise<void> {
    const { dueAt, revision } = this.state;
    const waitMs = dueAt === null ? 0 : dueAt - Date.now();
    if (waitMs > 0) {
      await condition(() => this.state.revision !== revision, waitMs);
      if (this.state.revision !== revision) return;
    }
    const begun = await bookkeeping.beginCampaign({ campaignId: this.input.campaignId });
    const current = this.adopt(begun);
    if (current && !begun.plan) {
      this.state.dueAt = Math.max(begun.dueAt, Date.now() + CLOCKS_APART_MS);
    }
    if (begun.plan) {
      this.state.plan = begun.plan;
      this.state.nextDueAt = begun.nextDueAt;
      this.state.startedAt = Date.now();
    }
  }

  /** Hands out all ranges; true when none is left and the campaign still runs. */
  async sendEverything(): Promise<boolean> {
    const lanes = Array.from({ length: this.state.plan!.lanes }, (_, slot) => this.runLane(slot));
    await Promise.all(lanes);
    await this.backOff();
    return this.isRunning() && !this.hasRange();
  }

  private async runLane(slot: number): Promise<void> {
    for (;;) {
      if (!this.isRunning() || this.mustBackOff || this.mustRenew()) return;
      if (slot === 0 && this.isRetryDue()) {
        await this.sendDue();
        continue;
      }
      const range = this.takeRange();
      if (!range) return;
      const sent = await sending.sendRange({ campaignId: this.input.campaignId, slot, ...range });
      if (sent.next < range.to) this.state.unfinished.push({ from: sent.next, to: range.to });
      this.learnFrom(sent);
    }
  }

  /** Asks whether anybody is still waiting; completes, or sleeps until the next one is due. */
  async finish(): Promise<void> {
    const found = await bookkeeping.finishCampaign({ campaignId: this.input.campaignId });
    this.adopt(found);
    if (!this.isRunning()) return;
    const dueAt = Math.max(found.nextDueAt ?? Date.now() + LOOK_AGAIN_MS, this.nextLookAt);
    this.state.nextDueAt = dueAt;
    const { revision } = this.state;
    this.show();
    const waitMs = Math.max(0, dueAt - Date.now());
    if (waitMs > 0) await condition(() => this.state.revision !== revision, waitMs);
    if (this.state.revision === revision && this.isRunning()) {
      await this.sendDue();
      await this.backOff();
    }
  }

  private async sendDue(): Promise<void> {
    this.learnFrom(await sending.sendDue({ campaignId: this.input.campaignId, slot: 0 }));
    this.nextLookAt = Date.now() + CLOCKS_APART_MS;
  }

  /** Leaves a provider that cannot be reached alone for a while; a signal ends the wait. */
  private async backOff(): Promise<void> {
    if (!this.mustBackOff) return;
    const { revision } = this.state;
    await condition(() => this.state.revision !== revision, this.backOffMs);
    this.mustBackOff = false;
  }

  private learnFrom(sent: SendResult): void {
    this.adopt(sent);
    this.state.nextDueAt = sent.nextDueAt;
    // Once for all lanes: the first that finds the provider away sets the wait, and no other one shortens it.
    if (!this.mustBackOff) this.backOffMs = sent.unreachable ? nextBackOff(this.backOffMs) : 0;
    this.mustBackOff ||= sent.unreachable;
    this.show();
  }

  /** False when the workflow knows something newer already. */
  private adopt(found: Found): boolean {
    this.state.progress = found.progress;
    if (found.revision < this.state.revision) return false;
    this.state.revision = found.revision;
    this.state.status = found.status;
    this.state.reason = found.reason;
    return true;
  }

  private isRunning(): boolean {
    return this.state.status === 'in_progress';
  }

  private isRetryDue(): boolean {
    const { nextDueAt } = this.state;
    return nextDueAt !== null && Math.max(nextDueAt, this.nextLookAt) <= Date.now();
  }

  private hasRange(): boolean {
    const { plan, unfinished } = this.state;
    return unfinished.length > 0 || (plan !== null && plan.next < plan.end);
  }

  private takeRange(): Range | null {
    const cutShort = this.state.unfinished.shift();
    if (cutShort) return cutShort;
    const plan = this.state.plan!;
    if (plan.next >= plan.end) return null;
    const range = { from: plan.next, to: Math.min(plan.end, plan.next + plan.rangeSize) };
    plan.next = range.to;
    return range;
  }

  mustRenew(): boolean {
    const info = workflowInfo();
    const limit = this.input.renewAfterEvents ?? Infinity;
    return info.continueAsNewSuggested || info.historyLength > limit;
  }

  renew(): Promise<never> {
    return continueAsNew<typeof campaign>({ ...this.input, state: this.state });
  }

  /** Current details cost no event; the search attribute costs one and is written on changes only. */
  show(): void {
    setCurrentDetails(campaignDetails(this.state, Date.now()));
    if (this.shownStatus === this.state.status) return;
    this.shownStatus = this.state.status;
    upsertSearchAttributes([
      { key: searchAttributes.campaignStatus, value: this.state.status },
      { key: searchAttributes.senderId, value: this.input.senderId },
      { key: searchAttributes.accountId, value: this.input.accountId },
    ]);
  }
}
