import { promisify } from 'node:util';
import { openOutbound } from '../../outbound/client';
import { createUrlGuard, isPublicAddress } from '../../outbound/guard';
import { startEndpoint, type TestEndpoint } from '../support/endpoint';

const guard = createUrlGuard({ allowPrivate: false });
const open = createUrlGuard({ allowPrivate: true });

let endpoint: TestEndpoint;

beforeAll(async () => {
  endpoint = await startEndpoint();
});

afterAll(() => endpoint.close());

const PRIVATE = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.9.9.9',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fe80::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'not an address',
];

test.each(PRIVATE)('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450::1'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

const REFUSED = [
  'http://example.com/hook',
  'ftp://example.com',
  'not an address',
  '//example.com',
  'https://user:secret@example.com/',
  'https://127.0.0.1/',
  'https://0x7f.1/',
  'https://2130706433/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://localhost/',
  'https://localhost./',
  'https://metadata.internal/',
  'https://printer.local/',
  'https://intranet/',
];

test.each(REFUSED)('%s is refused as it is written', (url) => {
  expect(guard.problemOf(url)).not.toBeNull();
});

test('an address that is too long is refused', () => {
  expect(guard.problemOf(`https://example.com/${'x'.repeat(2_000)}`)).not.toBeNull();
});

test.each(['https://example.com/hook?key=1', 'https://example.com:8443/', 'https://1.1.1.1/'])(
  '%s is fine',
  (url) => {
    expect(guard.problemOf(url)).toBeNull();
  },
);

test('development may call this machine without encryption, and nothing else is loosened', () => {
  expect(open.problemOf('http://localhost:3999/hook')).toBeNull();
  expect(open.problemOf('http://user:secret@localhost/')).not.toBeNull();
  expect(open.problemOf('file:///etc/passwd')).not.toBeNull();
});

test('a name that leads to this machine is refused by the connection itself', async () => {
  const resolve = promisify(guard.lookup);
  await expect(resolve('localhost', {})).rejects.toThrow('not a public address');
  await expect(promisify(open.lookup)('localhost', { all: true })).resolves.not.toHaveLength(0);
});

describe('the client', () => {
  const client = openOutbound(open);
  const post = (url: string, timeoutMs = 5_000) =>
    client.request({ method: 'POST', url, headers: {}, body: '{}', timeoutMs });

  afterAll(() => client.close());

  test('tells the status, and how long to wait', async () => {
    endpoint.answer = () => 503;
    endpoint.headers = { 'Retry-After': '7' };
    expect(await post(endpoint.url)).toMatchObject({
      kind: 'answered',
      status: 503,
      headers: { 'retry-after': '7' },
      retryAfterMs: 7_000,
    });
    endpoint.headers = {};
  });

  test('does not follow a redirect', async () => {
    const before = endpoint.posts.length;
    endpoint.answer = () => 302;
    endpoint.headers = { Location: endpoint.url };
    expect(await post(endpoint.url)).toMatchObject({ kind: 'answered', status: 302 });
    expect(endpoint.posts).toHaveLength(before + 1);
    endpoint.headers = {};
  });

  test('gives up on who does not answer, and on who is not there', async () => {
    endpoint.answer = () => null;
    expect(await post(endpoint.url, 100)).toEqual({ kind: 'failed', detail: 'No answer in time.' });
    expect(await post('http://127.0.0.1:1/')).toMatchObject({
      kind: 'failed',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('asks the guard before each request', async () => {
    const guarded = openOutbound(guard);
    const request = { method: 'POST', headers: {}, timeoutMs: 1_000 } as const;
    const before = endpoint.posts.length;
    const literal = await guarded.request({ ...request, url: endpoint.url });
    expect(literal).toEqual({ kind: 'failed', detail: 'The address must be an https address.' });
    expect(endpoint.posts).toHaveLength(before);
    await guarded.close();
  });

  test('connects to nothing that a name secretly leads to', async () => {
    const { lookup } = guard;
    const naive = openOutbound({ allowPrivate: true, problemOf: () => null, lookup });
    const url = endpoint.url.replace('127.0.0.1', 'localhost');
    const before = endpoint.posts.length;
    const request = { method: 'POST', headers: {}, timeoutMs: 1_000 } as const;
    expect(await naive.request({ ...request, url })).toEqual({
      kind: 'failed',
      code: 'ENOTPUBLIC',
      detail: 'ENOTPUBLIC: localhost is not a public address',
    });
    expect(endpoint.posts).toHaveLength(before);
    await naive.close();
  });
});
