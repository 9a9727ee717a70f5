import { Command } from 'commander';
import { register as demo } from './commands/demo';
import { register as dev } from './commands/dev';

/** The command line. Each file of cli/commands adds its command; errors are one sentence for the operator. */
async function main(): Promise<void> {
  const program = new Command('casement')
    .description('WhatsApp campaigns and conversations on Temporal, PostgreSQL and Express')
    .showHelpAfterError();
  for (const register of [dev, demo]) register(program);
  await program.parseAsync();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
