import { readConfig } from '../../runtime/config';
import { openRuntime } from '../../runtime/runtime';
import { createSecretBox } from '../../runtime/secretBox';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString('base64');

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

async function open(settings: Record<string, string>): Promise<string> {
  const config = readConfig({
    DATABASE_URL: database.url,
    CASEMENT_SECRET_KEY: keyOf(1),
    CASEMENT_LOG_LEVEL: 'silent',
    ...settings,
  });
  try {
    await (await openRuntime(config, { name: 'test' })).close();
    return 'opened';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('a key that opens nothing of what is sealed is refused, with a sentence', async () => {
  expect(await open({})).toBe('opened');
  await buildWorld(database.db, { sealed: (plain) => createSecretBox(keyOf(1)).seal(plain) });
  expect(await open({})).toBe('opened');
  expect(await open({ CASEMENT_SECRET_KEY: keyOf(2) })).toMatch(/^CASEMENT_SECRET_KEY is not/);
});

test('a database that cannot be reached is named by its setting', async () => {
  const url = 'postgresql://nobody:secret@127.0.0.1:1/none';
  const said = await open({ DATABASE_URL: url });
  expect(said).toMatch(/^The database of DATABASE_URL cannot be used/);
  expect(said).not.toContain('secret');
});
