import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readSimulatorConfig } from '../../simulator/config';

const MAIN = join(__dirname, '../../simulator/main.ts');

/** Starts the process on a free port and answers it with its URL. */
async function start(): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(MAIN, {
    execArgv: ['--require', 'tsx/cjs'],
    env: {
      PATH: process.env.PATH,
      CASEMENT_SIMULATOR_PORT: '0',
      CASEMENT_SIMULATOR_NUMBERS: JSON.stringify([
        { phoneNumberId: '1001', wabaId: '2001', phone: '15550001001', token: 't' },
      ]),
      CASEMENT_SIMULATOR_TEMPLATES: JSON.stringify([{ name: 'hello', body: 'Hello' }]),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ready = once(child, 'message');
  const lines = child.stdout?.[Symbol.asyncIterator]();
  const first = await lines?.next();
  expect(await ready).toMatchObject([{ type: 'ready' }]);
  return { child, url: /http:\S+/.exec(String(first?.value))?.[0] ?? '' };
}

test('the process serves what its environment names and ends on a signal', async () => {
  const { child, url } = await start();
  const numbers = await fetch(`${url}/_sim/numbers`);
  expect(await numbers.json()).toMatchObject({ numbers: [{ phoneNumberId: '1001' }] });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('the process ends when its parent goes', async () => {
  const { child } = await start();
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a wrong setting is named', () => {
  expect(() => readSimulatorConfig({ CASEMENT_SIMULATOR_NUMBERS: '{' })).toThrow(
    'CASEMENT_SIMULATOR_NUMBERS: must be JSON',
  );
  expect(() => readSimulatorConfig({ CASEMENT_SIMULATOR_NUMBERS: '[{}]' })).toThrow(
    'CASEMENT_SIMULATOR_NUMBERS.0.phoneNumberId',
  );
  expect(readSimulatorConfig({})).toMatchObject({ port: 3001, numbers: [], templates: [] });
});
