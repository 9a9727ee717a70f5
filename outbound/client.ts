import { Agent } from 'undici';
import type { UrlGuard } from './guard';

export interface OutboundRequest {
  method: 'GET' | 'HEAD' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** For the whole of it, in milliseconds. */
  timeoutMs: number;
  /** What was answered is of interest: so many bytes of it are kept. */
  keepBytes?: number;
}

/** What one request came to. `failed`: there was no answer, and whether the other side read the request is not known. */
export type OutboundResult =
  | {
      kind: 'answered';
      status: number;
      headers: Readonly<Record<string, string | string[] | undefined>>;
      retryAfterMs: number | null;
      /** The beginning of the answer, where it was asked for. */
      body?: string;
    }
  /** `code` is the system's, as in `ENOTFOUND`. */
  | { kind: 'failed'; detail: string; code?: string };

/** Requests to addresses that our users gave us, each through the guard. Never throws. */
export interface OutboundClient {
  request(request: OutboundRequest): Promise<OutboundResult>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Of an answer's body nobody is interested in more than that it ends: bytes read before the connection is dropped. */
const BODY_LIMIT = 64 * 1024;

/**
 * Connections to one host are not limited: who shares a host with somebody slow must not wait for him. How many requests
 * are out at once is the caller's concern.
 */
export function openOutbound(guard: UrlGuard): OutboundClient {
  const agent = new Agent({ connect: { lookup: guard.lookup, timeout: CONNECT_TIMEOUT_MS } });
  return {
    async request({ method, url, headers, body, timeoutMs, keepBytes }) {
      const problem = guard.problemOf(url);
      if (problem !== null) return { kind: 'failed', detail: `The address ${problem}.` };
      const { origin, pathname, search } = new URL(url);
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await agent.request({
          origin,
          path: pathname + search,
          method,
          headers,
          body: body ?? null,
          signal,
        });
        const kept = keepBytes === undefined ? {} : { body: await begin(answer.body, keepBytes) };
        await answer.body.dump({ limit: BODY_LIMIT, signal }).catch(() => undefined);
        const retryAfterMs = retryAfter(answer.headers['retry-after']);
        const { statusCode: status, headers: answered } = answer;
        return { kind: 'answered', status, headers: answered, retryAfterMs, ...kept };
      } catch (error) {
        if (signal.aborted) return { kind: 'failed', detail: 'No answer in time.' };
        return { kind: 'failed', detail: describe(error), code: codeOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** The first bytes as text; the rest is not read. */
async function begin(body: AsyncIterable<Uint8Array>, bytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(chunks).subarray(0, bytes).toString('utf8');
}

/** `Retry-After` in seconds or as a date, in milliseconds from now. */
function retryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** By shape: errors of Node's core and of undici are not always instances of this realm's Error. */
function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'The request failed.';
  const code = codeOf(error) ?? '';
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  return [code, message].filter((part) => part !== '').join(': ') || 'The request failed.';
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
