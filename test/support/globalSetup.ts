import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/**
 * Starts what one jest run shares (see services.ts) in a child process and puts its addresses into the
 * environment, which the test workers inherit. The child ends when the IPC channel closes: at teardown, or
 * whenever jest is gone.
 */
export default async function globalSetup(): Promise<void> {
  const script = path.join(__dirname, 'services.ts');
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const env = await new Promise<Record<string, string>>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('The services of the tests did not start.')));
    child.once('message', (message: { env: Record<string, string> }) => resolve(message.env));
  });
  Object.assign(process.env, env);
  globalThis.testServices = child;
}

declare global {
  var testServices: ChildProcess | undefined;
}
