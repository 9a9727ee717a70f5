import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import type { ProviderOptions } from '../domain/ports';
import { describe, neverSent } from './connectionFailure';
import { connectOptions, retryAfter, type PostResult } from './http';

export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  /** Beside the provider's own. */
  headers?: Record<string, string>;
  body?: string | Readable;
}

export type OpenedResult = { kind: 'opened'; content: Readable } | PostResult;

/** Everything that is no message: rare, larger, sometimes streamed. */
export interface CallClient {
  /** Never throws. */
  call(call: Call): Promise<PostResult>;
  /** Answers a success with its content unread; anything else as `call` does. Never throws. */
  open(call: Call): Promise<OpenedResult>;
  close(): Promise<void>;
}

/** Connections to one origin: few, because these requests must not crowd out messages at the provider. */
const CONNECTIONS = 4;

/**
 * Opens a client whose every request carries the provider's credentials, wherever it goes: callers check the URL.
 * Redirects are not followed.
 */
export function openCallClient(
  credentials: Record<string, string>,
  { timeoutMs, lookup }: Pick<ProviderOptions, 'timeoutMs' | 'lookup'>,
): CallClient {
  const agent = new Agent({
    connections: CONNECTIONS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: connectOptions({ timeoutMs, lookup }),
  });
  const request = ({ method, url, headers, body }: Call) =>
    agent.request({
      method,
      origin: url.origin,
      path: url.pathname + url.search,
      headers: { 'user-agent': 'casement', ...credentials, ...headers },
      ...(body !== undefined && { body }),
    });

  return {
    call: (call) => request(call).then(readAnswer).catch(failed),
    open: (call) =>
      request(call)
        .then((answer): OpenedResult | Promise<PostResult> =>
          answer.statusCode === 200 ? { kind: 'opened', content: answer.body } : readAnswer(answer),
        )
        .catch(failed),
    close: () => agent.close(),
  };
}

async function readAnswer(answer: Dispatcher.ResponseData): Promise<PostResult> {
  const body = await answer.body.text();
  const retryAfterMs = retryAfter(answer.headers['retry-after']);
  return {
    kind: 'answered',
    status: answer.statusCode,
    body,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function failed(error: unknown): PostResult {
  return { kind: neverSent(error) ? 'refused' : 'lost', detail: describe(error) };
}
