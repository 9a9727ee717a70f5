/**
 * One recipient of one campaign, in the send ledger:
 *
 *   pending -> claimed -> sent -> delivered -> read
 *                      -> failed      (permanent, with the provider's code)
 *                      -> pending     (again later: transient failure, throttled, campaign stopped)
 *                      -> unknown     (the POST may have gone out and no answer is recorded)
 *   pending -> skipped                (opted out, missing variable, invalid; never sent)
 *   unknown -> sent | delivered | read | failed   (a status webhook tells)
 */
export const RECIPIENT_STATES = [
  'pending',
  'claimed',
  'unknown',
  'sent',
  'delivered',
  'read',
  'failed',
  'skipped',
] as const;

export type RecipientState = (typeof RECIPIENT_STATES)[number];

/** How many recipients are in each state; the sum is the campaign's total. */
export type Progress = Record<RecipientState, number> & { total: number };

export function emptyProgress(): Progress {
  return {
    total: 0,
    pending: 0,
    claimed: 0,
    unknown: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    failed: 0,
    skipped: 0,
  };
}

/** Why a recipient was skipped; `failed` recipients carry the provider's numeric code instead. */
export type SkipReason = 'blocked' | 'no_phone' | 'missing_variable' | 'canceled';
