import type { Command } from 'commander';
import { migrateToLatest } from '../../db/migrate';
import { withDatabase } from '../database';

export function register(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema to the version of this release')
    .action(() =>
      withDatabase(async (db) => {
        const applied = await migrateToLatest(db);
        console.log(applied.length === 0 ? 'The schema is current.' : applied.join('\n'));
      }),
    );
}
