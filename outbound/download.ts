import { Agent, type Dispatcher } from 'undici';
import type { UrlGuard } from './guard';

/** A file at an address that a user gave us. */
export interface Download {
  /** Without parameters, in lower case; empty where the server does not say. */
  mimeType: string;
  sizeBytes: number;
  /** Fails when there is more or less than was announced. */
  content: AsyncIterable<Uint8Array>;
}

/** Why a file cannot be had. `passing`: it may be there later. */
export interface DownloadProblem {
  detail: string;
  passing: boolean;
}

export interface DownloadLimits {
  maxBytes: number;
  /** Without a byte, in milliseconds. */
  timeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a file through the guard and hands it to `use`, which reads it while the connection is open. A server that does
 * not say how large the file is, or sends us elsewhere, is refused.
 */
export async function withDownload<T>(
  guard: UrlGuard,
  url: string,
  { maxBytes, timeoutMs }: DownloadLimits,
  use: (download: Download) => Promise<T>,
): Promise<T | DownloadProblem> {
  const problem = guard.problemOf(url);
  if (problem !== null) return { detail: `The address ${problem}.`, passing: false };
  const { origin, pathname, search } = new URL(url);
  const agent = new Agent({
    connect: { lookup: guard.lookup, timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  try {
    const answer = await agent
      .request({ origin, path: pathname + search, method: 'GET', headers: HEADERS })
      .catch(() => null);
    if (!answer) return { detail: 'The address does not answer.', passing: true };
    const refused = refusalOf(answer, maxBytes);
    return refused ?? (await use(downloadOf(answer)));
  } finally {
    await agent.destroy();
  }
}

/** Compressed, a file would have another size than it has. */
const HEADERS = { 'user-agent': 'casement', 'accept-encoding': 'identity' };

function refusalOf(answer: Dispatcher.ResponseData, maxBytes: number): DownloadProblem | null {
  const { statusCode: status, headers } = answer;
  if (status !== 200) return { detail: `The address answers ${status}.`, passing: status >= 500 };
  const size = sizeOf(headers['content-length']);
  if (size === null)
    return { detail: 'The server does not say how large the file is.', passing: false };
  return size > maxBytes
    ? { detail: `The file has more than ${maxBytes / 1024 / 1024} MB.`, passing: false }
    : null;
}

function downloadOf({ headers, body }: Dispatcher.ResponseData): Download {
  const type = headers['content-type'];
  const mimeType = typeof type === 'string' ? (type.split(';')[0] ?? '').trim().toLowerCase() : '';
  return { mimeType, sizeBytes: sizeOf(headers['content-length']) ?? 0, content: body };
}

function sizeOf(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^[1-9][0-9]{0,14}$/.test(header) ? Number(header) : null;
}
