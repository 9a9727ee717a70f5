import type { SimulatedNumber } from './config';
import { noFaults, Occurrences, type Faults } from './faults';
import { Inbox } from './inbox';
import { Ledger, type AcceptedMessage, type MessageStatus } from './ledger';
import { DailyLimit, NumberLimit, PairLimit } from './limits';
import { MediaShelf } from './mediaShelf';
import { Pacing } from './pacing';
import { scheduleStatuses } from './statuses';
import { TemplateRegistry } from './templates';
import { Timeline } from './timeline';
import { Uploads } from './uploads';
import { Users } from './users';
import { wamidSource } from './wamid';
import { WebhookSender } from './webhooks';

const WINDOW = 24 * 3_600_000;

/** Everything the simulated provider knows. One per server; nothing of it is global. */
export class World {
  readonly numbers = new Map<string, SimulatedNumber>();
  readonly templates = new TemplateRegistry();
  readonly media = new MediaShelf();
  readonly uploads = new Uploads();
  readonly users = new Users();
  readonly occurrences = new Occurrences();
  readonly pacing = new Pacing();
  readonly nextWamid = wamidSource();
  readonly timeline = new Timeline();
  /** Outlives resets: a template under review is configuration, not traffic. */
  readonly reviews = new Timeline();
  readonly webhooks = new WebhookSender({
    timeline: this.timeline,
    occurrences: this.occurrences,
    faults: () => this.faults,
    number: (phoneNumberId) => this.numbers.get(phoneNumberId),
    bsuidOf: (number, user) => this.users.bsuidOf(this.portfolioOf(number), user),
  });
  ledger = new Ledger();
  inbox = new Inbox();
  faults: Faults = noFaults();
  clockOffsetMs = 0;
  private readonly pairs = new PairLimit();
  private readonly limits = new Map<string, NumberLimit>();
  private readonly daily = new Map<string, DailyLimit>();
  /** By number and user: when the user last wrote. */
  private readonly lastInbound = new Map<string, number>();
  /** Number and user pairs that stopped marketing. */
  private readonly stopped = new Set<string>();
  /** By number: the users it blocked. */
  private readonly blocked = new Map<string, Set<string>>();
  private statuses = noStatuses();

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  portfolioOf({ portfolioId, wabaId }: SimulatedNumber): string {
    return portfolioId ?? wabaId;
  }

  /** The number with this token or key. */
  byToken(token: string): SimulatedNumber | undefined {
    for (const number of this.numbers.values()) if (number.token === token) return number;
    return undefined;
  }

  /** The number with this phone (digits) or phone_number_id. */
  byAddress(address: string): SimulatedNumber | undefined {
    for (const number of this.numbers.values())
      if (number.phone === address || number.phoneNumberId === address) return number;
    return undefined;
  }

  /** False when the number sends faster than it may. */
  takeThroughput(number: SimulatedNumber): boolean {
    let limit = this.limits.get(number.phoneNumberId);
    if (limit === undefined) {
      limit = new NumberLimit();
      this.limits.set(number.phoneNumberId, limit);
    }
    return limit.take(this.faults.rate_per_second ?? number.ratePerSecond, performance.now());
  }

  /** False when the number writes to one user faster than it may. */
  takePair(number: SimulatedNumber, user: string): boolean {
    const limited = this.faults.pair_limit ?? number.pairLimit;
    return !limited || this.pairs.take(pairOf(number, user), performance.now());
  }

  /** False when the portfolio has written to as many users today as it may. */
  takeDaily(number: SimulatedNumber, user: string): boolean {
    const portfolio = this.portfolioOf(number);
    let limit = this.daily.get(portfolio);
    if (limit === undefined) {
      limit = new DailyLimit();
      this.daily.set(portfolio, limit);
    }
    return limit.take(number.dailyLimit, user, this.now());
  }

  customerWrote(number: SimulatedNumber, user: string, at: number): void {
    const pair = pairOf(number, user);
    this.lastInbound.set(pair, Math.max(at, this.lastInbound.get(pair) ?? 0));
  }

  windowOpen(number: SimulatedNumber, user: string): boolean {
    const last = this.lastInbound.get(pairOf(number, user));
    return last !== undefined && this.now() < last + WINDOW;
  }

  preferMarketing(number: SimulatedNumber, user: string, wanted: boolean): void {
    if (wanted) this.stopped.delete(pairOf(number, user));
    else this.stopped.add(pairOf(number, user));
  }

  marketingStopped(number: SimulatedNumber, user: string): boolean {
    return this.stopped.has(pairOf(number, user));
  }

  block({ phoneNumberId }: SimulatedNumber, user: string): void {
    const users = this.blocked.get(phoneNumberId) ?? new Set();
    this.blocked.set(phoneNumberId, users.add(user));
  }

  unblock({ phoneNumberId }: SimulatedNumber, user: string): void {
    this.blocked.get(phoneNumberId)?.delete(user);
  }

  isBlocked({ phoneNumberId }: SimulatedNumber, user: string): boolean {
    return this.blocked.get(phoneNumberId)?.has(user) ?? false;
  }

  blockedUsers({ phoneNumberId }: SimulatedNumber): string[] {
    return [...(this.blocked.get(phoneNumberId) ?? [])];
  }

  /** Reports a status of a message that was not forgotten by a reset meanwhile. */
  report(message: AcceptedMessage, status: MessageStatus, code: number | null): void {
    message.status = status;
    message.errorCode = code;
    this.statuses[status] += 1;
    const update = { kind: 'status', message, status, at: this.now(), code } as const;
    this.webhooks.push(message.number, update);
    if (this.occurrences.hit('webhook.duplicate', this.faults.webhook.duplicate_every))
      this.timeline.schedule(150, () => this.webhooks.push(message.number, update));
  }

  /** Tells every receiver of a business account, each once; of all accounts for null. */
  tellAccount(wabaId: string | null, field: string, value: object): void {
    const told = new Set<string | null>();
    for (const number of this.numbers.values()) {
      if (wabaId !== null && wabaId !== number.wabaId) continue;
      if (told.has(number.hookUrl)) continue;
      told.add(number.hookUrl);
      this.webhooks.push(number, { kind: 'value', field, value, at: this.now() });
    }
  }

  stats(): object {
    return {
      ...this.ledger.stats(),
      statuses: { ...this.statuses },
      webhooks: this.webhooks.stats(),
    };
  }

  /** What waited for a verdict that no longer comes goes out. */
  setFaults(faults: Faults): void {
    this.faults = faults;
    this.occurrences.clear();
    for (const message of this.pacing.clear()) scheduleStatuses(this, message, null);
  }

  /** Forgets traffic and faults; numbers, templates and files stay. */
  reset(): void {
    this.setFaults(noFaults());
    this.timeline.clear();
    this.webhooks.reset();
    this.ledger = new Ledger();
    this.inbox = new Inbox();
    this.pairs.clear();
    this.limits.clear();
    this.daily.clear();
    this.lastInbound.clear();
    this.stopped.clear();
    this.blocked.clear();
    this.statuses = noStatuses();
    this.clockOffsetMs = 0;
  }

  async close(): Promise<void> {
    this.timeline.close();
    this.reviews.close();
    await this.webhooks.close();
  }
}

function noStatuses(): Record<MessageStatus, number> {
  return { sent: 0, delivered: 0, read: 0, played: 0, failed: 0 };
}

function pairOf(number: SimulatedNumber, user: string): string {
  return `${number.phoneNumberId} ${user}`;
}
