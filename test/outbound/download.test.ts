import type { ServerResponse } from 'node:http';
import { withDownload, type Download } from '../../outbound/download';
import { createUrlGuard } from '../../outbound/guard';
import { startFileServer, type FileServer } from '../support/fileServer';

const guard = createUrlGuard({ allowPrivate: true });
const LIMITS = { maxBytes: 1024 * 1024, timeoutMs: 2_000 };

let server: FileServer;
let answer: (response: ServerResponse) => void = (response) => response.end();

beforeAll(async () => {
  server = await startFileServer((_request, response) => answer(response));
});

afterAll(() => server.close());

async function read({ mimeType, sizeBytes, content }: Download) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return { mimeType, sizeBytes, bytes: Buffer.concat(chunks).toString() };
}

const download = (url = `${server.url}/a.png`) => withDownload(guard, url, LIMITS, read);

test('a file is read with its type and size', async () => {
  answer = (response) =>
    response.writeHead(200, { 'content-type': 'IMAGE/PNG; x=1', 'content-length': 5 }).end('bytes');
  expect(await download()).toEqual({ mimeType: 'image/png', sizeBytes: 5, bytes: 'bytes' });
  expect(server.asked.at(-1)).toBe('GET /a.png');
});

test.each([
  ['is not there', 404, {}, 'The address answers 404.', false],
  ['is elsewhere', 302, { location: 'http://10.0.0.1/' }, 'The address answers 302.', false],
  ['is down', 503, {}, 'The address answers 503.', true],
  ['is of unknown size', 200, {}, 'The server does not say how large the file is.', false],
  [
    'is too large',
    200,
    { 'content-length': 1024 * 1024 + 1 },
    'The file has more than 1 MB.',
    false,
  ],
])('what %s is refused', async (_label, status, headers, detail, passing) => {
  answer = (response) => {
    response.writeHead(status, headers);
    response.flushHeaders();
  };
  expect(await download()).toEqual({ detail, passing });
});

test('what breaks off fails whoever reads it', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half');
    setImmediate(() => response.destroy());
  };
  await expect(download()).rejects.toThrow();
});

test('nobody there is worth another try, an address that may not be asked is not', async () => {
  const gone = await startFileServer(() => undefined);
  await gone.close();
  expect(await download(`${gone.url}/a.png`)).toMatchObject({ passing: true });
  const strict = createUrlGuard({ allowPrivate: false });
  expect(await withDownload(strict, 'https://10.0.0.1/a.png', LIMITS, read)).toEqual({
    detail: 'The address must be a public address.',
    passing: false,
  });
});
