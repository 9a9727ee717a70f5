/**
 * What the answer of a customer's endpoint means.
 * - `taken`: delivered.
 * - `refused`: it is up and does not want this event; others may fare better.
 * - `down`: no answer, or one that speaks of the endpoint and not of the event: a wrong path or key, too many requests, a
 *   server error, a redirect.
 */
export type EndpointVerdict = 'taken' | 'refused' | 'down';

/** Statuses about the body of one request. */
const ABOUT_THE_EVENT: ReadonlySet<number> = new Set([400, 406, 409, 413, 415, 422]);

/**
 * `status`: the HTTP status; null when there was no answer. `takenBy`: the only one that means so; whoever answers with
 * another success is up all the same.
 */
export function judgeAnswer(status: number | null, takenBy?: number): EndpointVerdict {
  if (status === null) return 'down';
  const isSuccess = status >= 200 && status < 300;
  if (takenBy === undefined ? isSuccess : status === takenBy) return 'taken';
  return isSuccess || ABOUT_THE_EVENT.has(status) ? 'refused' : 'down';
}

/** The place of the one destination that a number, or all of an account's, have by themselves. */
export const MAIN_PLACE = 'main';
/** What the place of a business account's endpoint begins with, before the provider's id of the account. */
export const BUSINESS_PLACE = 'waba ';
/** What the places of a number's further destinations begin with: they get copies of what the main one has taken. */
export const FURTHER_PLACE = 'extra ';

/** Attempts in a row that found an endpoint down, after which it is left alone for a while. */
export const DOWN_AFTER = 5;

const FIRST_PROBE_MS = 30_000;
const LAST_PROBE_MS = 30 * 60_000;
/** Endpoints that went down together do not come back together. */
const JITTER = 0.1;

/** How long to leave an endpoint alone that is down: 30 s, then twice that, up to half an hour (milliseconds). */
export function probeDelay(failures: number, random: () => number): number {
  const doubled = FIRST_PROBE_MS * 2 ** Math.min(failures - DOWN_AFTER, 10);
  return jittered(Math.min(LAST_PROBE_MS, doubled), random);
}

/** Never earlier than the delay, up to a tenth later. */
export function jittered(delayMs: number, random: () => number): number {
  return Math.round(delayMs * (1 + JITTER * random()));
}
