import { z } from 'zod';

/** What goes wrong on purpose. `PUT /_sim/faults` replaces the whole set, so `{}` mends everything. */

const positive = z.number().int().min(1);
const milliseconds = z.number().int().min(0).max(3_600_000);
const share = z.number().min(0).max(1);
const each = z.strictObject({ every: positive });

/** A code, or a code and the road it takes; by default the road that the real provider uses for it. */
const recipientFault = z.union([
  z
    .number()
    .int()
    .transform((code) => ({ code, via: undefined })),
  z.strictObject({ code: z.number().int(), via: z.enum(['response', 'webhook']).optional() }),
]);

/** How held messages end, and with which code they fail when they are dropped. */
const verdict = {
  outcome: z.enum(['release', 'drop']).default('release'),
  code: z.number().int().default(132015),
};

export const faultsSchema = z.strictObject({
  /** Added before every answer. The message is accepted, and its statuses start, before the wait. */
  latency_ms: milliseconds.default(0),
  reject: z
    .strictObject({
      code: z.number().int(),
      every: positive.default(1),
      retry_after_seconds: z.number().int().min(0).optional(),
    })
    .optional(),
  /** The message goes out and the connection is cut instead of answered. */
  reset_after_accept: each.optional(),
  /** The connection is cut and the message does not go out. */
  reset_before_accept: each.optional(),
  /** The message goes out and no answer ever comes. */
  hang: each.optional(),
  /** The message goes out and the 200 does not name it. */
  no_wamid: each.optional(),
  /** A status of 500 or above with a body that is no Graph error. */
  server_error: z
    .strictObject({
      every: positive.default(1),
      after_accept: z.boolean().default(false),
      status: z.number().int().min(500).max(599).default(500),
    })
    .optional(),
  /** Instead of each number's own limit; 0 for no limit. */
  rate_per_second: z.number().int().min(0).optional(),
  /** Instead of each number's own setting: 45 messages at once to one user, then one per 6 s (131056). */
  pair_limit: z.boolean().optional(),
  /** Marketing templates beyond this many messages to one user fail with 131049. */
  per_user_cap: positive.optional(),
  /** Marketing to numbers of the United States fails with 131049, as it does since April 2025. */
  us_marketing_blocked: z.boolean().default(false),
  /** Every nth accepted message fails with 131026. */
  unreachable_every: positive.optional(),
  /** By digits of the recipient. */
  recipients: z.record(z.string(), recipientFault).default({}),
  /** By last digits of the recipient. */
  suffixes: z.record(z.string(), recipientFault).default({}),
  /** Templates answered `held_for_quality_assessment`, and released or dropped later. */
  held: z
    .strictObject({
      every: positive.default(1),
      release_ms: milliseconds.default(1000),
      ...verdict,
    })
    .optional(),
  /**
   * Marketing templates are held once so many messages of one went out, until their quality was judged. What is dropped
   * fails, and its template is paused.
   */
  pacing: z
    .strictObject({
      threshold: z.number().int().min(0),
      decide_ms: milliseconds.default(1000),
      ...verdict,
    })
    .optional(),
  /** How webhooks name users: by number, by number and business-scoped id, or by that id alone. */
  identity: z.enum(['phone', 'both', 'bsuid']).default('phone'),
  delivered_rate: share.default(1),
  /** Share of the delivered messages that are read. */
  read_rate: share.default(0.4),
  /** Every nth message that is read skips `delivered`. */
  skip_delivered_every: positive.optional(),
  /** Delays after acceptance. */
  sent_ms: milliseconds.default(20),
  delivered_ms: milliseconds.default(120),
  read_ms: milliseconds.default(400),
  webhook: z
    .strictObject({
      delay_ms: milliseconds.default(0),
      /** Every nth status is sent twice. */
      duplicate_every: positive.optional(),
      /** Statuses are spread over a second, so that they overtake each other. */
      reorder: z.boolean().default(false),
      /** Every nth POST is lost on its way and comes again with the next attempt. */
      drop_first_attempt_every: positive.optional(),
      /** Statuses carry the `conversation` that older versions have. */
      conversation: z.boolean().default(false),
      /** Updates in one POST at most. */
      batch_size: positive.max(1000).default(200),
    })
    .prefault({}),
});

export type Faults = z.infer<typeof faultsSchema>;
export type RecipientFault = z.infer<typeof recipientFault>;
export type Identity = Faults['identity'];

export const noFaults = (): Faults => faultsSchema.parse({});

/** Codes that the real provider reports by a failed webhook, after a 200. */
const BY_WEBHOOK = new Set([
  130472, 130497, 131026, 131042, 131047, 131049, 131050, 131053, 132015, 135000,
]);

/** The fault configured for a recipient, if any. */
export function recipientFaultOf(
  faults: Faults,
  to: string,
): { code: number; via: 'response' | 'webhook' } | null {
  const fault =
    faults.recipients[to] ??
    Object.entries(faults.suffixes).find(([suffix]) => to.endsWith(suffix))?.[1];
  if (fault === undefined) return null;
  return {
    code: fault.code,
    via: fault.via ?? (BY_WEBHOOK.has(fault.code) ? 'webhook' : 'response'),
  };
}

/** Counts by name, to answer whether this is the nth time. */
export class Occurrences {
  private readonly counts = new Map<string, number>();

  /** True every `every`th time this name is asked for; never when `every` is undefined. */
  hit(name: string, every: number | undefined): boolean {
    if (every === undefined) return false;
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    return count % every === 0;
  }

  clear(): void {
    this.counts.clear();
  }
}
