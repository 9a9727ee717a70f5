import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import { DatabaseError, Pool, types } from 'pg';
import type { Schema } from './schema';

export type Db = Kysely<Schema>;
/** A database or a transaction: what every query function of this folder takes first. */
export type Tx = Db | Transaction<Schema>;

/** bigint columns are counters and identities below 2^53: numbers, not text. */
const INT8 = 20;

export interface ConnectOptions {
  /** Connections of the pool. */
  max?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
}

/** Opens a pool. A statement may take 60 s at most, so that nothing hangs for good. */
export function openPool(url: string, options: ConnectOptions = {}): Pool {
  types.setTypeParser(INT8, Number);
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'casement',
    statement_timeout: 60_000,
  });
  // A connection that dies while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

export function openDatabase(url: string, options: ConnectOptions = {}): Db {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPool(url, options) }) });
}

/** A value for a jsonb column. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}

const UNIQUE_VIOLATION = '23505';

/** Whether a statement failed because the row would have been the second of its kind. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === UNIQUE_VIOLATION;
}

/**
 * Whether the database failed for another reason than the values (those are SQLSTATE classes 22, 23, and 54: too long for
 * an index): a deadlock, no room. Trying again may do.
 */
export function mayPass(error: unknown): boolean {
  return error instanceof DatabaseError && !/^(2[23]|54)/.test(error.code ?? '');
}
