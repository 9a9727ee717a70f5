import { Agent } from 'undici';
import { asciiJson, signBody } from '../wire/signature';
import type { SimulatedNumber } from './config';
import type { Faults, Occurrences } from './faults';
import type { Timeline } from './timeline';
import { webhookBody, type Update } from './webhookBody';

/** Milliseconds for which updates gather before they are sent together. */
const FLUSH = 50;
/** POSTs under way to one receiver. */
const CONCURRENT = 8;
/** A receiver that takes longer has failed; 360dialog's documented limit. */
const TIMEOUT = 5000;
/** Updates waiting for one receiver; beyond it the newest are dropped and counted. */
const WAITING_LIMIT = 1_000_000;
/** Waits before the next attempts; the last repeats. Real providers go on for days, this for about half an hour. */
const BACKOFF = [100, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];
const ATTEMPTS = 36;

interface Batch {
  number: SimulatedNumber;
  updates: Update[];
  attempt: number;
}

interface Hook {
  number: SimulatedNumber;
  waiting: Update[];
  underWay: number;
}

interface Surroundings {
  timeline: Timeline;
  occurrences: Occurrences;
  faults(): Faults;
  /** The number as it is registered now: its webhook may have moved since the batch was made. */
  number(phoneNumberId: string): SimulatedNumber | undefined;
  /** The id of a user for the portfolio of this number. */
  bsuidOf(number: SimulatedNumber, user: string): string;
}

/** Sends updates to the receivers of the numbers, in signed batches, until they answer 200. */
export class WebhookSender {
  private readonly hooks = new Map<string, Hook>();
  private readonly agent = new Agent({
    connections: CONCURRENT,
    headersTimeout: TIMEOUT,
    bodyTimeout: TIMEOUT,
  });
  private readonly interval: NodeJS.Timeout;
  /** Rises with every reset, so that what was under way then is forgotten. */
  private generation = 0;
  /** `open` counts updates in batches that were neither taken nor given up. */
  private counts = { posts: 0, delivered: 0, failed_attempts: 0, dropped: 0, open: 0 };

  constructor(private readonly world: Surroundings) {
    this.interval = setInterval(() => this.flush(), FLUSH).unref();
  }

  push(number: SimulatedNumber, update: Update): void {
    if (number.hookUrl === null) return;
    let hook = this.hooks.get(number.phoneNumberId);
    if (hook === undefined) {
      hook = { number, waiting: [], underWay: 0 };
      this.hooks.set(number.phoneNumberId, hook);
    }
    hook.number = number;
    if (hook.waiting.length < WAITING_LIMIT) hook.waiting.push(update);
    else this.counts.dropped += 1;
  }

  stats(): object {
    const { open, ...counts } = this.counts;
    let waiting = open;
    for (const hook of this.hooks.values()) waiting += hook.waiting.length;
    return { ...counts, waiting };
  }

  reset(): void {
    this.generation += 1;
    this.hooks.clear();
    this.counts = { posts: 0, delivered: 0, failed_attempts: 0, dropped: 0, open: 0 };
  }

  async close(): Promise<void> {
    clearInterval(this.interval);
    this.reset();
    await this.agent.destroy();
  }

  private flush(): void {
    const size = this.world.faults().webhook.batch_size;
    for (const hook of this.hooks.values()) {
      let taken = 0;
      while (hook.underWay < CONCURRENT && taken < hook.waiting.length) {
        const updates = hook.waiting.slice(taken, taken + size);
        taken += updates.length;
        hook.underWay += 1;
        this.counts.open += updates.length;
        const batch = { number: hook.number, updates, attempt: 1 };
        void this.attempt(batch).finally(() => (hook.underWay -= 1));
      }
      if (taken > 0) hook.waiting = hook.waiting.slice(taken);
    }
  }

  private async attempt(batch: Batch): Promise<void> {
    const generation = this.generation;
    const every = this.world.faults().webhook.drop_first_attempt_every;
    const lost = batch.attempt === 1 && this.world.occurrences.hit('webhook.drop', every);
    const taken = !lost && (await this.post(batch));
    if (generation !== this.generation) return;

    const size = batch.updates.length;
    if (!taken) this.counts.failed_attempts += 1;
    if (taken || batch.attempt >= ATTEMPTS) {
      this.counts[taken ? 'delivered' : 'dropped'] += size;
      this.counts.open -= size;
      return;
    }
    const wait = BACKOFF[Math.min(batch.attempt, BACKOFF.length) - 1] ?? 0;
    this.world.timeline.schedule(wait, () => {
      void this.attempt({ ...batch, attempt: batch.attempt + 1 });
    });
  }

  /** True when the receiver answered 200. */
  private async post({ number: { phoneNumberId }, updates }: Batch): Promise<boolean> {
    const number = this.world.number(phoneNumberId);
    if (number === undefined || number.hookUrl === null) return false;
    const { identity, webhook } = this.world.faults();
    const { conversation } = webhook;
    const bsuidOf = (user: string) => this.world.bsuidOf(number, user);
    const body = asciiJson(webhookBody(number, updates, { identity, conversation, bsuidOf }));
    const url = new URL(number.hookUrl);
    this.counts.posts += 1;
    try {
      const answer = await this.agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...proof(number, body) },
        body,
      });
      await answer.body.dump();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }
}

/** How the receiver knows who is calling: Meta signs, 360dialog sends back the configured headers. */
function proof(number: SimulatedNumber, body: string): Record<string, string> {
  if (number.kind === '360dialog') return number.hookHeaders;
  if (number.appSecret === '') return {};
  return { 'x-hub-signature-256': signBody(number.appSecret, body) };
}
