import type { Command } from 'commander';
import { readConfig } from '../../runtime/config';
import { startStack, type StackDescription } from '../../stack/stack';
import { interruption } from '../interruption';

export function register(program: Command): void {
  program
    .command('dev')
    .description('start PostgreSQL, Temporal, the provider simulator, the worker and the API')
    .action(dev);
}

/** Runs in the foreground until Ctrl-C, or until one of its servers is lost; the data stays in CASEMENT_HOME. */
async function dev(): Promise<void> {
  const config = readConfig();
  const interrupted = interruption();
  const stack = await startStack({
    home: config.CASEMENT_HOME,
    config,
    env: process.env,
    onProgress: (line) => console.log(line),
    signal: interrupted.signal,
  }).catch((error: unknown) => {
    if (interrupted.signal.aborted) return null;
    throw error;
  });
  if (stack === null) return;
  print(stack.description());
  const loss = await Promise.race([interrupted.happened, stack.lost]);
  if (loss !== undefined) console.error(loss);
  console.log('Stopping');
  await stack.stop();
  process.exit(loss === undefined ? 0 : 1);
}

function print(stack: StackDescription): void {
  console.log(`ready
  API        ${stack.api}
  Simulator  ${stack.simulator}
  Customers  ${stack.simulator}/_sim/chat
  Temporal   ${stack.temporalUi ?? stack.temporal}
  Key        ${stack.keys.dexatel}  (X-Dexatel-Key)`);
}
