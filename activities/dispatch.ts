import { setTimeout as sleep } from 'node:timers/promises';
import { judgeAttempt, waiting, type Effect, type Verdict } from '../domain/attempt';
import type { PauseReason } from '../domain/campaign';
import type { OutboundContent } from '../domain/message';
import type { MessageSender, SendOutcome } from '../domain/ports';
import { formatReference } from '../domain/reference';
import { slowDown } from '../db/budget';
import {
  takeTurn,
  type Claim,
  type Claimed,
  type Lane,
  type Outcome,
  type Turn,
} from '../db/ledger';
import type { ActivityDeps } from './deps';
import { ContentWatch } from './contentWatch';
import { Pace, type Budget, type Slot } from './pace';

/** One lane's piece of work: the recipients of a range of positions, or those whose retry is due. */
export interface DispatchJob {
  lane: Lane;
  source: { kind: 'positions'; from: number; to: number } | { kind: 'due' };
  provider: MessageSender;
  /** The budgets a message draws from: the sender's, and the campaign's own if it has one. */
  budgets: readonly Budget[];
  contentFor(recipient: Claimed): OutboundContent;
  /** When the recipient may not be messaged yet (quiet hours): until when. */
  deferUntil(recipient: Claimed): Date | null;
  /** Stop claiming after this long (milliseconds). */
  maxMs: number;
  /** Aborted on cancellation and on shutdown of the worker: stop claiming, record what is out, return. */
  signal: AbortSignal;
}

export interface DispatchReport {
  /** Positions before this one have been claimed. */
  next: number;
  sent: number;
  failed: number;
  /** A control verb closed the campaign meanwhile. */
  closed: boolean;
  unreachable: boolean;
  /** The provider's answers say that going on would do harm. */
  pause: { reason: PauseReason; code: number | null } | null;
}

/** A claim is at most this much of a second's budget, so that cancel and opt-outs bite within a quarter second. */
const CHUNK_SECONDS = 0.25;
const LARGEST_CHUNK = 500;
/** Refused connections in a row after which the provider counts as down. */
const UNREACHABLE_IN_A_ROW = 20;
/** Timers that are late by this much are caught up with; a longer stall is forgiven, or it would end in a burst. */
const CATCH_UP_MS = 8;
/** A statement for a few recipients costs nearly what one for many does: this part of the worker's slots is worth one ... */
const WORTHWHILE = 8;
/** ... and is waited for this long (milliseconds). */
const GATHER_MS = 4;
/** How often a lane that stops looks at what is still out (milliseconds). */
const DRAIN_CHECK_MS = 1_000;

/**
 * The one sending loop. Each turn records the answers that came in and claims the next recipients in one statement,
 * then POSTs them at the pace the budget gave. Whatever was claimed and not recorded holds a slot of the worker.
 */
export class Dispatch {
  private readonly answers: Outcome[] = [];
  private readonly content = new ContentWatch();
  private readonly pace: Pace;
  /** POSTs out, or about to go out. */
  private posting = 0;
  /** Slots held for nothing yet. Held in all: posting + answers + spare. */
  private spare = 0;
  private wake: () => void = () => undefined;
  private wakeAt = 1;
  private nextPostAt = 0;
  private pacing: Promise<void> = Promise.resolve();
  private unreachableInARow = 0;
  private exhausted = false;
  private readonly startedAt = performance.now();
  readonly report: DispatchReport;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly job: DispatchJob,
  ) {
    this.pace = new Pace(deps.pool, job.budgets);
    const next = job.source.kind === 'positions' ? job.source.from : 0;
    this.report = { next, sent: 0, failed: 0, closed: false, unreachable: false, pause: null };
  }

  async run(): Promise<DispatchReport> {
    try {
      while (!this.mustStop()) await this.turn();
    } finally {
      await this.drain();
    }
    return this.report;
  }

  private mustStop(): boolean {
    const { report, job } = this;
    return (
      this.exhausted ||
      report.closed ||
      report.unreachable ||
      report.pause !== null ||
      job.signal.aborted ||
      performance.now() - this.startedAt > job.maxMs
    );
  }

  private async turn(): Promise<void> {
    const wanted = await this.room();
    const slot = await this.pace.take(wanted);
    await this.waitFor(slot.at);
    if (this.mustStop()) return;
    const turn = await this.record(this.claim(wanted));
    this.spare -= turn.claimed.length;
    this.giveSpare();
    this.report.closed = !turn.open;
    if (turn.open) this.advance(wanted, turn.claimed.length + turn.skipped);
    this.posting += turn.claimed.length;
    // One chunk after the other: two at once would double the pace.
    this.pacing = this.pacing.then(() => this.post(turn.claimed, slot));
  }

  /**
   * How many recipients the next turn may claim. Answers waiting to be recorded free their slots in the same statement,
   * so they count as room; only a lane with nothing out waits for other lanes to give slots back.
   */
  private async room(): Promise<number> {
    const chunk = this.chunkSize();
    const enough = Math.min(chunk, Math.ceil(this.deps.slots.total / WORTHWHILE));
    for (let gathered = false; ; gathered = true) {
      const missing = chunk - this.answers.length - this.spare;
      this.spare += this.deps.slots.takeNow(missing);
      const room = Math.min(chunk, this.answers.length + this.spare);
      const waiting = this.posting > 0;
      if (room >= enough || (room > 0 && (!waiting || gathered))) return room;
      if (waiting) await this.untilAnswered(enough - this.spare, GATHER_MS);
      else this.spare += await this.deps.slots.take(missing);
    }
  }

  private chunkSize(): number {
    const byRate = Math.max(1, Math.floor(this.pace.slowest * CHUNK_SECONDS));
    const byWorker = Math.max(1, Math.ceil(this.deps.slots.total / 2));
    const left =
      this.job.source.kind === 'positions' ? this.job.source.to - this.report.next : LARGEST_CHUNK;
    return Math.min(byRate, byWorker, left, LARGEST_CHUNK);
  }

  /** Sleeps to the slot; records what comes in meanwhile if the wait is long, so that little is ever unrecorded. */
  private async waitFor(at: number): Promise<void> {
    for (;;) {
      const left = at - performance.now();
      if (left <= 1 || this.job.signal.aborted) return;
      await sleep(Math.min(left, 100));
      if (at - performance.now() > 50) await this.recordAnswers();
    }
  }

  private claim(limit: number): Claim {
    const { source } = this.job;
    if (source.kind === 'due') return { kind: 'due', limit };
    return {
      kind: 'positions',
      from: this.report.next,
      to: Math.min(source.to, this.report.next + limit),
    };
  }

  private advance(wanted: number, touched: number): void {
    const { source } = this.job;
    if (source.kind === 'due') {
      this.exhausted = touched === 0;
      return;
    }
    this.report.next = Math.min(source.to, this.report.next + wanted);
    this.exhausted = this.report.next >= source.to;
  }

  /** Records all answers and claims, in one statement. What it could not record stays an answer. */
  private async record(claim: Claim): Promise<Turn> {
    const answers = this.answers.splice(0);
    try {
      const turn = await takeTurn(this.deps.pool, this.job.lane, answers, claim);
      this.spare += answers.length;
      return turn;
    } catch (error) {
      this.answers.push(...answers);
      throw error;
    }
  }

  private giveSpare(): void {
    this.deps.slots.give(this.spare);
    this.spare = 0;
  }

  private async post(recipients: readonly Claimed[], slot: Slot): Promise<void> {
    for (const [index, recipient] of recipients.entries()) {
      const until = this.job.deferUntil(recipient);
      if (until) {
        this.settle(recipient, untouched('quiet_hours', until));
        continue;
      }
      const at = Math.max(slot.at + index * slot.intervalMs, this.nextPostAt);
      const waitMs = at - performance.now();
      if (waitMs >= 1) await sleep(Math.floor(waitMs));
      if (this.mustHold()) {
        this.settle(recipient, untouched(null, new Date()));
        continue;
      }
      this.nextPostAt = Math.max(at, performance.now() - CATCH_UP_MS) + slot.intervalMs;
      this.send(recipient);
    }
  }

  /** Claimed, but not to be sent after all: the answers of others say so, or the worker goes down. */
  private mustHold(): boolean {
    return this.report.pause !== null || this.report.unreachable || this.job.signal.aborted;
  }

  private send(recipient: Claimed): void {
    const judge = (outcome: SendOutcome) => {
      this.settle(recipient, judgeAttempt(outcome, recipient, this.deps.clock, Math.random));
    };
    // Providers answer with an outcome; an adapter that throws leaves it open whether anything went out.
    const fault = () => judge({ kind: 'unknown', detail: 'adapter_error' });
    try {
      const message = {
        to: recipient.phone,
        reference: formatReference(this.job.lane.campaignId, recipient.position),
        content: this.job.contentFor(recipient),
      };
      this.job.provider.send(message).then(judge, fault);
    } catch {
      fault();
    }
  }

  private settle(recipient: Claimed, verdict: Verdict): void {
    this.posting -= 1;
    this.answers.push({ position: recipient.position, verdict });
    if (verdict.state === 'sent') this.report.sent += 1;
    if (verdict.state === 'failed') this.report.failed += 1;
    this.heed(verdict.effect);
    if (this.answers.length >= this.wakeAt) this.wake();
  }

  private heed(effect: Effect): void {
    this.unreachableInARow = effect.kind === 'unreachable' ? this.unreachableInARow + 1 : 0;
    if (this.unreachableInARow >= UNREACHABLE_IN_A_ROW) this.report.unreachable = true;
    if (this.content.isAlarming(effect.kind === 'content_failure')) {
      this.report.pause ??= { reason: 'too_many_content_failures', code: null };
    }
    if (effect.kind === 'pause') {
      this.report.pause ??= { reason: effect.reason, code: effect.code };
    }
    if (effect.kind === 'slow_down') {
      const [sender] = this.job.budgets;
      void slowDown(this.deps.pool, sender!.id, sender!.ratePerSecond).catch(() => undefined);
    }
  }

  /** Waits for every POST that is out and records its answer. */
  private async drain(): Promise<void> {
    while (this.posting > 0) await this.untilAnswered(this.answers.length + 1, DRAIN_CHECK_MS);
    try {
      await this.recordAnswers();
    } finally {
      this.spare += this.answers.length;
      this.giveSpare();
    }
  }

  private async recordAnswers(): Promise<void> {
    if (this.answers.length > 0) await this.record({ kind: 'nothing' });
  }

  /** Until so many answers wait to be recorded, or for so long (milliseconds). */
  private untilAnswered(count: number, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.wakeAt = count;
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Back to waiting, as if it had not been claimed. */
function untouched(reason: string | null, until: Date): Verdict {
  return waiting(reason, { kind: 'none' }, until, 1);
}
