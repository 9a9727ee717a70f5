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
    const refill = ((now - this.filledAt) / 1000) * this.perSecond;
    this.tokens = Math.min(this.size, this.tokens + refill);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
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

/** Messages of a number to one user: 45 at once, then one per 6 seconds. */
export class PairLimit {
  private readonly pairs = new Map<string, TokenBucket>();

  take(pair: string, now: number): boolean {
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
