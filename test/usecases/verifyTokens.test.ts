import { VerifyTokens } from '../../usecases/verifyTokens';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('however many ask, each token is opened once, and what changes is known within seconds', async () => {
  const { db } = database;
  const { sender } = await buildWorld(db, { recipients: 0 });
  const set = (sealed: string | null) =>
    db
      .updateTable('senders')
      .set({ sealed_verify_token: sealed })
      .where('id', '=', sender.id)
      .execute();
  await set('sealed first');
  const opened: string[] = [];
  const open = (sealed: string) => {
    opened.push(sealed);
    return sealed.replace('sealed ', '');
  };
  let now = 1;
  const tokens = new VerifyTokens(db, { open, seal: (plain) => plain }, () => now);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => tokens.has(n % 2 ? 'first' : 'x')),
  );
  expect(answers.filter(Boolean)).toHaveLength(10);
  now += 5_001;
  expect(await tokens.has('first')).toBe(true);
  expect(opened).toEqual(['sealed first']);

  await set('sealed second');
  expect(await tokens.has('second')).toBe(false);
  now += 5_001;
  expect(await tokens.has('second')).toBe(true);
  expect(await tokens.has('first')).toBe(false);
});
