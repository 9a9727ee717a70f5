import { setTimeout as wait } from 'node:timers/promises';

/**
 * Repeats a check until it neither throws nor answers false, and returns its answer. After the deadline it
 * throws what the check threw last. Checks may be asynchronous.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs = 5000, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown = new Error('the check answered false');
  for (;;) {
    try {
      const answer = await check();
      if (answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) throw last;
    await wait(everyMs);
  }
}
