import type { IncomingMessage, ServerResponse } from 'node:http';
import { startFileServer, type FileServer } from './fileServer';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server with a file at each path that the test adds. */
export interface MediaServer extends Pick<FileServer, 'asked' | 'close'> {
  answers: Map<string, Answer>;
  at(path: string): string;
}

export async function startMediaServer(): Promise<MediaServer> {
  const answers: MediaServer['answers'] = new Map();
  const server = await startFileServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  return {
    answers,
    asked: server.asked,
    at: (path) => server.url + path,
    close: () => server.close(),
  };
}

/** A file of this type and size, by HEAD and by parts of it. */
export const file =
  (type: string | null, size: number): Answer =>
  (request, response) => {
    const headers = type === null ? {} : { 'Content-Type': type };
    if (request.headers.range === undefined) {
      response.writeHead(200, { ...headers, 'Content-Length': size }).end();
    } else {
      response.writeHead(206, { ...headers, 'Content-Range': `bytes 0-0/${size}` }).end('x');
    }
  };
