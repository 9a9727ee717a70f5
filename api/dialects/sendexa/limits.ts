import type { Rules } from '../../rateLimitStore';

const SECOND = 1;
const MINUTE = 60;
const DAY = 86_400;

/** What one key may ask for, by endpoint: Sendexa's table; for endpoints that are not in it, numbers of our own. */
export const LIMITS = {
  send: [
    { limit: 80, seconds: SECOND },
    { limit: 3_000, seconds: MINUTE },
    { limit: 100_000, seconds: DAY },
  ],
  status: [
    { limit: 200, seconds: SECOND },
    { limit: 5_000, seconds: MINUTE },
  ],
  resend: [
    { limit: 20, seconds: SECOND },
    { limit: 500, seconds: MINUTE },
  ],
  /** Single checks, and requests that check many. */
  check: [{ limit: 300, seconds: MINUTE }],
  /** Numbers, however they are checked. */
  checkedNumbers: [{ limit: 50_000, seconds: DAY }],
  createTemplate: [{ limit: 100, seconds: DAY }],
  /** Lists, single templates, deletions. */
  reading: [{ limit: 300, seconds: MINUTE }],
} as const satisfies Record<string, Rules>;
