import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { reserve, type Reservation } from '../db/budget';
import type { Interval } from './spacing';

export interface Budget {
  id: string;
  ratePerSecond: number;
}

/** When the first of a few messages may go out (on `performance.now()`'s clock) and how far apart they are. */
export interface Slot {
  at: number;
  intervalMs: number;
  /** The budgets they draw from, and how close together they may go out. */
  budgets: readonly Interval[];
}

/** Fast senders reserve this much of a second ahead, so that not every small claim costs a statement of its own. */
const AHEAD_SECONDS = 0.05;
/** Slots this far in the past are forfeited: used late, together with fresh ones, they would make a burst. */
const STALE_MS = 100;
/**
 * Bulk does not reserve further ahead than this (milliseconds), however many campaigns share the sender: a reply takes
 * the next slot, and so waits for this and one claim of bulk at most.
 */
const BULK_HORIZON_MS = 50;
/** Messages that are late may follow each other this much closer: half of what the pace leaves unused of the rate. */
const CATCHING_UP = 0.9875;

/** One lane's share of the budgets: what it has reserved and not used yet. */
export class Pace {
  private left = 0;
  private at = 0;
  private intervalMs = 0;
  private intervals: readonly Interval[] = [];

  constructor(
    private readonly pool: Pool,
    private readonly budgets: readonly Budget[],
    private readonly priority: 'bulk' | 'replies',
  ) {}

  /** Messages per second of the tightest budget. */
  get slowest(): number {
    return Math.min(...this.budgets.map((budget) => budget.ratePerSecond));
  }

  async take(count: number): Promise<Slot> {
    if (this.left < count || performance.now() - this.at > STALE_MS) await this.reserve(count);
    const slot = { at: this.at, intervalMs: this.intervalMs, budgets: this.intervals };
    this.left -= count;
    this.at += count * this.intervalMs;
    return slot;
  }

  private async reserve(count: number): Promise<void> {
    const bulk = this.priority === 'bulk';
    const ahead = bulk ? Math.max(count, Math.floor(this.slowest * AHEAD_SECONDS)) : count;
    const reservations: Reservation[] = [];
    // The sender's comes first; a campaign's own budget is nobody else's, so nobody waits behind it.
    for (const [index, budget] of this.budgets.entries()) {
      const horizonMs = bulk && index === 0 ? BULK_HORIZON_MS : null;
      reservations.push(await this.reserveOne(budget, ahead, horizonMs));
    }
    this.left = ahead;
    this.at = performance.now() + Math.max(...reservations.map((one) => one.waitMs));
    this.intervalMs = Math.max(...reservations.map((one) => one.intervalMs));
    this.intervals = this.budgets.map(({ id }, index) => ({
      id,
      intervalMs: reservations[index]!.intervalMs * CATCHING_UP,
    }));
  }

  private async reserveOne(
    { id, ratePerSecond }: Budget,
    count: number,
    horizonMs: number | null,
  ): Promise<Reservation> {
    for (;;) {
      const reservation = await reserve(this.pool, id, count, ratePerSecond, horizonMs);
      if (!reservation.full) return reservation;
      await sleep(Math.max(1, reservation.waitMs));
    }
  }
}
