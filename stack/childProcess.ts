import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

/** A server this stack started. `stop` may be called twice and resolves when the process is gone. */
export interface RunningServer {
  pid: number;
  stop: () => Promise<void>;
}

export function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
}

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
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

/** Appends everything the child writes to a file. */
export function logTo(child: ChildProcess, file: string): WriteStream {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  child.stdout?.pipe(stream, { end: false });
  child.stderr?.pipe(stream, { end: false });
  child.once('close', () => stream.end());
  return stream;
}
