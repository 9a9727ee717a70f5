import { Context } from '@temporalio/activity';
import type { Activities } from '../../activities';
import {
  allowedFrom,
  resultOf,
  type CampaignEvent,
  type CampaignStatus,
} from '../../domain/campaign';
import { emptyProgress } from '../../domain/recipient';
import type { Found, Range, SendingPlan, SendResult } from '../../workflows/contract';

export interface CampaignModelOptions {
  recipients?: number;
  rangeSize?: number;
  lanes?: number;
  /** Milliseconds since the epoch. */
  dueAt?: number;
}

/** A provider that refuses connections takes so many recipients with it before a lane gives up. */
const MET_BY_REFUSALS = 20;
const REFUSED_AGAIN_MS = 60_000;
const MISSED_START_MS = 3_600_000;

/** What the database is to a campaign's workflow, in memory: the state, its revision, and who has been sent to. */
export class CampaignModel {
  status: CampaignStatus = 'scheduled';
  reason: string | null = null;
  revision = 1;
  dueAt: number;
  frozen = false;
  begunAt: number | null = null;
  skippedTheRest = 0;
  /** Positions in the order they were sent. */
  readonly sent: number[] = [];
  readonly calls: { name: keyof Activities; at: number }[] = [];
  /** Positions that wait for a later try, and until when. */
  readonly waiting = new Map<number, number>();
  /** Positions put off at their first try, and for how many milliseconds. */
  readonly putOff = new Map<number, number>();
  /** What happens just before a position is sent. */
  readonly before = new Map<number, () => Promise<void> | void>();
  /** The provider takes no connection before this time. */
  downUntil = 0;
  /** How far the database's clock is behind when it decides whose retry is due. */
  behindMs = 0;
  readonly total: number;
  private readonly rangeSize: number;
  private readonly lanes: number;

  constructor(options: CampaignModelOptions = {}) {
    this.total = options.recipients ?? 40;
    this.rangeSize = options.rangeSize ?? 10;
    this.lanes = options.lanes ?? 2;
    this.dueAt = options.dueAt ?? 0;
  }

  /** A control verb: the guarded transition. Returns the revision that its signal carries. */
  apply(event: CampaignEvent, reason: string | null = null): number {
    if (!allowedFrom(event).includes(this.status)) throw new Error(`${event} at ${this.status}`);
    this.status = resultOf(event);
    this.reason = reason;
    this.revision += 1;
    return this.revision;
  }

  countOf(name: keyof Activities): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** Positions 1 to `total`, each once: how a completed campaign looks. */
  everybodyOnce(): boolean {
    return this.sent.length === this.total && new Set(this.sent).size === this.total;
  }

  begin(now: number) {
    const waits = this.status === 'scheduled' || this.status === 'in_progress';
    if (waits && !this.frozen && this.dueAt <= now) {
      if (now - this.dueAt > MISSED_START_MS) {
        this.apply('pause', 'missed_start');
      } else {
        this.apply('begin');
        this.frozen = true;
        this.begunAt = now;
      }
    }
    const sending = this.status === 'in_progress' && this.frozen;
    const plan = sending ? this.plan() : null;
    return { ...this.found(), dueAt: this.dueAt, plan, nextDueAt: this.nextDueAt() };
  }

  async sendRange({ from, to }: Range, now: number): Promise<SendResult> {
    if (this.status === 'in_progress' && now < this.downUntil) {
      const next = Math.min(to, from + MET_BY_REFUSALS);
      for (let position = from; position < next; position += 1) this.wait(position, now);
      return this.result(next, true);
    }
    let next = from;
    for (; next < to; next += 1) {
      await this.before.get(next)?.();
      if (this.status !== 'in_progress') break;
      const delayMs = this.putOff.get(next);
      if (delayMs === undefined) this.sent.push(next);
      else this.waiting.set(next, now + delayMs);
    }
    return this.result(next);
  }

  sendDue(now: number): SendResult {
    if (this.status !== 'in_progress') return this.result(0);
    const due = [...this.waiting]
      .filter(([, at]) => at <= now - this.behindMs)
      .map(([position]) => position);
    const down = now < this.downUntil;
    for (const position of down ? due.slice(0, MET_BY_REFUSALS) : due) {
      if (down) {
        this.wait(position, now);
      } else {
        this.waiting.delete(position);
        this.sent.push(position);
      }
    }
    return this.result(0, down && due.length > 0);
  }

  finish() {
    const done = this.waiting.size === 0 && this.sent.length === this.total;
    if (done && this.status === 'in_progress') this.apply('complete');
    return { ...this.found(), nextDueAt: this.nextDueAt() };
  }

  private wait(position: number, now: number): void {
    this.waiting.set(position, now + REFUSED_AGAIN_MS);
  }

  private plan(): SendingPlan {
    const taken = Math.max(0, ...this.sent, ...this.waiting.keys());
    return {
      next: taken + 1,
      end: this.total + 1,
      lanes: this.lanes,
      rangeSize: this.rangeSize,
    };
  }

  private nextDueAt(): number | null {
    return this.waiting.size === 0 ? null : Math.min(...this.waiting.values());
  }

  private result(next: number, unreachable = false): SendResult {
    return { ...this.found(), next, nextDueAt: this.nextDueAt(), unreachable };
  }

  private found(): Found {
    const { status, reason, revision, sent, total } = this;
    const progress = { ...emptyProgress(), total, sent: sent.length, pending: total - sent.length };
    return { status, reason, revision, progress };
  }
}

type CampaignActivities = Pick<
  Activities,
  'beginCampaign' | 'sendRange' | 'sendDue' | 'finishCampaign' | 'skipTheRest'
>;

/** Stub activities over models, found by campaign id. Their time is the server's, which tests may skip. */
export function modelActivities(models: ReadonlyMap<string, CampaignModel>): CampaignActivities {
  const call = (campaignId: string, name: keyof Activities) => {
    const model = models.get(campaignId);
    if (!model) throw new Error(`No model of campaign ${campaignId}`);
    const now = Context.current().info.currentAttemptScheduledTimestampMs;
    model.calls.push({ name, at: now });
    return { model, now };
  };
  return {
    beginCampaign: async ({ campaignId }) => {
      const { model, now } = call(campaignId, 'beginCampaign');
      return model.begin(now);
    },
    sendRange: async ({ campaignId, from, to }) => {
      const { model, now } = call(campaignId, 'sendRange');
      return model.sendRange({ from, to }, now);
    },
    sendDue: async ({ campaignId }) => {
      const { model, now } = call(campaignId, 'sendDue');
      return model.sendDue(now);
    },
    finishCampaign: async ({ campaignId }) => call(campaignId, 'finishCampaign').model.finish(),
    skipTheRest: async ({ campaignId }) => {
      call(campaignId, 'skipTheRest').model.skippedTheRest += 1;
    },
  };
}
