import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { DownloadOutcome, MediaUpload, Provider } from '../../domain/ports';
import { createProvider } from '../../providers/registry';
import {
  d360Settings,
  metaSettings,
  startSimulator,
  type TestSimulator,
} from '../support/simulator';

const OPTIONS = { connections: 2, timeoutMs: 5000 };
const HOUR = 3_600_000;

/** A file in chunks, as it would come from a disk or another server. */
function file(bytes: Buffer, more: Partial<MediaUpload> = {}): MediaUpload {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  }
  return {
    mimeType: 'image/png',
    filename: 'pic "1".png',
    sizeBytes: bytes.length,
    content: chunks(),
    ...more,
  };
}

async function contentOf(outcome: DownloadOutcome): Promise<Buffer> {
  if (outcome.kind !== 'done') throw new Error(`not downloaded: ${outcome.kind}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of outcome.content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.sim('POST', '/reset'));
afterAll(() => simulator.close());

describe.each([
  ['cloud_api', '1001', metaSettings],
  ['360dialog', '1002', d360Settings],
])('%s', (_kind, number, settingsFor) => {
  let provider: Provider;
  beforeAll(() => {
    provider = createProvider(settingsFor(simulator.url), OPTIONS);
  });
  afterAll(() => provider.close());

  async function upload(bytes: Buffer): Promise<string> {
    const outcome = await provider.uploadMedia(file(bytes));
    if (outcome.kind !== 'done') throw new Error(outcome.detail);
    return outcome.mediaId;
  }

  test('a file is uploaded in a stream, found, sent by its id, fetched again and deleted', async () => {
    const bytes = Buffer.alloc(50_000, 'png');
    const id = await upload(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const media = { mimeType: 'image/png', sizeBytes: 50_000, sha256 };
    expect(await provider.findMedia(id)).toEqual({ kind: 'done', media });
    const sent = await provider.send({
      to: '+14155550100',
      reference: 'r1',
      content: { type: 'image', id },
    });
    expect(sent).toMatchObject({ kind: 'accepted' });
    const download = await provider.downloadMedia(id, { maxBytes: 50_000 });
    expect(download).toMatchObject({ kind: 'done', media });
    expect((await contentOf(download)).equals(bytes)).toBe(true);
    expect(await provider.deleteMedia(id)).toMatchObject({ kind: 'done' });
    expect(await provider.findMedia(id)).toMatchObject({ kind: 'rejected', code: 100 });
  });

  test("a customer's file is fetched by the id in its webhook", async () => {
    const data = Buffer.from('a picture').toString('base64');
    const image = { data, mime_type: 'image/jpeg' };
    const inbound = { from: '14155550100', to: number, type: 'image', image };
    await simulator.sim('POST', '/inbound', inbound);
    const { messages } = await simulator.sim<{ messages: { media: { url: string } }[] }>(
      'GET',
      `/conversation?number=${number}&user=14155550100`,
    );
    const id = messages[0]!.media.url.split('/').at(-1)!;
    const download = await provider.downloadMedia(id, { maxBytes: 100 });
    expect(download).toMatchObject({ media: { mimeType: 'image/jpeg', sizeBytes: 9 } });
    expect((await contentOf(download)).toString()).toBe('a picture');
  });

  test('what is larger than the caller wants is not fetched', async () => {
    const id = await upload(Buffer.alloc(5000));
    expect(await provider.downloadMedia(id, { maxBytes: 4999 })).toEqual({
      kind: 'too_large',
      sizeBytes: 5000,
    });
  });

  test('files go after 30 days, and other accounts never see them', async () => {
    const id = await upload(Buffer.from('x'));
    const others = createProvider(
      number === '1001' ? d360Settings(simulator.url) : metaSettings(simulator.url),
      OPTIONS,
    );
    expect(await others.findMedia(id)).toMatchObject({ kind: 'rejected' });
    await others.close();
    await simulator.sim('PUT', '/clock', { offset_ms: 29 * 24 * HOUR });
    expect(await provider.findMedia(id)).toMatchObject({ kind: 'done' });
    await simulator.sim('PUT', '/clock', { offset_ms: 31 * 24 * HOUR });
    expect(await provider.findMedia(id)).toMatchObject({ kind: 'rejected', code: 100 });
  });

  test.each([
    ['a type that is not accepted', { mimeType: 'image/gif' }, 'one of the following types'],
    ['nothing', { sizeBytes: 0, content: file(Buffer.alloc(0)).content }, 'must not be empty'],
  ])('%s is refused', async (_what, more, says) => {
    const outcome = await provider.uploadMedia(file(Buffer.from('GIF'), more));
    expect(outcome).toMatchObject({ kind: 'rejected', code: 100 });
    expect(outcome).toHaveProperty('detail', expect.stringContaining(says));
  });

  test('a file beyond the limit of its type is refused', async () => {
    const bytes = Buffer.alloc(5 * 1024 * 1024 + 1);
    expect(await provider.uploadMedia(file(bytes))).toMatchObject({
      kind: 'rejected',
      code: 100,
      detail: expect.stringContaining('too large'),
    });
  });

  test('a file that ends early leaves open what became of it', async () => {
    const outcome = await provider.uploadMedia(file(Buffer.from('abc'), { sizeBytes: 4 }));
    expect(outcome).toMatchObject({ kind: 'unknown' });
  });
});

describe('a server that is not to be trusted', () => {
  let server: Server;
  let origin: string;
  let link: string;
  let requests: { url: string; authorization: string | undefined }[];
  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
      if (request.url?.startsWith('/v24.0/') === true) {
        response.end(JSON.stringify({ url: link, mime_type: 'image/png', file_size: 10 }));
        return;
      }
      response.end('x'.repeat(100_000));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  beforeEach(() => {
    requests = [];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['another host', 'http://localhost:1/file'],
    ['a host that only looks like it', 'https://lookaside.fbsbx.com.example.com/file'],
    ["Meta's host without encryption", 'http://lookaside.fbsbx.com/file'],
  ])('%s never sees the token', async (_what, url) => {
    link = url;
    const provider = createProvider(metaSettings(origin), OPTIONS);
    expect(await provider.downloadMedia('1', { maxBytes: 100 })).toMatchObject({
      kind: 'rejected',
      code: 131052,
    });
    await provider.close();
    expect(requests).toHaveLength(1);
  });

  test('a file that is larger than announced is cut off', async () => {
    link = `${origin}/file`;
    const provider = createProvider(metaSettings(origin), OPTIONS);
    const download = await provider.downloadMedia('1', { maxBytes: 1000 });
    await expect(contentOf(download)).rejects.toThrow('larger than 1000 bytes');
    await provider.close();
  });

  test("360dialog's key goes to 360dialog alone", async () => {
    link = 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=a%2Bb';
    const settings = { ...d360Settings(`${origin}/v24.0`) };
    const provider = createProvider(settings, OPTIONS);
    await provider.downloadMedia('1', { maxBytes: 1000 });
    await provider.close();
    expect(requests.map(({ url }) => url)).toEqual([
      '/v24.0/1',
      '/v24.0/whatsapp_business/attachments/?mid=1&hash=a%2Bb',
    ]);
  });
});
