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

/** SQL: whether the budget of the sender `s` is still below its pace after the provider's "too fast". */
export const IS_SLOWED = `EXISTS (
  SELECT FROM budgets b WHERE b.id = s.id AND b.slowed_rate < ${HEADROOM} * s.rate_per_second
    * (1 - 0.05 * extract(epoch FROM clock_timestamp() - b.slowed_at)::float8))`;

/** Nothing is reserved when the next free slot lies beyond the horizon ($4 milliseconds; null: there is none). */
const RESERVE = {
  name: 'budget-reserve',
  text: `
    WITH pace AS MATERIALIZED (
      SELECT id, tat, CASE WHEN slowed_rate IS NULL THEN $3::float8 ELSE
        least($3::float8, slowed_rate + 0.05 * $3::float8 * extract(epoch FROM clock_timestamp() - slowed_at)::float8)
      END AS rate FROM budgets WHERE id = $1
    ), reserved AS (
      UPDATE budgets SET tat = greatest(budgets.tat, clock_timestamp()) + make_interval(secs => $2 / pace.rate)
      FROM pace
      WHERE budgets.id = $1
        AND ($4::float8 IS NULL OR budgets.tat <= clock_timestamp() + make_interval(secs => $4::float8 / 1000))
      RETURNING extract(epoch FROM new.tat - clock_timestamp())::float8 * 1000 - 1000 * $2 / pace.rate AS wait_ms
    )
    SELECT pace.rate, reserved.wait_ms,
      extract(epoch FROM pace.tat - clock_timestamp())::float8 * 1000 - $4::float8 AS full_ms
    FROM pace LEFT JOIN reserved ON true`,
};

export interface Reservation {
  /** Nothing was reserved: ask again after the wait. */
  full: boolean;
  /** Milliseconds until the slot of the first message; 0 or less means now. */
  waitMs: number;
  /** Milliseconds between two slots. */
  intervalMs: number;
}

/**
 * Reserves `count` slots at `ratePerSecond`. With a horizon (milliseconds) it reserves only what begins before that, so
 * that who comes with a claim to be first finds a slot soon. The row exists since the sender (or campaign) was created.
 */
export async function reserve(
  pool: Pool,
  id: string,
  count: number,
  ratePerSecond: number,
  horizonMs: number | null = null,
): Promise<Reservation> {
  const { rows } = await pool.query<{
    rate: number;
    wait_ms: number | null;
    full_ms: number | null;
  }>({ ...RESERVE, values: [id, count, ratePerSecond * HEADROOM, horizonMs] });
  const row = rows[0];
  if (!row) throw new Error(`No budget ${id}`);
  const full = row.wait_ms === null;
  const waitMs = Math.max(0, row.wait_ms ?? row.full_ms ?? 0);
  return { full, waitMs, intervalMs: 1000 / row.rate };
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
