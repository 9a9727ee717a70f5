import { spawn, type ChildProcess, type SpawnOptions, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** A server this stack started. `stop` may be called twice and resolves when the process is gone. */
export interface RunningServer {
  pid: number;
  /** Resolves when the process is gone, stopped or not. */
  ended: Promise<void>;
  stop: () => Promise<void>;
}

export function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
}

/** Resolves when the child is gone. */
export function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (isRunning(child)) child.once('exit', () => resolve());
    else resolve();
  });
}

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Asks a child to end, and ends it by force after the deadline. Resolves when it is gone. */
export async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals,
  deadlineMs: number,
): Promise<void> {
  if (!isRunning(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  await gone;
  clearTimeout(force);
}

/**
 * Ends `pid` with `signal` when this process dies, even by kill -9: a shell waits on a pipe whose other end
 * only this process holds. Servers in their own process group (so that Ctrl-C reaches the stack alone, which
 * then stops them in order) would otherwise outlive it. Returns a function that lets go.
 */
export function leash(pid: number, signal: 'INT' | 'TERM' | 'KILL'): () => void {
  const watcher = spawn('sh', ['-c', `read _; kill -${signal} ${pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  return () => watcher.kill('SIGKILL');
}

/**
 * Spawns with the output appended to a file, which only the owner may read. The file is the child's own: its last
 * words are kept even when this process dies first. The child gets a process group of its own, so that Ctrl-C
 * reaches the stack alone, which stops its parts in order.
 */
export function spawnLogged(
  command: string,
  args: readonly string[],
  logFile: string,
  options: SpawnOptions & { ipc?: boolean },
): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  const { ipc, ...rest } = options;
  try {
    const stdio: StdioOptions = ['ignore', log, log, ...(ipc === true ? ['ipc' as const] : [])];
    const child = spawn(command, args, { ...rest, detached: true, stdio });
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(log);
  }
}

/** The `code` of a system error. Not by `instanceof`: test runners load modules in realms of their own. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
