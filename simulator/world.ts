import type { DeliveryStatus } from '../domain/message';
import type { SimulatedNumber } from './config';
import { noFaults, Occurrences, type Faults } from './faults';
import { Ledger, type AcceptedMessage } from './ledger';
import { NumberLimit, PairLimit } from './limits';
import { TemplateRegistry, templateStatusValue, type SimulatedTemplate } from './templates';
import { Timeline } from './timeline';
import { wamidSource } from './wamid';
import { WebhookSender } from './webhooks';

const WINDOW = 24 * 3_600_000;

/** Everything the simulated provider knows. One per server; nothing of it is global. */
export class World {
  readonly numbers = new Map<string, SimulatedNumber>();
  readonly templates = new TemplateRegistry();
  readonly occurrences = new Occurrences();
  readonly pairs = new PairLimit();
  readonly nextWamid = wamidSource();
  readonly timeline = new Timeline();
  /** Outlives resets: a template under review is configuration, not traffic. */
  readonly reviews = new Timeline();
  readonly webhooks = new WebhookSender({
    timeline: this.timeline,
    occurrences: this.occurrences,
    faults: () => this.faults,
    number: (phoneNumberId) => this.numbers.get(phoneNumberId),
  });
  ledger = new Ledger();
  faults: Faults = noFaults();
  clockOffsetMs = 0;
  private readonly limits = new Map<string, NumberLimit>();
  /** By number and user: when the user last wrote. */
  private readonly lastInbound = new Map<string, number>();
  /** Number and user pairs that stopped marketing. */
  private readonly stopped = new Set<string>();
  private statuses: Record<DeliveryStatus, number> = { sent: 0, delivered: 0, read: 0, failed: 0 };

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  /** The number with this token or key. */
  byToken(token: string): SimulatedNumber | undefined {
    for (const number of this.numbers.values()) if (number.token === token) return number;
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

  /** Reports a status of a message that was not forgotten by a reset meanwhile. */
  report(message: AcceptedMessage, status: DeliveryStatus, code: number | null): void {
    message.status = status;
    message.errorCode = code;
    this.statuses[status] += 1;
    const update = { kind: 'status', message, status, at: this.now(), code } as const;
    this.webhooks.push(message.number, update);
    if (this.occurrences.hit('webhook.duplicate', this.faults.webhook.duplicate_every))
      this.timeline.schedule(150, () => this.webhooks.push(message.number, update));
  }

  /** Tells every receiver of the template's business account, each once. */
  reportTemplate(template: SimulatedTemplate): void {
    const told = new Set<string | null>();
    for (const number of this.numbers.values()) {
      if (template.wabaId !== null && template.wabaId !== number.wabaId) continue;
      if (told.has(number.hookUrl)) continue;
      told.add(number.hookUrl);
      this.webhooks.push(number, {
        kind: 'value',
        field: 'message_template_status_update',
        value: templateStatusValue(template),
        at: this.now(),
      });
    }
  }

  stats(): object {
    return {
      ...this.ledger.stats(),
      statuses: { ...this.statuses },
      webhooks: this.webhooks.stats(),
    };
  }

  setFaults(faults: Faults): void {
    this.faults = faults;
    this.occurrences.clear();
  }

  /** Forgets traffic and faults; numbers and templates stay. */
  reset(): void {
    this.setFaults(noFaults());
    this.timeline.clear();
    this.webhooks.reset();
    this.ledger = new Ledger();
    this.pairs.clear();
    this.limits.clear();
    this.lastInbound.clear();
    this.stopped.clear();
    this.statuses = { sent: 0, delivered: 0, read: 0, failed: 0 };
    this.clockOffsetMs = 0;
  }

  async close(): Promise<void> {
    this.timeline.close();
    this.reviews.close();
    await this.webhooks.close();
  }
}

function pairOf(number: SimulatedNumber, user: string): string {
  return `${number.phoneNumberId} ${user}`;
}
