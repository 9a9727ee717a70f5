import { DateTime } from 'luxon';
import { openOutbound } from '../../outbound/client';
import { createUrlGuard } from '../../outbound/guard';
import type { MediaKind } from '../../domain/mediaLink';
import type { OutboundContent } from '../../domain/message';
import { MediaChecks } from '../../usecases/mediaCheck';
import { file, startMediaServer, type MediaServer } from '../support/mediaServer';

const MB = 1024 * 1024;
const time = { ahead: 0 };
const clock = { now: () => DateTime.utc().plus(time.ahead) };

let files: MediaServer;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  files = await startMediaServer();
});

afterAll(async () => {
  await files.close();
  for (const close of closing) await close();
});

/** Fresh checks that know nothing yet. */
function checks(allowPrivate = true, passUnresolved = false): MediaChecks {
  const urlGuard = createUrlGuard({ allowPrivate });
  const outbound = openOutbound(urlGuard);
  closing.push(() => outbound.close());
  return new MediaChecks({ clock, outbound, urlGuard, passUnresolved });
}

function media(kind: MediaKind, link: string): OutboundContent {
  return { type: kind, link };
}

/** A new path with this answer. */
let paths = 0;
function serve(answer: Parameters<MediaServer['answers']['set']>[1]): string {
  const path = `/file${paths++}`;
  files.answers.set(path, answer);
  return path;
}

const check = (kind: MediaKind, answer: Parameters<typeof serve>[0]) =>
  checks().check(media(kind, files.at(serve(answer))));

test.each<[MediaKind, string | null, number]>([
  ['image', 'image/jpeg', 5 * MB],
  ['image', 'image/png', 1],
  ['image', 'IMAGE/PNG; charset=binary', 1],
  ['video', 'video/mp4', 16 * MB],
  ['video', 'video/3gpp', 1],
  ['audio', 'audio/aac', 16 * MB],
  ['audio', 'audio/mp4', 1],
  ['audio', 'audio/mpeg', 1],
  ['audio', 'audio/ogg; codecs=opus', 1],
  ['document', 'application/pdf', 100 * MB],
  ['document', 'application/x-unheard-of', 1],
  ['image', null, 1],
])('%s of type %s and %i bytes will do', async (kind, type, size) => {
  await check(kind, file(type, size));
});

test.each<[MediaKind, string, number, string]>([
  ['image', 'image/gif', 1, 'is image/gif, and must be image/jpeg or image/png'],
  ['image', 'text/html', 1, 'is text/html'],
  ['image', 'image/jpeg', 5 * MB + 1, 'is larger than 5 MB'],
  ['video', 'video/quicktime', 1, 'is video/quicktime'],
  ['video', 'video/mp4', 16 * MB + 1, 'is larger than 16 MB'],
  ['audio', 'audio/wav', 1, 'is audio/wav'],
  ['audio', 'audio/mpeg', 16 * MB + 1, 'is larger than 16 MB'],
  ['document', 'application/pdf', 100 * MB + 1, 'is larger than 100 MB'],
  ['image', 'image/png', 0, 'is empty'],
])('%s of type %s and %i bytes will not', async (kind, type, size, says) => {
  const refused = check(kind, file(type, size));
  await expect(refused).rejects.toMatchObject({ code: 'message_media_invalid' });
  await expect(refused).rejects.toThrow(says);
});

test.each([403, 404, 410, 500])('a link that answers %i will not do', async (status) => {
  const refused = check('image', (_request, response) => void response.writeHead(status).end());
  await expect(refused).rejects.toThrow(`status ${status}`);
});

test('a server that refuses HEAD is asked for the first byte', async () => {
  const path = serve((request, response) => {
    if (request.method === 'HEAD') response.writeHead(405).end();
    else file('image/png', 6 * MB)(request, response);
  });
  await expect(checks().check(media('image', files.at(path)))).rejects.toThrow('5 MB');
  expect(files.asked.filter((asked) => asked.endsWith(path))).toEqual([
    `HEAD ${path}`,
    `GET ${path}`,
  ]);
});

test('so is one that does not tell the size; where nobody does, the type decides', async () => {
  const answer: Parameters<typeof serve>[0] = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'image/png' });
    response.end();
  };
  const path = serve((request, response) => {
    if (request.method === 'HEAD') answer(request, response);
    else {
      response.writeHead(200, { 'Content-Type': 'image/png', 'Transfer-Encoding': 'chunked' });
      response.end('x');
    }
  });
  await checks().check(media('image', files.at(path)));
  await expect(checks().check(media('video', files.at(path)))).rejects.toThrow('is image/png');
});

test('redirects are followed, three at most', async () => {
  const redirect = (to: string) =>
    serve((_request, response) => void response.writeHead(302, { Location: to }).end());
  const target = serve(file('image/png', 1));
  const once = redirect(target);
  const thrice = redirect(files.at(redirect(once)));
  await checks().check(media('image', files.at(thrice)));
  const tooOften = checks().check(media('image', files.at(redirect(thrice))));
  await expect(tooOften).rejects.toThrow('redirects too often');
});

test('a redirect goes through the guard as the link does', async () => {
  const strict = createUrlGuard({ allowPrivate: false });
  const outbound = openOutbound({
    ...strict,
    problemOf: (url) => (url.includes('/away') ? strict.problemOf(url) : null),
  });
  closing.push(() => outbound.close());
  const guard = createUrlGuard({ allowPrivate: true });
  const checked = new MediaChecks({ clock, outbound, urlGuard: guard, passUnresolved: false });
  const path = serve(
    (_request, response) => void response.writeHead(302, { Location: '/away' }).end(),
  );
  await expect(checked.check(media('image', files.at(path)))).rejects.toThrow('https');
  expect(files.asked.some((asked) => asked.endsWith('/away'))).toBe(false);
});

test.each([
  ['http://cdn.example/a.png', 'must be an https address'],
  ['https://127.0.0.1/a.png', 'must be a public address'],
  ['https://10.0.0.7/a.png', 'must be a public address'],
  ['https://[::1]/a.png', 'must be a public address'],
  ['https://localhost/a.png', 'must be a public address'],
  ['https://user:secret@cdn.example/a.png', 'must not contain credentials'],
  ['ftp://cdn.example/a.png', 'must be an https address'],
  ['a.png', 'is not an address'],
])('%s is asked nothing', async (link, says) => {
  await expect(checks(false).check(media('image', link))).rejects.toThrow(says);
});

test('in development http is for the own network alone', async () => {
  await expect(checks().check(media('image', 'http://cdn.example/a.png'))).rejects.toThrow('https');
});

test('who cannot be reached will not do; a machine without names may let them pass', async () => {
  const closed = media('image', 'http://127.0.0.1:1/a.png');
  await expect(checks().check(closed)).rejects.toThrow('cannot be reached');
  const nobody = media('image', 'https://nobody.invalid/a.png');
  await expect(checks(true, true).check(nobody)).rejects.toThrow('cannot be reached');
  const unresolved = new MediaChecks({
    clock,
    outbound: {
      request: async () => ({ kind: 'failed', detail: 'ENOTFOUND', code: 'ENOTFOUND' }),
      close: async () => undefined,
    },
    urlGuard: createUrlGuard({ allowPrivate: true }),
    passUnresolved: true,
  });
  await unresolved.check(media('image', 'https://cdn.example/a.png'));
});

test('what is known of a link holds for five minutes, what is wrong with it for twenty seconds', async () => {
  const checked = checks();
  const good = serve(file('image/png', 1));
  const bad = serve((_request, response) => void response.writeHead(404).end());
  const look = async () => {
    const before = files.asked.length;
    await Promise.all([
      checked.check(media('image', files.at(good))),
      checked.check(media('image', files.at(good))),
      expect(checked.check(media('image', files.at(bad)))).rejects.toThrow('404'),
    ]);
    return files.asked.slice(before);
  };
  expect(await look()).toHaveLength(3);
  expect(await look()).toEqual([]);
  time.ahead = 21_000;
  expect(await look()).toEqual([`HEAD ${bad}`, `GET ${bad}`]);
  time.ahead = 301_000;
  expect(await look()).toHaveLength(3);
  time.ahead = 0;
});

test('headers of interactive messages and templates are looked at too; other messages have no links', async () => {
  const link = files.at(serve(file('image/gif', 1)));
  const header = { type: 'image' as const, link };
  const action = { type: 'buttons' as const, buttons: [{ id: 'a', title: 'a' }] };
  const interactive = { type: 'interactive' as const, header, body: 'x', action };
  await expect(checks().check(interactive)).rejects.toThrow('image/gif');
  const template: OutboundContent = {
    type: 'template',
    name: 'x',
    language: 'en',
    components: [{ type: 'header', parameters: [header] }],
  };
  await expect(checks().check(template)).rejects.toThrow('image/gif');
  await checks().check({ type: 'text', body: link });
  await checks().check({ type: 'image', id: '17' });
});
