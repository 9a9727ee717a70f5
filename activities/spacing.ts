/** Posts that are late by this much are caught up with; a longer stall is forgiven, or it would end in a burst. */
const CATCH_UP_MS = 8;
/** More budgets than this are tidied up: those of campaigns that ended long ago. */
const MANY = 1_000;

/** A budget with the time between two of its messages (milliseconds). */
export interface Interval {
  id: string;
  intervalMs: number;
}

/**
 * Keeps the POSTs of one worker apart, budget by budget, whoever sends them: lanes of campaigns and direct messages have
 * slots that never overlap, but each may be late for its own. Times are those of `performance.now()`.
 */
export class Spacing {
  private readonly next = new Map<string, number>();

  /** When the next message of these budgets may go out: not before `earliest`, and not too close to the one before. */
  place(budgets: readonly Interval[], earliest: number): number {
    let at = earliest;
    for (const { id } of budgets) at = Math.max(at, this.next.get(id) ?? 0);
    for (const { id, intervalMs } of budgets) this.next.set(id, at + intervalMs);
    if (this.next.size > MANY) this.tidy(at);
    return at;
  }

  /** It goes out now: what follows keeps its distance from that. */
  posted(budgets: readonly Interval[], at: number, now: number): void {
    const late = now - CATCH_UP_MS;
    if (late <= at) return;
    for (const { id, intervalMs } of budgets) {
      this.next.set(id, Math.max(this.next.get(id) ?? 0, late + intervalMs));
    }
  }

  private tidy(now: number): void {
    for (const [id, next] of this.next) if (next < now - 60_000) this.next.delete(id);
  }
}
