import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What the command line needs of a development stack's `stack.json`. */
const schema = z.object({
  api: z.string(),
  database: z.string(),
  keys: z.object({ dexatel: z.string() }),
});

export type StackFile = z.infer<typeof schema>;

/** Null when no development stack was started in this home. */
export async function readStack(home: string): Promise<StackFile | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path.join(home, 'stack.json'), 'utf8')));
  } catch {
    return null;
  }
}
