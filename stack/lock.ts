import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, isAlive } from './childProcess';

/**
 * A lock file that holds the owner's process id and when it started: ids are reused, and another process under the id
 * of a dead owner is no owner. One whose owner is dead is taken over, so a kill -9 leaves nothing to clean up by hand.
 */
export async function tryLock(
  path: string,
): Promise<{ owner: number | null; release: () => Promise<void> }> {
  for (;;) {
    try {
      await writeFile(path, `${process.pid} ${await startOf(process.pid)}`, {
        flag: 'wx',
        mode: 0o600,
      });
      return { owner: null, release: () => rm(path, { force: true }) };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const content = await readFile(path, 'utf8').catch(() => '');
    const owner = await livingOwner(content);
    if (owner !== null) return { owner, release: async () => undefined };
    // An empty file belongs to someone who is just writing it; give it a moment before calling it dead.
    await sleep(50);
    const still = await readFile(path, 'utf8').catch(() => '');
    if (still === content) await rm(path, { force: true });
  }
}

async function livingOwner(content: string): Promise<number | null> {
  const [pid, start] = content.split(' ');
  const owner = Number(pid);
  if (!(owner > 0 && isAlive(owner))) return null;
  return !start || start === (await startOf(owner)) ? owner : null;
}

/** In ticks since the machine started; empty where there is no /proc to tell. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, in parentheses, is the program's name and may hold anything; the start is the 22nd.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
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
