import { announceReady, onShutdown } from '../stack/child';
import { reasonOf } from '../domain/reason';
import { readSimulatorConfig } from './config';
import { createSimulator } from './server';

/** The simulator as a process: configuration, listen, and a clean end on a signal or when its parent goes. */
async function main(): Promise<void> {
  const simulator = await createSimulator(readSimulatorConfig(process.env));
  process.stdout.write(`simulator listening on ${simulator.url}\n`);
  onShutdown(() => simulator.close());
  announceReady();
}

main().catch((error: unknown) => {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = reasonOf(error);
  process.stderr.write(
    taken ? `${message}\nChoose another port with CASEMENT_SIMULATOR_PORT.\n` : `${message}\n`,
  );
  process.exit(1);
});
