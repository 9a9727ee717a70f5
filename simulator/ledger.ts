import { createHash } from 'node:crypto';
import type { DeliveryStatus } from '../domain/message';
import type { SimulatedNumber } from './config';
import { BusiestSecond } from './limits';

/** `played` comes for voice messages alone. */
export type MessageStatus = DeliveryStatus | 'played';

export type PricingCategory =
  'marketing' | 'marketing_lite' | 'utility' | 'authentication' | 'service';

/** A message that the simulated provider took. */
export interface AcceptedMessage {
  /** 1 for the first since the start or the last reset. */
  sequence: number;
  wamid: string;
  number: SimulatedNumber;
  /** Digits, or a business-scoped user id. */
  to: string;
  /** The business-scoped id it was addressed to; null: it was addressed by number. */
  toBsuid: string | null;
  type: string;
  template: string | null;
  /** What it is priced as. */
  category: PricingCategory;
  /** Sent while the customer service window was open. */
  inWindow: boolean;
  /** `biz_opaque_callback_data`, echoed by every status. */
  reference: string | null;
  /** Milliseconds since the epoch, by the simulator's clock. */
  at: number;
  held: boolean;
  /** Read at once: `delivered` is never told. */
  skipsDelivered: boolean;
  status: 'accepted' | MessageStatus;
  errorCode: number | null;
  /** The request as it came; forgotten first. */
  body: string | null;
}

/** Messages that can be listed, and of those the newest whose bodies are kept. */
const KEPT_MESSAGES = 200_000;
const KEPT_BODIES = 20_000;

/**
 * What was asked and accepted. Counters cover everything since the last reset; whole messages are kept only
 * for the newest, so that a run of a million recipients stays within a few hundred megabytes.
 */
export class Ledger {
  requests = 0;
  accepted = 0;
  postsInFlight = 0;
  busiestInFlight = 0;
  lastPostAt: number | null = null;
  private duplicates = 0;
  private templateRepeats = 0;
  private readonly rejected = new Map<number, number>();
  private readonly perRecipient = new Map<string, number>();
  private readonly references = new Set<number>();
  private readonly templates = new Set<number>();
  private readonly perNumber = new Map<string, { accepted: number; busiest: BusiestSecond }>();
  private readonly newest: AcceptedMessage[] = [];

  reject(code: number): void {
    this.rejected.set(code, (this.rejected.get(code) ?? 0) + 1);
  }

  /** Messages accepted for this recipient so far. */
  countFor(to: string): number {
    return this.perRecipient.get(to) ?? 0;
  }

  accept(message: AcceptedMessage): void {
    this.accepted += 1;
    this.perRecipient.set(message.to, this.countFor(message.to) + 1);
    if (message.reference !== null && !addNew(this.references, message.to, message.reference))
      this.duplicates += 1;
    if (message.template !== null && !addNew(this.templates, message.to, message.template))
      this.templateRepeats += 1;
    this.keep(message);

    const { phoneNumberId } = message.number;
    let counters = this.perNumber.get(phoneNumberId);
    if (counters === undefined) {
      counters = { accepted: 0, busiest: new BusiestSecond() };
      this.perNumber.set(phoneNumberId, counters);
    }
    counters.accepted += 1;
    counters.busiest.record(performance.now());
  }

  /** Kept messages, oldest first; all of them when no recipient is given. */
  messages(to: string | null, limit: number): AcceptedMessage[] {
    const wanted = to === null ? this.newest : this.newest.filter((message) => message.to === to);
    return wanted.toSorted((a, b) => a.sequence - b.sequence).slice(-limit);
  }

  /** The newest messages, newest first. */
  latest(count: number): AcceptedMessage[] {
    const last = this.accepted;
    const sequences = Array.from({ length: Math.min(count, last) }, (_, age) => last - age);
    return sequences.flatMap((sequence) => this.newest[(sequence - 1) % KEPT_MESSAGES] ?? []);
  }

  /** A kept message by its id. */
  find(wamid: string): AcceptedMessage | undefined {
    return this.newest.find((message) => message.wamid === wamid);
  }

  stats(): object {
    let most = 0;
    let repeated = 0;
    for (const count of this.perRecipient.values()) {
      most = Math.max(most, count);
      if (count > 1) repeated += 1;
    }
    const numbers = [...this.perNumber].map(([phone_number_id, counters]) => ({
      phone_number_id,
      accepted: counters.accepted,
      busiest_second: counters.busiest.count,
    }));
    const busiest = numbers.toSorted((a, b) => b.busiest_second - a.busiest_second)[0];
    return {
      requests: this.requests,
      accepted: this.accepted,
      rejected: Object.fromEntries(this.rejected),
      distinct_recipients: this.perRecipient.size,
      repeated_recipients: repeated,
      max_messages_per_recipient: most,
      duplicates: this.duplicates,
      template_repeats: this.templateRepeats,
      busiest_second: {
        count: busiest?.busiest_second ?? 0,
        phone_number_id: busiest?.phone_number_id ?? null,
      },
      numbers,
      posts_in_flight: this.postsInFlight,
      max_posts_in_flight: this.busiestInFlight,
      last_post_at: this.lastPostAt === null ? null : new Date(this.lastPostAt).toISOString(),
    };
  }

  private keep(message: AcceptedMessage): void {
    const place = (sequence: number) => (sequence - 1) % KEPT_MESSAGES;
    this.newest[place(message.sequence)] = message;
    const aged = message.sequence - KEPT_BODIES;
    const old = aged > 0 ? this.newest[place(aged)] : undefined;
    if (old !== undefined) old.body = null;
  }
}

/**
 * Adds a pair and tells whether it was new. Pairs are kept as 48-bit hashes: among a million, the chance
 * that two different ones meet is about 0.2%.
 */
function addNew(pairs: Set<number>, to: string, what: string): boolean {
  const hash = createHash('md5').update(`${to} ${what}`).digest().readUIntBE(0, 6);
  const before = pairs.size;
  return pairs.add(hash).size > before;
}
