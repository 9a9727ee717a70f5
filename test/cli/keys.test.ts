import { register } from '../../cli/commands/keys';
import { runCommand } from '../support/commandLine';
import { createTestDatabase, type TestDatabase } from '../support/database';

describe('casement keys', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  const keys = (...args: string[]) =>
    runCommand(register, ['keys', ...args], { DATABASE_URL: database.url });
  const accounts = () => database.db.selectFrom('accounts').select('name').execute();

  it.each([
    ['a scope', '--scopes', 'nonsense', 'There is no scope "nonsense".'],
    ['a sender', '--sender', 'nobody', 'There is no sender "nobody".'],
    ['a range of addresses', '--ips', 'nowhere', 'nowhere'],
  ])('makes no account when there is no such thing as %s', async (_, option, value, problem) => {
    const answer = await keys('create', '--account', 'typo', option, value);
    expect(answer.problem).toContain(problem);
    expect(await accounts()).toEqual([]);
  });

  it.each([
    ['--account', '', 'empty'],
    ['--name', ' ', 'empty'],
    ['--sender', '', 'empty'],
    ['--days', '1e12', 'At most 36500 days'],
    ['--days', 'Infinity', 'A positive number is needed'],
    ['--days', 'soon', 'A positive number is needed'],
  ])('refuses %s "%s"', async (option, value, problem) => {
    expect((await keys('create', option, value)).problem).toContain(problem);
    expect(await accounts()).toEqual([]);
  });

  it('makes the account of the first key, and lists the key', async () => {
    const { output } = await keys('create', '--name', 'first', '--days', '36500');
    const [id, secret] = output.split('\n');
    expect(secret).toMatch(/^csm_/);
    expect(await accounts()).toEqual([{ name: 'default' }]);
    expect((await keys('list')).output).toContain(`${id}\t`);
  });
});
