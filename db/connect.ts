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

/** A statement may take so long (milliseconds) by the server's clock, and by ours should the server fall silent. */
const STATEMENT_MS = 60_000;
const ANSWER_MS = STATEMENT_MS + 15_000;
/** For a connection, or for one of the pool's to become free. */
const CONNECT_MS = 30_000;

/** Opens a pool. Everything that is asked of it ends, so that nothing hangs for good. */
export function openPool(url: string, options: ConnectOptions = {}): Pool {
  types.setTypeParser(INT8, Number);
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'casement',
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  // A connection that dies is replaced by the pool, and what is asked of it meanwhile fails. Without a listener it would
  // end the process: the pool's own hears of idle ones alone.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
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
