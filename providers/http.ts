import type { IncomingHttpHeaders } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { Pool, type Dispatcher } from 'undici';
import type { ProviderOptions } from '../domain/ports';
import { describe, neverSent } from './connectionFailure';

/**
 * One POST over a keep-alive pool, told apart by what the sender may conclude:
 * - `answered`: an HTTP answer came in full.
 * - `refused`: no byte of the request left this machine, so trying again is safe.
 * - `lost`: the request may have been read; nobody knows what became of it.
 */
export type PostResult =
  | { kind: 'answered'; status: number; body: string; retryAfterMs?: number }
  | { kind: 'refused'; detail: string }
  | { kind: 'lost'; detail: string };

export interface SendingClient {
  /** `path` is absolute from the origin. Never throws. */
  post(path: string, body: string): Promise<PostResult>;
  close(): Promise<void>;
}

/** A connection that takes longer than this will not come; milliseconds. */
const CONNECT_TIMEOUT = 10_000;

/**
 * Opens the sending path's client for one origin. undici's pool is used directly because it sends about ten times as many
 * messages per CPU second as the built-in fetch.
 */
export function openSendingClient(
  origin: string,
  headers: Record<string, string>,
  options: ProviderOptions,
): SendingClient {
  const pool = new Pool(origin, {
    connections: options.connections,
    pipelining: 1,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connect: connectOptions(options),
  });
  const allHeaders = { ...headers, 'content-type': 'application/json' };

  return {
    post: (path, body) =>
      new Promise((resolve) => {
        const answer = new Answer(resolve);
        try {
          pool.dispatch({ method: 'POST', path, headers: allHeaders, body }, answer);
        } catch (error) {
          answer.onResponseError(null, error);
        }
      }),
    close: () => pool.close(),
  };
}

/**
 * Collects one answer. `dispatch` with a handler instead of `request`: no stream object and no second promise for a
 * body of 200 bytes, a third of the CPU of a message (bench/RESULTS.md).
 */
class Answer implements Dispatcher.DispatchHandler {
  private status = 0;
  private retryAfterMs: number | undefined;
  private text = '';
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly resolve: (result: PostResult) => void) {}

  onRequestStart(): void {
    // Required: without it undici takes this for a handler of its older kind.
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.retryAfterMs = retryAfter(headers['retry-after']);
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.text += this.decoder.write(chunk);
  }

  onResponseEnd(): void {
    const { status, text: body, retryAfterMs } = this;
    this.resolve(
      retryAfterMs === undefined
        ? { kind: 'answered', status, body }
        : { kind: 'answered', status, body, retryAfterMs },
    );
  }

  onResponseError(_: unknown, error: unknown): void {
    this.resolve({ kind: neverSent(error) ? 'refused' : 'lost', detail: describe(error) });
  }
}

/** How connections to a provider are made. */
export function connectOptions({
  timeoutMs,
  lookup,
}: Pick<ProviderOptions, 'timeoutMs' | 'lookup'>) {
  return { timeout: Math.min(timeoutMs, CONNECT_TIMEOUT), ...(lookup && { lookup }) };
}

/** `Retry-After` in seconds, as milliseconds; the date form is not used by these providers. */
export function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
