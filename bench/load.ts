import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

export interface Target {
  origin: string;
  path: string;
  headers: Record<string, string>;
}

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers other than 200. */
  refused: number;
}

const CONNECTIONS = 64;

/** Posts `count` bodies at `rate` a second, whether the answers keep up or not (0: as fast as the answers come). */
export async function load(
  target: Target,
  bodies: (n: number) => { body: string; signature: string },
  { count, rate }: { count: number; rate: number },
): Promise<LoadResult> {
  const pool = new Pool(target.origin, { connections: CONNECTIONS, pipelining: 1 });
  const latencies: number[] = [];
  let refused = 0;
  const post = async (n: number): Promise<void> => {
    const { body, signature } = bodies(n);
    const startedAt = performance.now();
    const answer = await pool.request({
      path: target.path,
      method: 'POST',
      headers: {
        ...target.headers,
        'content-type': 'application/json',
        'x-hub-signature-256': signature,
      },
      body,
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) refused += 1;
    latencies.push(performance.now() - startedAt);
  };
  const startedAt = performance.now();
  await (rate === 0 ? closedLoop(count, post) : openLoop(count, rate, post));
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number) => Number((sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1));
  return { perSecond: Math.round(count / seconds), p50Ms: at(0.5), p99Ms: at(0.99), refused };
}

async function closedLoop(count: number, post: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await post(next - 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
}

/** The clock decides when a body leaves; a slow receiver sees its backlog in the latencies. */
async function openLoop(
  count: number,
  rate: number,
  post: (n: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  for (let n = 0; n < count;) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) / 1000) * rate));
    for (; n < due; n += 1) running.push(post(n));
    await sleep(1);
  }
  await Promise.all(running);
}
