import { failureRule, type FailureRule } from './failure';
import type { Clock, SendOutcome } from './ports';
import type { PauseReason } from './campaign';
import type { RecipientState } from './recipient';

/** A recipient is tried at most this often (throttling does not count) ... */
export const MOST_TRIES = 5;
/** ... and for at most this long after the first try. */
export const LONGEST_RETRY_MS = 24 * 3_600_000;

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
  if (rule.recipient === 'fail' || isExhausted(rule, facts, now)) {
    return settled('failed', reason, effect);
  }
  const delayMs = Math.max(outcome.retryAfterMs ?? 0, rule.retryDelayMs(facts.attempts, random()));
  return waiting(reason, effect, new Date(now.getTime() + delayMs), rule.costsTry ? 0 : 1);
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

function isExhausted(rule: FailureRule, facts: AttemptFacts, now: Date): boolean {
  if (now.getTime() - facts.firstAttemptAt.getTime() >= LONGEST_RETRY_MS) return true;
  if (!rule.costsTry || isUnreachable(rule)) return false;
  return facts.attempts >= Math.min(MOST_TRIES, rule.maxTries);
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
