import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  /** CASEMENT_SECRET_KEY of this home. */
  secretKey: z.string(),
  apiKeys: z.object({
    dexatel: z.string(),
    inbox: z.string(),
    sendexa: z.string(),
    d360: z.string(),
  }),
  /** What the simulator expects from Casement, and signs its hooks with. */
  provider: z.object({ token: z.string(), appSecret: z.string(), verifyToken: z.string() }),
});

/** Secrets of a development stack, made once per home. */
export type HomeSecrets = z.infer<typeof secretsSchema>;

/** Paths inside a home. */
export function homePaths(home: string) {
  const root = path.resolve(home);
  return {
    root,
    logs: path.join(root, 'logs'),
    lock: path.join(root, 'stack.lock'),
    stack: path.join(root, 'stack.json'),
    secrets: path.join(root, 'secrets.json'),
    bundle: path.join(root, 'workflows.js'),
  };
}

export type HomePaths = ReturnType<typeof homePaths>;

export async function prepareHome(paths: HomePaths): Promise<HomeSecrets> {
  await mkdir(paths.logs, { recursive: true, mode: 0o700 });
  await chmod(paths.logs, 0o700);
  if (existsSync(paths.secrets)) {
    return readSecrets(paths.secrets);
  }
  const apiKey = () => `csm_${randomBytes(32).toString('base64url')}`;
  const random = () => randomBytes(24).toString('hex');
  const secrets: HomeSecrets = {
    secretKey: randomBytes(32).toString('base64'),
    apiKeys: { dexatel: apiKey(), inbox: apiKey(), sendexa: apiKey(), d360: apiKey() },
    provider: { token: random(), appSecret: random(), verifyToken: random() },
  };
  await writePrivate(paths.secrets, secrets);
  return secrets;
}

async function readSecrets(file: string): Promise<HomeSecrets> {
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new Error(
      `${file} cannot be read or is not complete. Restore it: what is secret in the database is sealed with its key. ` +
        'Or remove the whole folder to begin anew.',
      { cause },
    );
  }
}

/** Only the owner may read it; readers see the old content or the new, never half. */
export async function writePrivate(file: string, content: unknown): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}
