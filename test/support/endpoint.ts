import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

export interface EndpointPost {
  headers: IncomingHttpHeaders;
  /** As received, for signatures. */
  raw: string;
  body: Record<string, unknown>;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A customer's webhook endpoint on a free port: remembers what came and answers what it is told. */
export interface TestEndpoint {
  url: string;
  posts: EndpointPost[];
  /** Answers one POST; a number is a status with an empty body, null is no answer at all. */
  answer: (post: EndpointPost, number: number) => number | null | Promise<number | null>;
  /** Headers of every answer. */
  headers: Record<string, string>;
  close(): Promise<void>;
}

export async function startEndpoint(): Promise<TestEndpoint> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const body: EndpointPost['body'] = raw === '' ? {} : JSON.parse(raw);
      const post = { headers: request.headers, raw, body, at: Date.now() };
      endpoint.posts.push(post);
      void reply(post, endpoint.posts.length, response);
    });
  });
  const reply = async (post: EndpointPost, number: number, response: ServerResponse) => {
    const status = await endpoint.answer(post, number);
    if (status !== null) response.writeHead(status, endpoint.headers).end();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const endpoint: TestEndpoint = {
    url: `http://127.0.0.1:${port}/events`,
    posts: [],
    answer: () => 200,
    headers: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return endpoint;
}
