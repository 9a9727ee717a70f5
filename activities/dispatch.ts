import { setTimeout as sleep } from 'node:timers/promises';
import { waiting, type Effect, type Verdict } from '../domain/attempt';
import type { PauseReason } from '../domain/campaign';
import type { MessageSender, OutboundMessage, SendOutcome } from '../domain/ports';
import { slowDown } from '../db/budget';
import type { ActivityDeps } from './deps';
import { ContentWatch } from './contentWatch';
import { Pace, type Budget, type Slot } from './pace';

/** What a message's tries are judged by; each kind of queue adds what it needs to send it. */
export interface Attempted {
  /** Tries including this one. */
  attempts: number;
  firstAttemptAt: Date;
}

/** What became of a claimed message. */
export interface Outcome<M extends Attempted> {
  message: M;
  verdict: Verdict;
}

/**
 * What a dispatch sends: a campaign's recipients or a sender's direct messages. Attempts are on disk before their POST;
 * outcomes are recorded by who claimed.
 */
export interface MessageQueue<M extends Attempted> {
  /** Nothing will be claimable any more. */
  readonly exhausted: boolean;
  /** How many messages could be claimed now, at most `most`. */
  due(most: number): number | Promise<number>;
  /** Until there may be news, when nothing is due; not longer than a second. */
  waitForNews(): Promise<void>;
  /** Records outcomes and claims up to `limit` messages. Not `open`: this attempt may claim nothing any more. */
  turn(
    outcomes: readonly Outcome<M>[],
    limit: number,
  ): Promise<{ claimed: readonly M[]; open: boolean }>;
  record(outcomes: readonly Outcome<M>[]): Promise<void>;
  compose(message: M): OutboundMessage;
  judge(outcome: SendOutcome, message: M): Verdict;
}

/** A piece of work for one lane. */
export interface DispatchJob<M extends Attempted> {
  queue: MessageQueue<M>;
  provider: MessageSender;
  /** The budgets a message draws from: the sender's, and the campaign's own if it has one. */
  budgets: readonly Budget[];
  /** Replies go first: they take the next free slots of the worker, and their turn in the sender's budget. */
  priority: 'bulk' | 'replies';
  /** When the recipient may not be messaged yet (quiet hours): until when. */
  deferUntil(message: M): Date | null;
  /** Claim one at a time until the provider accepts one: the sender was halted. */
  probing?: boolean;
  /** Stop claiming after this long (milliseconds). */
  maxMs: number;
  /** Aborted on cancellation and on shutdown of the worker: stop claiming, record what is out, return. */
  signal: AbortSignal;
}

export interface DispatchReport {
  sent: number;
  failed: number;
  /** A control verb closed the campaign meanwhile, or another attempt has taken over. */
  closed: boolean;
  unreachable: boolean;
  /** The provider's answers say that going on would do harm. */
  pause: { reason: PauseReason; code: number | null } | null;
}

/** A claim is at most this much of a second's budget, so that cancel and opt-outs bite at once and replies wait little. */
const CHUNK_SECONDS = 0.05;
const LARGEST_CHUNK = 500;
/** Refused connections in a row after which the provider counts as down. */
const UNREACHABLE_IN_A_ROW = 20;
/** A statement for a few recipients costs nearly what one for many does: this part of the worker's slots is worth one ... */
const WORTHWHILE = 8;
/** ... and is waited for this long (milliseconds). */
const GATHER_MS = 4;
/** How often a lane that stops looks at what is still out (milliseconds). */
const DRAIN_CHECK_MS = 1_000;
/** How long a lane without due messages waits for answers before it looks again (milliseconds). */
const IDLE_MS = 1_000;

/**
 * The one sending loop. Each turn records the answers that came in and claims the next recipients in one statement,
 * then POSTs them at the pace the budget gave. Whatever was claimed and not recorded holds a slot of the worker.
 */
export class Dispatch<M extends Attempted> {
  private readonly answers: Outcome<M>[] = [];
  private readonly content = new ContentWatch();
  private readonly pace: Pace;
  /** POSTs out, or about to go out. */
  private posting = 0;
  /** Slots held for nothing yet. Held in all: posting + answers + spare. */
  private spare = 0;
  private wake: () => void = () => undefined;
  private wakeAt = 1;
  private pacing: Promise<void> = Promise.resolve();
  private unreachableInARow = 0;
  private readonly startedAt = performance.now();
  readonly report: DispatchReport;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly job: DispatchJob<M>,
  ) {
    this.pace = new Pace(deps.pool, job.budgets, job.priority);
    this.report = { sent: 0, failed: 0, closed: false, unreachable: false, pause: null };
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
      job.queue.exhausted ||
      report.closed ||
      report.unreachable ||
      report.pause !== null ||
      job.signal.aborted ||
      performance.now() - this.startedAt > job.maxMs
    );
  }

  private async turn(): Promise<void> {
    const due = await this.job.queue.due(this.mostPerClaim());
    if (due === 0) return this.idle();
    const wanted = await this.room(due);
    const slot = await this.pace.take(wanted);
    await this.waitFor(slot.at);
    if (this.mustStop()) return;
    const turn = await this.record((answers) => this.job.queue.turn(answers, wanted));
    this.spare -= turn.claimed.length;
    this.giveSpare();
    this.report.closed = !turn.open;
    this.posting += turn.claimed.length;
    // One chunk after the other: two at once would double the pace.
    this.pacing = this.pacing.then(() => this.post(turn.claimed, slot));
  }

  /** Nothing to claim: answers are recorded as they come, and may make more messages due. */
  private async idle(): Promise<void> {
    if (this.answers.length === 0) {
      const news = this.job.queue.waitForNews();
      await (this.posting > 0 ? Promise.race([news, this.untilAnswered(1, IDLE_MS)]) : news);
    }
    await this.recordAnswers();
  }

  /**
   * How many messages the next turn may claim. Answers waiting to be recorded free their slots in the same statement,
   * so they count as room; only a lane with nothing out waits for other lanes to give slots back.
   */
  private async room(chunk: number): Promise<number> {
    const { slots } = this.deps;
    const first = this.job.priority === 'replies';
    const enough = first ? 1 : Math.min(chunk, Math.ceil(slots.total / WORTHWHILE));
    for (let gathered = false; ; gathered = true) {
      const missing = chunk - this.answers.length - this.spare;
      this.spare += slots.takeNow(missing);
      const room = Math.min(chunk, this.answers.length + this.spare);
      const waiting = this.posting > 0;
      if (room >= enough || (room > 0 && (!waiting || gathered))) return room;
      if (waiting) await this.untilAnswered(enough - this.spare, GATHER_MS);
      else this.spare += await slots.take(missing, first);
    }
  }

  private mostPerClaim(): number {
    if (this.job.probing && this.report.sent === 0) return this.posting > 0 ? 0 : 1;
    const byRate = Math.max(1, Math.floor(this.pace.slowest * CHUNK_SECONDS));
    const byWorker = Math.max(1, Math.ceil(this.deps.slots.total / 2));
    return Math.min(byRate, byWorker, LARGEST_CHUNK);
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

  /** Records all answers, by itself or with a claim. What it could not record stays an answer. */
  private async record<R>(write: (answers: readonly Outcome<M>[]) => Promise<R>): Promise<R> {
    const answers = this.answers.splice(0);
    try {
      const result = await write(answers);
      this.spare += answers.length;
      return result;
    } catch (error) {
      this.answers.push(...answers);
      throw error;
    }
  }

  private giveSpare(): void {
    this.deps.slots.give(this.spare);
    this.spare = 0;
  }

  private async post(messages: readonly M[], slot: Slot): Promise<void> {
    const { spacing } = this.deps;
    for (const [index, message] of messages.entries()) {
      const until = this.job.deferUntil(message);
      if (until) {
        this.settle(message, untouched('quiet_hours', until));
        continue;
      }
      const at = spacing.place(slot.budgets, slot.at + index * slot.intervalMs);
      const waitMs = at - performance.now();
      if (waitMs >= 1) await sleep(Math.floor(waitMs));
      if (this.mustHold()) {
        this.settle(message, untouched(null, new Date()));
        continue;
      }
      spacing.posted(slot.budgets, at, performance.now());
      this.send(message);
    }
  }

  /** Claimed, but not to be sent after all: the answers of others say so, or the worker goes down. */
  private mustHold(): boolean {
    return this.report.pause !== null || this.report.unreachable || this.job.signal.aborted;
  }

  private send(message: M): void {
    const { queue, provider } = this.job;
    const judge = (outcome: SendOutcome) => {
      this.settle(message, queue.judge(outcome, message));
    };
    // Providers answer with an outcome; an adapter that throws leaves it open whether anything went out.
    const fault = () => judge({ kind: 'unknown', detail: 'adapter_error' });
    try {
      provider.send(queue.compose(message)).then(judge, fault);
    } catch {
      fault();
    }
  }

  private settle(message: M, verdict: Verdict): void {
    this.posting -= 1;
    this.answers.push({ message, verdict });
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
    if (this.answers.length === 0) return;
    await this.record((answers) => this.job.queue.record(answers));
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
