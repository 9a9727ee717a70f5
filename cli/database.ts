import { sql } from 'kysely';
import { openDatabase, type Db } from '../db/connect';
import { requireCurrentSchema } from '../db/migrate';
import { readConfig } from '../runtime/config';
import { reasonOf } from '../domain/reason';
import { readStack } from './stackFile';

/** Runs `work` on the database of DATABASE_URL, or of the development stack that runs in CASEMENT_HOME. */
export async function withDatabase(work: (db: Db) => Promise<void>): Promise<void> {
  const config = readConfig();
  const url = config.DATABASE_URL ?? (await readStack(config.CASEMENT_HOME))?.database;
  if (url === undefined) {
    throw new Error('DATABASE_URL is not set, and no development stack runs in CASEMENT_HOME.');
  }
  const db = openDatabase(url, { max: 2, applicationName: 'casement-cli' });
  try {
    await sql`SELECT 1`.execute(db).catch((cause: unknown) => {
      const remedy = config.DATABASE_URL === undefined ? ' Start "casement dev".' : '';
      throw new Error(`${nameOf(url)} cannot be used: ${reasonOf(cause)}.${remedy}`, { cause });
    });
    await work(db);
  } finally {
    await db.destroy();
  }
}

/** The same for what needs the schema of this release, as api and worker do: throws a sentence that says what to do. */
export function withCurrentDatabase(work: (db: Db) => Promise<void>): Promise<void> {
  return withDatabase(async (db) => {
    await requireCurrentSchema(db);
    await work(db);
  });
}

/** Without the password. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `The database at ${host}${pathname}`;
}
