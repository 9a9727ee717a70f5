import { openDatabase, type Db } from '../db/connect';
import { readConfig } from '../runtime/config';
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
    await work(db);
  } finally {
    await db.destroy();
  }
}
