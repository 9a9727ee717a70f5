import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A server of media on a free port. Each path is answered as the test says; what was asked for is remembered. */
export interface FileServer {
  url(path: string): string;
  asked: string[];
  answers: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  close(): Promise<void>;
}

export async function startFileServer(): Promise<FileServer> {
  const asked: string[] = [];
  const answers: FileServer['answers'] = new Map();
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = answers.get(request.url ?? '');
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    asked,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A file of this type and size, by HEAD and by parts of it. */
export const file =
  (type: string | null, size: number) => (request: IncomingMessage, response: ServerResponse) => {
    const headers = type === null ? {} : { 'Content-Type': type };
    if (request.headers.range === undefined) {
      response.writeHead(200, { ...headers, 'Content-Length': size }).end();
    } else {
      response.writeHead(206, { ...headers, 'Content-Range': `bytes 0-0/${size}` }).end('x');
    }
  };
