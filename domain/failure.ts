/**
 * The one catalogue of what providers answer instead of "accepted", with the behaviour in the entry:
 * whoever sends asks the rule what to do and never compares codes.
 *
 * Positive codes are Meta's (also sent by 360dialog). HTTP statuses lie in both directions (throttling
 * comes as 400 and as 429, a permission error as 500), so the code decides and the status is used only
 * when an answer carries no code: those are our own negative codes, the status with a minus sign.
 */

/**
 * - `retry`: this message may pass later; exponential backoff.
 * - `slow_down`: the sender is too fast for the number, the app or the account; no try is spent.
 * - `wait_pair`: too many messages to this one user; other users are not concerned.
 * - `defer_day`: this user had enough marketing for now; not before a day.
 * - `fail_recipient`: never for this recipient; the number or the user is the reason.
 * - `fail_content`: the request is wrong; a campaign full of these should stop.
 * - `pause_campaign`: nothing with this template can pass until somebody acts.
 * - `halt_sender`: nothing from this number can pass until somebody acts.
 */
export type FailureClass =
  | 'retry'
  | 'slow_down'
  | 'wait_pair'
  | 'defer_day'
  | 'fail_recipient'
  | 'fail_content'
  | 'pause_campaign'
  | 'halt_sender';

/** What becomes of the recipient's row; `requeue` puts it back untouched, because the cause is not its own. */
export type RecipientFate = 'retry' | 'requeue' | 'fail';

export interface FailureRule {
  code: number;
  /** A short sentence part for operators. */
  title: string;
  class: FailureClass;
  recipient: RecipientFate;
  /** Tries after which the recipient fails; throttling does not count towards it. */
  maxTries: number;
  /** False where the provider only asks for patience. */
  costsTry: boolean;
  /**
   * Milliseconds until the next try. `tries` counts the tries made so far, this one included (1 after the
   * first); `random` in [0, 1) spreads the retries of many recipients.
   */
  retryDelayMs(tries: number, random: number): number;
}

/** No byte reached the provider: refused, no such host, connect timeout. */
export const PROVIDER_UNREACHABLE = -1;

/** Enough for a provider that is down for a day: the age of a recipient ends such retries, not their number. */
const UNLIMITED_TRIES = 1_000_000;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

type Delay = FailureRule['retryDelayMs'];

/** `base`, twice that, four times that … up to `cap`, each between its half and its full length. */
const backoff =
  (base: number, cap: number): Delay =>
  (tries, random) =>
    Math.round(Math.min(cap, base * 2 ** Math.max(0, tries - 1)) * (0.5 + random / 2));

/** `base` plus up to a quarter of it. */
const about =
  (base: number): Delay =>
  (_tries, random) =>
    Math.round(base * (1 + random / 4));

/** 1, 4, 16, 64 … seconds, as Meta's documentation asks for pairs, at most 10 minutes. */
const pairDelay: Delay = (tries, random) =>
  Math.round(Math.min(10 * MINUTE, 4 ** Math.max(0, tries - 1) * SECOND) * (1 + random / 4));

interface Behaviour {
  recipient: RecipientFate;
  maxTries: number;
  costsTry: boolean;
  retryDelayMs: Delay;
}

const fails: Behaviour = {
  recipient: 'fail',
  maxTries: 1,
  costsTry: true,
  retryDelayMs: about(MINUTE),
};
const requeues: Behaviour = { ...fails, recipient: 'requeue', costsTry: false };
const waits: Behaviour = {
  recipient: 'retry',
  maxTries: UNLIMITED_TRIES,
  costsTry: false,
  retryDelayMs: about(4 * SECOND),
};

const BEHAVIOUR: Record<FailureClass, Behaviour> = {
  // 2, 4, 8, 16 s, so that the fifth and last try is half a minute after the first.
  retry: {
    recipient: 'retry',
    maxTries: 5,
    costsTry: true,
    retryDelayMs: backoff(2 * SECOND, 5 * MINUTE),
  },
  slow_down: waits,
  wait_pair: { ...waits, retryDelayMs: pairDelay },
  defer_day: { recipient: 'retry', maxTries: 2, costsTry: true, retryDelayMs: about(DAY) },
  fail_recipient: fails,
  fail_content: fails,
  pause_campaign: requeues,
  halt_sender: requeues,
};

type Entry = [code: number, of: FailureClass, title: string, special?: Partial<Behaviour>];

const fewTries: Partial<Behaviour> = { maxTries: 3 };

const CATALOGUE: Entry[] = [
  [0, 'halt_sender', 'authentication failed'],
  [1, 'retry', 'unknown or invalid request', fewTries],
  [2, 'retry', 'service down or overloaded'],
  [3, 'halt_sender', 'capability or permission missing'],
  [4, 'slow_down', 'rate limit of the app', { retryDelayMs: about(2 * MINUTE) }],
  [10, 'halt_sender', 'permission denied'],
  [33, 'halt_sender', 'business number was deleted'],
  [100, 'fail_content', 'invalid parameter'],
  [190, 'halt_sender', 'access token expired'],
  [368, 'halt_sender', 'temporarily blocked for a policy violation'],
  [80007, 'slow_down', 'rate limit of the business account', { retryDelayMs: about(MINUTE) }],
  [130429, 'slow_down', 'throughput limit of the number'],
  [130472, 'fail_recipient', 'user is part of an experiment'],
  [130497, 'fail_recipient', 'country is restricted for this business'],
  [131000, 'retry', 'unknown send failure', fewTries],
  [131005, 'halt_sender', 'access denied'],
  [131008, 'fail_content', 'required parameter missing'],
  [131009, 'fail_content', 'parameter value not valid'],
  [131016, 'retry', 'service unavailable'],
  [131021, 'fail_recipient', 'recipient is the sender'],
  [131026, 'fail_recipient', 'message undeliverable'],
  [131030, 'fail_content', 'recipient not in the test allow-list'],
  [131031, 'halt_sender', 'account locked'],
  [131037, 'halt_sender', 'display name not approved'],
  [131042, 'halt_sender', 'payment problem'],
  [131045, 'halt_sender', 'number certificate not valid'],
  [131047, 'fail_recipient', 'more than 24 hours since the customer last wrote'],
  [131048, 'halt_sender', 'spam rate limit of the number'],
  [131049, 'defer_day', 'not delivered to keep the ecosystem healthy'],
  [131050, 'fail_recipient', 'user stopped marketing messages'],
  [131051, 'fail_content', 'unsupported message type'],
  [131052, 'fail_content', 'inbound media download failed'],
  // Usually a link that the provider could not fetch, which may pass later.
  [131053, 'retry', 'media upload failed', fewTries],
  [131055, 'fail_content', 'method not allowed'],
  [131056, 'wait_pair', 'too many messages to this user'],
  [131057, 'retry', 'account in maintenance', { retryDelayMs: about(MINUTE) }],
  [131059, 'fail_content', 'paging cursor not valid'],
  [131062, 'fail_content', 'business-scoped user id not allowed for this message'],
  [131063, 'fail_content', 'marketing messages are off for this API'],
  [131064, 'halt_sender', 'limited for template misclassification'],
  [132000, 'fail_content', 'number of template parameters does not match'],
  [132001, 'pause_campaign', 'template does not exist in this language or is not approved'],
  [132005, 'fail_recipient', 'template text too long with these values'],
  [132007, 'pause_campaign', 'template violates a policy'],
  [132012, 'fail_content', 'template parameter format does not match'],
  [132015, 'pause_campaign', 'template is paused'],
  [132016, 'pause_campaign', 'template is disabled'],
  [132018, 'fail_content', 'template parameter not valid'],
  [132068, 'fail_content', 'flow is blocked'],
  [132069, 'retry', 'flow is throttled', { retryDelayMs: about(6 * MINUTE) }],
  [133004, 'retry', 'server temporarily unavailable'],
  [133010, 'halt_sender', 'number not registered'],
  [133016, 'halt_sender', 'too many registrations of the number'],
  [134100, 'fail_content', 'only marketing messages are supported here'],
  [134101, 'retry', 'template is still being synchronised', { retryDelayMs: about(10 * MINUTE) }],
  [134102, 'fail_content', 'template not available for this API'],
  [135000, 'fail_content', 'generic user error'],
  [
    PROVIDER_UNREACHABLE,
    'retry',
    'provider unreachable',
    { maxTries: UNLIMITED_TRIES, retryDelayMs: backoff(SECOND, MINUTE) },
  ],
  [-400, 'retry', 'request refused without a code', fewTries],
  [-401, 'halt_sender', 'key not accepted'],
  [-403, 'halt_sender', 'access forbidden'],
  [-404, 'halt_sender', 'no such address at the provider'],
  [-429, 'slow_down', 'too many requests'],
  [-503, 'retry', 'too many concurrent requests'],
];

/** Meta reserves 200 to 299 for permissions; all of them stop the number. */
const PERMISSION: Entry = [200, 'halt_sender', 'permission missing'];
/** A code nobody described yet: a few tries, and never a verdict on the recipient's number. */
const UNKNOWN: Entry = [0, 'retry', 'unknown error', fewTries];

function rule([, of, title, special]: Entry, code: number): FailureRule {
  return { code, title, class: of, ...BEHAVIOUR[of], ...special };
}

/** Every rule with a code of its own, in the order of the catalogue. */
export const FAILURE_RULES: readonly FailureRule[] = CATALOGUE.map((entry) =>
  rule(entry, entry[0]),
);

const RULES = new Map(FAILURE_RULES.map((known) => [known.code, known]));

/** The rule of a code. Never fails: codes outside the catalogue are retried a few times. */
export function failureRule(code: number): FailureRule {
  return RULES.get(code) ?? rule(code >= 200 && code <= 299 ? PERMISSION : UNKNOWN, code);
}

const BLOCKED: ReadonlySet<number> = new Set([368, 131031]);

/** Whether a sender that was halted for this reason is one that WhatsApp itself has shut out. */
export function isAccountBlocked(reason: string | null): reason is string {
  return reason !== null && BLOCKED.has(Number(reason));
}

/** Our own code for an HTTP status that came without a provider code. */
export function httpFailureCode(status: number): number {
  if (RULES.has(-status)) return -status;
  return status >= 300 && status < 400 ? -404 : -400;
}
