import type { MediaFacts } from '../domain/mediaLink';
import type { OutboundClient, OutboundResult } from '../outbound/client';

/** What asking a server for a file came to. */
export type MediaAnswer =
  | { kind: 'found'; facts: MediaFacts }
  /** `status`: where the server was reached, and said so. */
  | { kind: 'unavailable'; problem: string; status?: number }
  /** Its name could not be resolved: nobody has that name, or nobody could be asked. */
  | { kind: 'unresolved'; problem: string };

const TIMEOUT_MS = 5_000;
const MOST_REDIRECTS = 3;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

type Answered = Extract<OutboundResult, { kind: 'answered' }>;

/**
 * Asks for type and size without fetching the file: by HEAD, and where a server does not answer that usefully (many sign
 * their links for GET alone) by a GET of the first byte. Each step of a redirect goes through the guard. Never throws.
 */
export async function askForMedia(outbound: OutboundClient, link: string): Promise<MediaAnswer> {
  const head = await follow(outbound, 'HEAD', link);
  const done = head.kind === 'found' ? head.facts.sizeBytes !== null : !('status' in head);
  if (done) return head;
  const first = await follow(outbound, 'GET', link);
  return first.kind === 'found' || head.kind !== 'found' ? first : head;
}

async function follow(
  outbound: OutboundClient,
  method: 'HEAD' | 'GET',
  link: string,
): Promise<MediaAnswer> {
  let url = link;
  for (let step = 0; step <= MOST_REDIRECTS; step++) {
    const answer = await outbound.request({
      method,
      url,
      headers: { 'user-agent': 'casement', ...(method === 'GET' && { range: 'bytes=0-0' }) },
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.kind === 'failed') return failed(answer);
    const location = header(answer, 'location');
    if (!REDIRECTS.includes(answer.status) || location === null) return read(answer);
    if (!URL.canParse(location, url)) return unavailable('redirects to no address');
    url = new URL(location, url).href;
  }
  return unavailable('redirects too often');
}

function failed({ detail, code }: Extract<OutboundResult, { kind: 'failed' }>): MediaAnswer {
  const problem = `cannot be reached: ${detail}`;
  const unresolved = code === 'ENOTFOUND' || code === 'EAI_AGAIN';
  return unresolved ? { kind: 'unresolved', problem } : unavailable(problem);
}

function unavailable(problem: string): Extract<MediaAnswer, { kind: 'unavailable' }> {
  return { kind: 'unavailable', problem };
}

/** 416: there is not even a first byte. */
function read(answer: Answered): MediaAnswer {
  const { status } = answer;
  if (status === 416) return unavailable('is empty');
  if (status !== 200 && status !== 206) {
    return { ...unavailable(`is answered with status ${status}`), status };
  }
  const type = header(answer, 'content-type')?.split(';')[0]!.trim().toLowerCase() || null;
  const sizeBytes = sizeOf(answer);
  return sizeBytes === 0 ? unavailable('is empty') : { kind: 'found', facts: { type, sizeBytes } };
}

/** Of a part, the whole is told behind the slash of Content-Range. */
function sizeOf(answer: Answered): number | null {
  const text =
    answer.status === 206
      ? header(answer, 'content-range')?.split('/')[1]
      : header(answer, 'content-length');
  return text !== undefined && text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

function header({ headers }: Answered, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}
