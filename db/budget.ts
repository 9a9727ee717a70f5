import type { Pool } from 'pg';

/**
 * The rate of one sender (or of one campaign with a rate of its own), shared by all workers in one row. GCRA: the row
 * holds the theoretical arrival time of the next message; a reservation of n moves it by n intervals and says how long
 * to wait for the first. Every message so has a slot of its own, also with three workers.
 *
 * The pace is 97.5% of the rate: the provider counts arrivals in any second, and arrivals jitter. Measured at 80/s:
 * 78 a second on average, never more than 80 in a moving second.
 *
 * After a throttling answer the rate is halved and grows back by 5% of the full rate a second (AIMD).
 */
/** Part of the rate that is used. */
export const HEADROOM = 0.975;

const RESERVE = {
  name: 'budget-reserve',
  text: `
    UPDATE budgets SET tat = greatest(tat, clock_timestamp()) + make_interval(secs => $2 / pace.rate)
    FROM (SELECT id, CASE WHEN slowed_rate IS NULL THEN $3::float8 ELSE
        least($3::float8, slowed_rate + 0.05 * $3::float8 * extract(epoch FROM clock_timestamp() - slowed_at)::float8)
      END AS rate FROM budgets WHERE id = $1) AS pace
    WHERE budgets.id = $1
    RETURNING pace.rate, extract(epoch FROM new.tat - clock_timestamp())::float8 * 1000 - 1000 * $2 / pace.rate AS wait_ms`,
};

export interface Reservation {
  /** Milliseconds until the slot of the first message; 0 or less means now. */
  waitMs: number;
  /** Milliseconds between two slots. */
  intervalMs: number;
}

/** Reserves `count` slots at `ratePerSecond`. The row exists since the sender (or campaign) was created. */
export async function reserve(
  pool: Pool,
  id: string,
  count: number,
  ratePerSecond: number,
): Promise<Reservation> {
  const { rows } = await pool.query<{ rate: number; wait_ms: number }>({
    ...RESERVE,
    values: [id, count, ratePerSecond * HEADROOM],
  });
  const row = rows[0];
  if (!row) throw new Error(`No budget ${id}`);
  return { waitMs: Math.max(0, row.wait_ms), intervalMs: 1000 / row.rate };
}

/** The provider said "too fast": halve the pace, at most once a second however many messages were refused. */
export async function slowDown(pool: Pool, id: string, ratePerSecond: number): Promise<void> {
  await pool.query(
    `UPDATE budgets SET slowed_at = clock_timestamp(), slowed_rate = greatest(1, 0.5 * least($2::float8,
       coalesce(slowed_rate + 0.05 * $2::float8 * extract(epoch FROM clock_timestamp() - slowed_at)::float8, $2::float8)))
     WHERE id = $1 AND (slowed_at IS NULL OR slowed_at < clock_timestamp() - interval '1 second')`,
    [id, ratePerSecond],
  );
}
