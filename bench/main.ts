import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { reasonOf } from '../domain/reason';

/** A benchmark: takes its flags, prints one line of JSON. */
interface Benchmark {
  run(args: string[]): Promise<void>;
}

/** `npm run bench -- <name> [--flags]` runs bench/<name>.ts. */
async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const file = path.join(__dirname, `${name}.ts`);
  if (name === undefined || !/^[a-zA-Z]+$/.test(name) || name === 'main' || !existsSync(file)) {
    throw new Error('Usage: npm run bench -- <name> [--flags]; each file of bench/ is a name.');
  }
  // Not import(): only require goes through the loader that reads TypeScript.
  const benchmark: unknown = createRequire(__filename)(file);
  if (!isBenchmark(benchmark)) throw new Error(`${name} does not export run(args).`);
  await benchmark.run(args);
}

function isBenchmark(module: unknown): module is Benchmark {
  return typeof module === 'object' && module !== null && 'run' in module;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(reasonOf(error));
    process.exit(1);
  },
);
