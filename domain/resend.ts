import { DomainError } from './errors';

/** How often a message may be sent again, and for how long after it was sent first. */
export const MOST_RESENDS = 5;
const RESENDABLE_FOR_MS = 48 * 3_600_000;

/** Minutes after the failure before: a cause that has just been met is likely to be there still. */
const BACKOFF_MINUTES = [1, 5, 15, 30, 60] as const;

export interface FailedMessage {
  /** Resends so far. */
  resends: number;
  firstSentAt: Date;
  /** Of the newest attempt. */
  failedAt: Date;
}

export interface PlannedResend {
  /** From 1. */
  attempt: number;
  /** Never before `now`. */
  dueAt: Date;
}

/** When a failed message may go out again. Throws `message_not_resendable` when it may not any more. */
export function planResend(
  { resends, firstSentAt, failedAt }: FailedMessage,
  now: Date,
): PlannedResend {
  const waitMinutes = BACKOFF_MINUTES[resends];
  if (waitMinutes === undefined) {
    throw new DomainError(
      'message_not_resendable',
      `The message was resent ${MOST_RESENDS} times, which is the most.`,
    );
  }
  const dueMs = Math.max(now.getTime(), failedAt.getTime() + waitMinutes * 60_000);
  if (dueMs > firstSentAt.getTime() + RESENDABLE_FOR_MS) {
    throw new DomainError(
      'message_not_resendable',
      'A message can be resent for 48 hours after it was sent first.',
    );
  }
  return { attempt: resends + 1, dueAt: new Date(dueMs) };
}
