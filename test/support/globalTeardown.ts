import { once } from 'node:events';

/** Ends the process of services.ts and waits until its files are gone. */
export default async function globalTeardown(): Promise<void> {
  const child = globalThis.testServices;
  if (child === undefined || child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}
