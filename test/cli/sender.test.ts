import { register } from '../../cli/commands/sender';
import { runCommand } from '../support/commandLine';

test.each(['abc', '0', '-1', 'Infinity'])('refuses %s messages per second', async (rate) => {
  const args = ['--name', 'n', '--phone', '14155550100', '--base-url', 'https://example.com'];
  const { problem } = await runCommand(
    register,
    ['sender', 'create', ...args, '--token', 't', '--rate', rate],
    { CASEMENT_URL: 'http://127.0.0.1:1', CASEMENT_API_KEY: 'k' },
  );
  expect(problem).toContain('A positive number is needed.');
});
