import { failureRule, type FailureRule } from './failure';
import type { SendOutcome } from './ports';
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
  now: Date;
  /** 0 to 1, for jitter. */
  random: number;
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

/** What one answer of the provider means for the recipient, and beyond. The catalogue decides; this applies it. */
export function judgeAttempt(outcome: SendOutcome, facts: AttemptFacts): Verdict {
  const nothing = { wamid: null, nextAttemptAt: null, refundedTries: 0 } as const;
  if (outcome.kind === 'accepted') {
    const reason = outcome.held ? 'held_for_quality_assessment' : null;
    return { ...nothing, state: 'sent', reason, wamid: outcome.wamid, effect: { kind: 'none' } };
  }
  if (outcome.kind === 'unknown') {
    return { ...nothing, state: 'unknown', reason: outcome.detail, effect: { kind: 'none' } };
  }
  const rule = failureRule(outcome.code);
  const reason = String(outcome.code);
  const effect = effectOf(rule);
  if (rule.recipient === 'requeue') {
    return {
      ...nothing,
      state: 'pending',
      reason,
      nextAttemptAt: facts.now,
      refundedTries: 1,
      effect,
    };
  }
  if (rule.recipient === 'fail' || isExhausted(rule, facts)) {
    return { ...nothing, state: 'failed', reason, effect };
  }
  const delayMs = Math.max(
    outcome.retryAfterMs ?? 0,
    rule.retryDelayMs(facts.attempts, facts.random),
  );
  return {
    ...nothing,
    state: 'pending',
    reason,
    nextAttemptAt: new Date(facts.now.getTime() + delayMs),
    refundedTries: rule.costsTry ? 0 : 1,
    effect,
  };
}

function isExhausted(rule: FailureRule, facts: AttemptFacts): boolean {
  if (facts.now.getTime() - facts.firstAttemptAt.getTime() >= LONGEST_RETRY_MS) return true;
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
  return { kind: 'none' };
}
