import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, isAlive } from './childProcess';

/**
 * A lock file that holds the owner's process id. One whose owner is dead is taken over, so a kill -9 leaves
 * nothing to clean up by hand.
 */
export async function tryLock(
  path: string,
): Promise<{ owner: number | null; release: () => Promise<void> }> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return { owner: null, release: () => rm(path, { force: true }) };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && isAlive(owner)) return { owner, release: async () => undefined };
    // An empty file belongs to someone who is just writing it; give it a moment before calling it dead.
    await sleep(50);
    const still = Number(await readFile(path, 'utf8').catch(() => ''));
    if (still === owner) await rm(path, { force: true });
  }
}

/** Runs `work` while holding the lock; waits for whoever holds it. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const { owner, release } = await tryLock(path);
    if (owner === null) {
      try {
        return await work();
      } finally {
        await release();
      }
    }
    await sleep(250);
  }
}
