import { sql } from 'kysely';
import { register as keys } from '../../cli/commands/keys';
import { register as migrate } from '../../cli/commands/migrate';
import { freePort } from '../../stack/ports';
import { runCommand } from '../support/commandLine';
import { createTestDatabase } from '../support/database';

it.each([
  ['migrate', migrate, ['migrate']],
  ['keys list', keys, ['keys', 'list']],
])('%s says which database cannot be used, without the password', async (_, register, args) => {
  const port = await freePort();
  const settings = { DATABASE_URL: `postgresql://me:hidden@127.0.0.1:${port}/casement` };
  const { problem } = await runCommand(register, args, settings);
  expect(problem).toBe(
    `The database at 127.0.0.1:${port}/casement cannot be used: connect ECONNREFUSED 127.0.0.1:${port}.`,
  );
});

it('says that the schema is missing, and what to do', async () => {
  const database = await createTestDatabase();
  try {
    await sql`DROP SCHEMA public CASCADE`.execute(database.db);
    await sql`CREATE SCHEMA public`.execute(database.db);
    const settings = { DATABASE_URL: database.url };
    const { problem } = await runCommand(keys, ['keys', 'list'], settings);
    expect(problem).toMatch(/^The database schema is older.*Run "casement migrate" first\.$/);
    expect((await runCommand(migrate, ['migrate'], settings)).problem).toBeUndefined();
    expect((await runCommand(keys, ['keys', 'list'], settings)).problem).toBe(
      'There is no account.',
    );
  } finally {
    await database.drop();
  }
});
