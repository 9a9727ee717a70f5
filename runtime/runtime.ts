import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { openDatabase, type Db } from '../db/connect';
import { requireCurrentSchema } from '../db/migrate';
import { sealedSamples } from '../db/sealed';
import type { Clock, SecretBox } from '../domain/ports';
import { reasonOf } from '../domain/reason';
import { createUrlGuard } from '../outbound/guard';
import type { Deps } from '../usecases/deps';
import type { Config } from './config';
import { createLog, type Log } from './log';
import { createProviderPool } from './providers';
import { createSecretBox } from './secretBox';

export const systemClock: Clock = { now: () => DateTime.utc() };

/** The connections of one process and what closes them. */
export interface Runtime {
  deps: Deps;
  log: Log;
  /** Registers a closer; closers run last-in first-out, each one once. */
  onClose(closer: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  /** Process name in logs and in pg_stat_activity. */
  name: string;
  /** Connections of the pool. */
  connections?: number;
  /** Makes the delivery of workflow signals; it may register a closer. Absent: the worker's relay delivers them. */
  signals?: (
    db: Db,
    log: Log,
    onClose: (closer: () => Promise<unknown>) => void,
  ) => Promise<Deps['deliverSignals']>;
}

/**
 * Opens everything a process needs. Throws a sentence for the operator when a setting is missing or wrong, or the schema
 * does not fit this release; what was opened until then is closed again.
 */
export async function openRuntime(config: Config, options: RuntimeOptions): Promise<Runtime> {
  if (!config.DATABASE_URL) throw new Error('DATABASE_URL is not set.');
  if (!config.CASEMENT_SECRET_KEY) throw new Error('CASEMENT_SECRET_KEY is not set.');
  const secrets = createSecretBox(config.CASEMENT_SECRET_KEY);
  const log = createLog(config.CASEMENT_LOG_LEVEL, options.name);
  const closers = new Closers(log);
  const onClose = closers.add.bind(closers);

  const db = openDatabase(config.DATABASE_URL, {
    applicationName: `casement-${options.name}`,
    ...(options.connections === undefined ? {} : { max: options.connections }),
  });
  onClose(() => db.destroy());
  try {
    await requireDatabase(db);
    await requireCurrentSchema(db);
    await requireFittingKey(db, secrets);
    const urlGuard = createUrlGuard({ allowPrivate: config.CASEMENT_OUTBOUND_ALLOW_PRIVATE });
    const pool = createProviderPool(
      secrets,
      {
        connections: config.CASEMENT_IN_FLIGHT,
        timeoutMs: config.CASEMENT_SEND_TIMEOUT * 1000,
        lookup: urlGuard.lookup,
      },
      (error) => log.warn({ err: error }, 'closing a provider failed'),
    );
    onClose(() => pool.close());
    const signals = await options.signals?.(db, log, onClose);
    const deps: Deps = {
      db,
      clock: systemClock,
      secrets,
      providerFor: (sender) => pool.providerFor(sender),
      urlGuard,
      deliverSignals: signals ?? (() => undefined),
    };
    return { deps, log, onClose, close: () => closers.run() };
  } catch (error) {
    await closers.run();
    throw error;
  }
}

async function requireDatabase(db: Db): Promise<void> {
  try {
    await sql`SELECT 1`.execute(db);
  } catch (error) {
    const why = reasonOf(error);
    throw new Error(`The database of DATABASE_URL cannot be used: ${why}`, { cause: error });
  }
}

/** With another key than the one of yesterday everything would start, and nothing could be sent. */
async function requireFittingKey(db: Db, secrets: SecretBox): Promise<void> {
  const samples = await sealedSamples(db);
  if (samples.length === 0 || samples.some((sealed) => opens(secrets, sealed))) return;
  throw new Error(
    'CASEMENT_SECRET_KEY is not the key with which the secrets of this database were sealed.',
  );
}

function opens(secrets: SecretBox, sealed: string): boolean {
  try {
    secrets.open(sealed);
    return true;
  } catch {
    return false;
  }
}

class Closers {
  private readonly pending: (() => Promise<unknown>)[] = [];

  constructor(private readonly log: Log) {}

  add(closer: () => Promise<unknown>): void {
    this.pending.push(closer);
  }

  /** One closer that fails must not keep the others open. */
  async run(): Promise<void> {
    for (let closer = this.pending.pop(); closer; closer = this.pending.pop()) {
      await closer().catch((error: unknown) => this.log.warn({ err: error }, 'closing failed'));
    }
  }
}
