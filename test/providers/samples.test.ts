import { Readable } from 'node:stream';
import type { Provider, ProviderSettings } from '../../domain/ports';
import { createProvider } from '../../providers/registry';
import { startFileServer, type FileServer } from '../support/fileServer';
import { d360Settings, metaSettings } from '../support/simulator';

interface Filled {
  path: string | undefined;
  authorization: string | undefined;
  offset: string | undefined;
  type: string | undefined;
  bytes: string;
}

let server: FileServer;
let provider: Provider;
let session: unknown;
let filled: Filled[];

beforeEach(async () => {
  filled = [];
  session = { id: 'upload:MTphd==?sig=ARZqk' };
  server = await startFileServer((request, response, body) => {
    const opening = request.url?.includes('/uploads?') ?? false;
    if (!opening) {
      const { authorization, file_offset: offset, 'content-type': type } = request.headers;
      filled.push({
        path: request.url,
        authorization,
        offset: String(offset),
        type,
        bytes: body.toString(),
      });
    }
    response.end(JSON.stringify(opening ? session : { h: '4::aW' }));
  });
});

afterEach(async () => {
  await provider.close();
  await server.close();
});

function upload(settings: ProviderSettings) {
  provider = createProvider(settings, { connections: 1, timeoutMs: 2_000 });
  const content = Readable.from([Buffer.from('pict'), Buffer.from('ure')]);
  return provider.uploadSample({ filename: 'a.png', mimeType: 'image/png', sizeBytes: 7, content });
}

test('Meta takes a sample in two steps, below the token’s own app', async () => {
  expect(await upload(metaSettings(server.url))).toEqual({ kind: 'done', handle: '4::aW' });
  expect(server.asked).toEqual([
    'POST /v24.0/app/uploads?file_name=a.png&file_length=7&file_type=image%2Fpng',
    'POST /v24.0/upload:MTphd==?sig=ARZqk',
  ]);
  expect(filled).toEqual([
    {
      path: '/v24.0/upload:MTphd==?sig=ARZqk',
      authorization: 'OAuth meta-token',
      offset: '0',
      type: 'image/png',
      bytes: 'picture',
    },
  ]);
});

test('360dialog takes it without a version or an app', async () => {
  expect(await upload(d360Settings(server.url))).toEqual({ kind: 'done', handle: '4::aW' });
  expect(server.asked.map((asked) => asked.split('?')[0])).toEqual([
    'POST /uploads',
    'POST /upload:MTphd==',
  ]);
});

test('an answer that names no session ends it', async () => {
  session = { id: 'upload:../../messages' };
  expect(await upload(metaSettings(server.url))).toMatchObject({ kind: 'unknown' });
  expect(filled).toEqual([]);
});
