import { sql } from 'kysely';
import { openDatabase, type Db } from '../../db/connect';
import { migrateToLatest, requireCurrentSchema } from '../../db/migrate';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let db: Db;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterEach(() => database.drop());

const empty = () => sql`DROP SCHEMA public CASCADE; CREATE SCHEMA public`.execute(db);

test('a second migration changes nothing', async () => {
  expect(await migrateToLatest(db)).toEqual([]);
  await requireCurrentSchema(db);
});

test('two migrators of an empty database make one schema', async () => {
  await empty();
  const other = openDatabase(database.url);
  try {
    const done = await Promise.all([migrateToLatest(db), migrateToLatest(other)]);
    expect(done.filter((names) => names.length === 0)).toHaveLength(1);
    expect(done.flat()).toContain('0001_foundation');
    await requireCurrentSchema(other);
  } finally {
    await other.destroy();
  }
});

test('a newer schema is refused with a sentence that says what to do', async () => {
  await sql`INSERT INTO schema_versions (name) VALUES ('9999_future')`.execute(db);
  const sentence =
    'The database schema is newer than this release (9999_future is unknown to it). Deploy the release that made it, or a later one.';
  await expect(migrateToLatest(db)).rejects.toThrow(sentence);
  await expect(requireCurrentSchema(db)).rejects.toThrow(sentence);
});

test('an older or empty schema is refused with the command that brings it up to date', async () => {
  await sql`DELETE FROM schema_versions`.execute(db);
  const sentence =
    /older than this release \(0001_foundation.* missing\)\. Run "casement migrate" first\./;
  await expect(requireCurrentSchema(db)).rejects.toThrow(sentence);
  await empty();
  await expect(requireCurrentSchema(db)).rejects.toThrow(sentence);
});

test('who had told WhatsApp to stop marketing is blocked for marketing alone', async () => {
  const { sender } = await buildWorld(db, { recipients: 0 });
  await sql`ALTER TABLE blockers DROP COLUMN scope`.execute(db);
  await sql`DELETE FROM schema_versions WHERE name = '0005_blocker_scope'`.execute(db);
  await sql`
    INSERT INTO blockers (sender_id, phone, source)
    SELECT ${sender.id}, source, source
    FROM unnest(ARRAY['api', 'inbound', 'user_preferences', 'provider_131050']) AS source`.execute(
    db,
  );
  expect(await migrateToLatest(db)).toEqual(['0005_blocker_scope']);
  const rows = await db
    .selectFrom('blockers')
    .select(['source', 'scope'])
    .orderBy('source')
    .execute();
  expect(rows).toEqual([
    { source: 'api', scope: 'all' },
    { source: 'inbound', scope: 'all' },
    { source: 'provider_131050', scope: 'marketing' },
    { source: 'user_preferences', scope: 'marketing' },
  ]);
});

test('a migration that fails leaves no trace and does not keep others waiting', async () => {
  await sql`DELETE FROM schema_versions`.execute(db);
  await expect(migrateToLatest(db)).rejects.toThrow(/already exists/);
  const { rows } = await sql`SELECT name FROM schema_versions`.execute(db);
  expect(rows).toEqual([]);
  await expect(migrateToLatest(db)).rejects.toThrow(/already exists/);
});
