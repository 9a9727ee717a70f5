/** The provider's limits. Times are milliseconds of a monotonic clock. */

/** Tokens that refill evenly; holds one second's worth, so a burst of a full second passes. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly perSecond: number,
    private readonly size: number,
    now: number,
  ) {
    this.tokens = size;
    this.filledAt = now;
  }

  take(now: number): boolean {
    this.fill(now);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  isFull(now: number): boolean {
    this.fill(now);
    return this.tokens === this.size;
  }

  private fill(now: number): void {
    const refill = ((now - this.filledAt) / 1000) * this.perSecond;
    this.tokens = Math.min(this.size, this.tokens + refill);
    this.filledAt = now;
  }
}

/** The throughput of a number; the bucket is made again when the limit changes. */
export class NumberLimit {
  private bucket: { rate: number; tokens: TokenBucket } | null = null;

  /** False when this message is one too many. A rate of 0 has no limit. */
  take(rate: number, now: number): boolean {
    if (rate === 0) return true;
    if (this.bucket === null || this.bucket.rate !== rate)
      this.bucket = { rate, tokens: new TokenBucket(rate, rate, now) };
    return this.bucket.tokens.take(now);
  }
}

/** Takes after which pairs that could send at full again are forgotten. */
const PRUNE_EVERY = 10_000;

/** Messages of a number to one user: 45 at once, then one per 6 seconds. */
export class PairLimit {
  private readonly pairs = new Map<string, TokenBucket>();
  private takes = 0;

  take(pair: string, now: number): boolean {
    this.takes += 1;
    if (this.takes % PRUNE_EVERY === 0) this.prune(now);
    let bucket = this.pairs.get(pair);
    if (bucket === undefined) {
      bucket = new TokenBucket(1 / 6, 45, now);
      this.pairs.set(pair, bucket);
    }
    return bucket.take(now);
  }

  clear(): void {
    this.pairs.clear();
  }

  /** A campaign writes to everybody once: what is kept must not grow with it. */
  private prune(now: number): void {
    for (const [pair, bucket] of this.pairs) if (bucket.isFull(now)) this.pairs.delete(pair);
  }
}

const DAY = 24 * 3_600_000;

/** The unique users of a portfolio in any 24 hours, by the simulator's clock. */
export class DailyLimit {
  /** When each user was last written to, oldest first. */
  private readonly users = new Map<string, number>();

  /** False when this user is one too many. A limit of 0 has none. */
  take(limit: number, user: string, now: number): boolean {
    if (limit === 0) return true;
    for (const [old, at] of this.users) {
      if (at > now - DAY) break;
      this.users.delete(old);
    }
    if (!this.users.delete(user) && this.users.size >= limit) return false;
    this.users.set(user, now);
    return true;
  }
}

/** The most events seen in any window of one second, wherever it starts. */
export class BusiestSecond {
  count = 0;
  private times: number[] = [];
  private oldest = 0;

  record(now: number): void {
    this.times.push(now);
    while ((this.times[this.oldest] ?? now) <= now - 1000) this.oldest += 1;
    this.count = Math.max(this.count, this.times.length - this.oldest);
    if (this.oldest > 10_000) {
      this.times = this.times.slice(this.oldest);
      this.oldest = 0;
    }
  }
}
