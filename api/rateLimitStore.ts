import type { IncrementResponse, Store } from 'express-rate-limit';
import { countRequests, type Counts, type RuleNow } from '../db/rateLimit';
import type { Deps } from '../usecases/deps';

/** So many requests in any so many seconds. */
export interface Rule {
  limit: number;
  seconds: number;
}

export type Rules = readonly [Rule, ...Rule[]];

interface Waiting {
  resolve: (answer: IncrementResponse) => void;
  reject: (error: unknown) => void;
}

/**
 * Counts requests in PostgreSQL, so that it does not matter which api process they reach, and asks it seldom: while a
 * statement runs for a key, that key's next requests queue up and share the following one.
 *
 * Counts only grow, so for whoever is refused it is known before which moment nothing can pass. Until then this process
 * refuses by itself: a client that does not wait costs the database nothing.
 */
export class SharedStore implements Store {
  /** Names what is counted, with its rules: a release with other rules counts anew. */
  readonly prefix: string;
  /** By key, in milliseconds of the clock. */
  private readonly refusedUntil = new Map<string, number>();
  /** Of each key that is being asked for. */
  private readonly queues = new Map<string, Waiting[]>();

  constructor(
    private readonly deps: Pick<Deps, 'db' | 'clock'>,
    endpoint: string,
    private readonly rules: Rules,
  ) {
    const names = rules.map(({ limit, seconds }) => `${limit}/${seconds}`);
    this.prefix = [endpoint, ...names, ''].join(' ');
  }

  increment(key: string): Promise<IncrementResponse> {
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(key) ?? [];
      queue.push({ resolve, reject });
      if (this.queues.has(key)) return;
      this.queues.set(key, queue);
      void this.serve(key, queue);
    });
  }

  /** The library asks for neither: every request counts, whatever becomes of it. */
  decrement(): void {}
  resetKey(): void {}

  private async serve(key: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        const answers = await this.count(key, batch.length);
        batch.forEach(({ resolve }, index) => resolve(answers[index]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.queues.delete(key);
  }

  /** The answers for so many requests, those that pass first. */
  private async count(key: string, wanted: number): Promise<IncrementResponse[]> {
    const { db, clock } = this.deps;
    const at = clock.now();
    const now = at.toMillis();
    const until = this.refusedUntil.get(key) ?? 0;
    if (now < until) return Array.from({ length: wanted }, () => this.refused(until - now));
    const rules = this.rules.map((rule) => ruleAt(rule, now));
    const bucket = this.prefix + key;
    const { granted, counts } = await countRequests(db, bucket, wanted, rules, at.toJSDate());
    const wait = Math.max(...this.rules.map((rule, index) => waitOf(rule, counts[index]!, now)));
    if (wait > 0) this.refusedUntil.set(key, now + wait);
    else this.refusedUntil.delete(key);
    const before = reachOf(counts[0]!, rules[0]!.left) - granted;
    const resetTime = after(endOf(this.rules[0], counts[0]!, now));
    return Array.from({ length: wanted }, (_, index) =>
      index < granted ? { totalHits: before + index + 1, resetTime } : this.refused(wait),
    );
  }

  private refused(waitMs: number): IncrementResponse {
    return { totalHits: this.rules[0].limit + 1, resetTime: after(waitMs) };
  }
}

/** The library counts down from the system's time. Whole seconds, so that it does not round them away. */
function after(ms: number): Date {
  return new Date(Date.now() + Math.ceil(ms / 1000) * 1000);
}

function ruleAt({ limit, seconds }: Rule, now: number): RuleNow {
  const position = now / (seconds * 1000);
  const window = Math.floor(position);
  return { limit, window, left: 1 - (position - window) };
}

/** What counts: the present window, and of the one before the share that is still within reach. */
function reachOf({ count, previous }: Counts, left: number): number {
  return count + Math.floor(previous * left);
}

/** Milliseconds until the counted window ends. */
function endOf({ seconds }: Rule, { window }: Counts, now: number): number {
  return (window + 1) * seconds * 1000 - now;
}

/** Milliseconds until this rule lets another request pass; 0 when it does now. */
function waitOf(rule: Rule, counts: Counts, now: number): number {
  const length = rule.seconds * 1000;
  const end = endOf(rule, counts, now);
  const room = rule.limit - counts.count;
  if (room <= 0) return end + 1;
  if (reachOf(counts, end / length) < rule.limit) return 0;
  // What is left of the window before must shrink below the room: previous × left < room.
  return Math.ceil(end - (length * room) / counts.previous) + 1;
}
