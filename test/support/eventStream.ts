import type { TestApi } from './api';

/** One server-sent event; comments have no name. */
export interface Told {
  id?: string;
  event?: string;
  // Tests look into data of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  data?: any;
}

/** A client of GET /v1/events. */
export interface EventStream {
  status: number;
  headers: Headers;
  told: Told[];
  comments: number;
  /** When the server has ended it. */
  ended: Promise<void>;
  close(): void;
}

export async function openStream(
  api: Pick<TestApi, 'url' | 'key'>,
  headers: Record<string, string> = {},
  query = '',
): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(`${api.url}/v1/events${query}`, {
    headers: { 'X-Dexatel-Key': api.key, ...headers },
    signal: abort.signal,
  });
  const stream: EventStream = {
    status: response.status,
    headers: response.headers,
    told: [],
    comments: 0,
    ended: Promise.resolve(),
    close: () => abort.abort(),
  };
  stream.ended = read(response, stream).catch(() => undefined);
  return stream;
}

async function read(response: Response, stream: EventStream): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) keep(frame, stream);
  }
}

function keep(frame: string, stream: EventStream): void {
  if (frame.startsWith(':')) stream.comments += 1;
  const fields = new Map(
    frame.split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)] as const;
    }),
  );
  const data = fields.get('data');
  if (data === undefined) return;
  const [id, event] = [fields.get('id'), fields.get('event')];
  stream.told.push({ ...(id && { id }), ...(event && { event }), data: JSON.parse(data) });
}
