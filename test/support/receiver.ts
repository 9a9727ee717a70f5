import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { parseWebhook, type WebhookUpdate } from '../../wire/cloudApi';

export interface Received {
  headers: IncomingHttpHeaders;
  raw: Buffer;
  updates: WebhookUpdate[];
}

/** A webhook receiver on a free port that remembers what came and answers what it is told. */
export interface Receiver {
  url: string;
  posts: Received[];
  /** Status answered to each POST, by its number from 1. */
  answer: (post: number) => number;
  updates<K extends WebhookUpdate['kind']>(kind: K): Extract<WebhookUpdate, { kind: K }>[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        const query = new URL(request.url ?? '/', 'http://receiver').searchParams;
        response.end(query.get('hub.challenge') ?? '');
        return;
      }
      const raw = Buffer.concat(chunks);
      const updates = parseWebhook(JSON.parse(raw.toString('utf8')));
      receiver.posts.push({ headers: request.headers, raw, updates });
      response.statusCode = receiver.answer(receiver.posts.length);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    posts: [],
    answer: () => 200,
    updates: (kind) =>
      receiver.posts.flatMap((post) =>
        post.updates.filter(
          (update): update is Extract<WebhookUpdate, { kind: typeof kind }> => update.kind === kind,
        ),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
