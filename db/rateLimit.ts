import { sql } from 'kysely';
import type { Tx } from './connect';

/** One rule at the moment of a request. */
export interface RuleNow {
  /** Requests in one window. */
  limit: number;
  /** The number of the window that the moment lies in. */
  window: number;
  /** The share of the window that is still to come, above 0 and up to 1. */
  left: number;
}

/** What a rule has counted. */
export interface Counts {
  window: number;
  count: number;
  /** Of the window before. */
  previous: number;
}

/**
 * Counts as many of the requests as all rules let pass, and says how many those are, with the counts after them. One
 * statement, which locks one row: what several processes ask for the same bucket is answered one after the other.
 */
export async function countRequests(
  db: Tx,
  bucket: string,
  wanted: number,
  rules: readonly RuleNow[],
  at: Date,
): Promise<{ granted: number; counts: Counts[] }> {
  const windows = rules.map(({ window }) => window);
  const left = rules.map((rule) => rule.left);
  const limits = rules.map(({ limit }) => limit);
  const { rows } = await sql<{
    granted: number;
    windows: number[];
    counts: number[];
    previous: number[];
  }>`
    SELECT granted, windows::float8[] AS windows, counts, previous
    FROM count_requests(${bucket}, ${wanted}, ${windows}, ${left}, ${limits}, ${at})`.execute(db);
  const { granted, ...found } = rows[0]!;
  const counts = found.windows.map((window, index) => ({
    window,
    count: found.counts[index]!,
    previous: found.previous[index]!,
  }));
  return { granted, counts };
}

/** Housekeeping: removes what was not used since then. Returns how many rows went. */
export async function dropIdleCounts(db: Tx, since: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('rate_limits')
    .where('used_at', '<', since)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
