import { Command } from 'commander';

export interface CommandLineAnswer {
  output: string;
  /** The sentence the operator reads; absent when all went well. */
  problem?: string;
}

/** Runs one command of the command line in this process, with these settings on top of the environment's. */
export async function runCommand(
  register: (program: Command) => void,
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<CommandLineAnswer> {
  const before = { ...process.env };
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line) => void lines.push(`${line}`));
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  Object.assign(process.env, settings);
  try {
    await program(register).parseAsync(args, { from: 'user' });
    return { output: lines.join('\n') };
  } catch (problem) {
    return { output: lines.join('\n'), problem: (problem as Error).message };
  } finally {
    process.env = before;
    log.mockRestore();
    error.mockRestore();
  }
}

/** Throws where the real one would end the process. */
function program(register: (program: Command) => void): Command {
  const top = new Command('casement');
  register(top);
  quiet(top);
  return top;
}

function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) quiet(child);
}
