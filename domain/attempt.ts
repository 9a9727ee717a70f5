import { failureRule, type FailureRule } from './failure';
import type { Clock, SendOutcome } from './ports';
import type { PauseReason } from './campaign';
import type { RecipientState } from './recipient';

/** A recipient is tried at most this often; being throttled or not reaching the provider is no try ... */
export const MOST_TRIES = 5;
/** ... but ends this long after the first one. */
export const LONGEST_RETRY_MS = 24 * 3_600_000;
/** A recipient that was put off for a day (with jitter, 30 hours) has that time on top. */
const LONGEST_DEFERRAL_MS = 30 * 3_600_000;

export interface AttemptFacts {
  /** Tries including the one that is judged. */
  attempts: number;
  firstAttemptAt: Date;
}

export interface Verdict {
  state: Extract<RecipientState, 'sent' | 'failed' | 'unknown' | 'pending'>;
  reason: string | null;
  wamid: string | null;
  nextAttemptAt: Date | null;
  refundedTries: 0 | 1;
  /** What this answer means beyond the one recipient. */
  effect: Effect;
}

export type Effect =
  | { kind: 'none' }
  | { kind: 'slow_down' }
  | { kind: 'content_failure' }
  | { kind: 'unreachable' }
  | { kind: 'pause'; reason: PauseReason; code: number };

const NO_EFFECT: Effect = { kind: 'none' };

/**
 * What one answer of the provider means for the recipient, and beyond. The catalogue decides; this applies it.
 * `random` gives 0 to 1, for jitter.
 */
export function judgeAttempt(
  outcome: SendOutcome,
  facts: AttemptFacts,
  clock: Clock,
  random: () => number,
): Verdict {
  if (outcome.kind === 'accepted') {
    const reason = outcome.held ? 'held_for_quality_assessment' : null;
    return settled('sent', reason, NO_EFFECT, outcome.wamid);
  }
  if (outcome.kind === 'unknown') return settled('unknown', outcome.detail, NO_EFFECT);
  const rule = failureRule(outcome.code);
  const reason = String(outcome.code);
  const effect = effectOf(rule);
  const now = clock.now().toJSDate();
  if (rule.recipient === 'requeue') return waiting(reason, effect, now, 1);
  const ageMs = now.getTime() - facts.firstAttemptAt.getTime();
  if (rule.recipient === 'fail' || isExhausted(rule, facts.attempts, ageMs)) {
    return settled('failed', reason, effect);
  }
  const spent = spendsTry(rule);
  const tries = spent ? facts.attempts : triesByAge(ageMs);
  const delayMs = Math.max(outcome.retryAfterMs ?? 0, rule.retryDelayMs(tries, random()));
  return waiting(reason, effect, new Date(now.getTime() + delayMs), spent ? 0 : 1);
}

/**
 * The same for a direct message. There is no campaign to pause: what would pause one fails the message, and says
 * nothing about the next. What halts the sender puts it back.
 */
export function judgeDirect(
  outcome: SendOutcome,
  facts: AttemptFacts,
  clock: Clock,
  random: () => number,
): Verdict {
  const verdict = judgeAttempt(outcome, facts, clock, random);
  const { effect } = verdict;
  if (effect.kind === 'pause' && effect.reason !== 'sender_halted') {
    return settled('failed', verdict.reason, NO_EFFECT);
  }
  return effect.kind === 'content_failure' ? { ...verdict, effect: NO_EFFECT } : verdict;
}

function settled(
  state: 'sent' | 'failed' | 'unknown',
  reason: string | null,
  effect: Effect,
  wamid: string | null = null,
): Verdict {
  return { state, reason, wamid, nextAttemptAt: null, refundedTries: 0, effect };
}

/** Back in the queue until `nextAttemptAt`; a refunded try was none (throttled, deferred, never sent). */
export function waiting(
  reason: string | null,
  effect: Effect,
  nextAttemptAt: Date,
  refundedTries: 0 | 1,
): Verdict {
  return { state: 'pending', reason, wamid: null, nextAttemptAt, refundedTries, effect };
}

/** Tries end what spends tries: they follow each other within minutes, so that age would punish a pause alone. */
function isExhausted(rule: FailureRule, attempts: number, ageMs: number): boolean {
  if (spendsTry(rule)) return attempts >= Math.min(MOST_TRIES, rule.maxTries);
  return ageMs >= LONGEST_RETRY_MS + (attempts > 1 ? LONGEST_DEFERRAL_MS : 0);
}

function spendsTry(rule: FailureRule): boolean {
  return rule.costsTry && !isUnreachable(rule);
}

/** Refunded tries are not counted; as delays grow at least twofold, their number follows from the time they took. */
function triesByAge(ageMs: number): number {
  return 1 + Math.floor(Math.log2(1 + Math.max(0, ageMs) / 1000));
}

/** Nothing was sent: the provider's address did not take the connection. */
function isUnreachable(rule: FailureRule): boolean {
  return rule.code === -1;
}

function effectOf(rule: FailureRule): Effect {
  if (isUnreachable(rule)) return { kind: 'unreachable' };
  if (rule.class === 'slow_down') return { kind: 'slow_down' };
  if (rule.class === 'fail_content') return { kind: 'content_failure' };
  if (rule.class === 'pause_campaign') {
    return { kind: 'pause', reason: 'template_paused', code: rule.code };
  }
  if (rule.class === 'halt_sender') {
    return { kind: 'pause', reason: 'sender_halted', code: rule.code };
  }
  return NO_EFFECT;
}
