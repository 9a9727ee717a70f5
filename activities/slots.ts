/**
 * Bounds what one worker has claimed and not yet recorded: after a kill -9 at most this many recipients are unknown.
 * First come, first served, so that one fast campaign does not starve a slow one; replies go before all of them.
 */
export class Slots {
  private free: number;
  private readonly waiting: { wanted: number; resolve: (granted: number) => void }[] = [];

  constructor(readonly total: number) {
    this.free = total;
  }

  /** Takes between 1 and `wanted` slots, waiting until there is one; `first`: before all who wait already. */
  take(wanted: number, first = false): Promise<number> {
    if (this.free > 0 && this.waiting.length === 0) return Promise.resolve(this.grant(wanted));
    return new Promise((resolve) => {
      if (first) this.waiting.unshift({ wanted, resolve });
      else this.waiting.push({ wanted, resolve });
    });
  }

  /** Takes up to `wanted` slots without waiting; 0 when others are waiting already. */
  takeNow(wanted: number): number {
    return this.waiting.length > 0 || wanted <= 0 ? 0 : this.grant(wanted);
  }

  give(count: number): void {
    this.free += count;
    while (this.free > 0 && this.waiting.length > 0) {
      const next = this.waiting.shift()!;
      next.resolve(this.grant(next.wanted));
    }
  }

  private grant(wanted: number): number {
    const granted = Math.min(wanted, this.free);
    this.free -= granted;
    return granted;
  }
}
