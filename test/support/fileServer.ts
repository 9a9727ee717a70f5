import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A web server on a free port whose every answer the test writes itself. */
export interface FileServer {
  url: string;
  /** Method and path of every request. */
  asked: string[];
  close(): Promise<void>;
}

export async function startFileServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): Promise<FileServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response, Buffer.concat(chunks));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
