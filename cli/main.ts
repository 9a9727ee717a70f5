import { Command } from 'commander';
import manifest from '../package.json';
import { register as audience } from './commands/audience';
import { register as campaign } from './commands/campaign';
import { register as demo } from './commands/demo';
import { register as dev } from './commands/dev';
import { register as keys } from './commands/keys';
import { register as migrate } from './commands/migrate';
import { register as sender } from './commands/sender';
import { reasonOf } from '../domain/reason';

const COMMANDS = [dev, demo, migrate, keys, sender, audience, campaign];

/** The command line. Each file of cli/commands adds its command; errors are one sentence for the operator. */
async function main(): Promise<void> {
  const program = new Command('casement')
    .description('WhatsApp campaigns and conversations on Temporal, PostgreSQL and Express')
    .version(manifest.version)
    .showHelpAfterError();
  for (const register of COMMANDS) register(program);
  await program.parseAsync();
}

main().catch((error: unknown) => {
  console.error(reasonOf(error));
  process.exit(1);
});
