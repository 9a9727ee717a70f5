/** Milliseconds between two looks at what is due. */
const TICK = 10;

/**
 * Runs jobs later. One interval serves all of them: a timer per status would cost more than the status
 * itself at thousands of messages a second.
 */
export class Timeline {
  private readonly due = new Map<number, (() => void)[]>();
  private readonly interval: NodeJS.Timeout;
  private tick = Timeline.tickOf(performance.now());

  constructor() {
    this.interval = setInterval(() => this.run(), TICK).unref();
  }

  schedule(delayMs: number, job: () => void): void {
    const tick = Math.max(this.tick + 1, Timeline.tickOf(performance.now() + delayMs));
    const jobs = this.due.get(tick);
    if (jobs === undefined) this.due.set(tick, [job]);
    else jobs.push(job);
  }

  clear(): void {
    this.due.clear();
  }

  close(): void {
    clearInterval(this.interval);
    this.clear();
  }

  private run(): void {
    const now = Timeline.tickOf(performance.now());
    while (this.tick < now) {
      this.tick += 1;
      const jobs = this.due.get(this.tick);
      this.due.delete(this.tick);
      for (const job of jobs ?? []) job();
    }
  }

  private static tickOf(ms: number): number {
    return Math.floor(ms / TICK);
  }
}
