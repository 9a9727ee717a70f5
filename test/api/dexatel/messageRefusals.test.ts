import { DateTime } from 'luxon';
import { openOutbound } from '../../../outbound/client';
import { createUrlGuard } from '../../../outbound/guard';
import { MediaChecks } from '../../../usecases/mediaCheck';
import {
  ABSENT,
  expectError,
  message,
  startDexatel,
  type DexatelWorld,
} from '../../support/dexatel';
import { openWindow } from '../../support/direct';
import { file, startMediaServer, type MediaServer } from '../../support/mediaServer';
import { NASTY } from '../../support/nasty';

let dexatel: DexatelWorld;
let files: MediaServer;

beforeAll(async () => {
  files = await startMediaServer();
  files.answers.set('/a.jpg', file('image/jpeg', 1));
  files.answers.set('/page', file('text/html', 1));
  files.answers.set('/large', file('image/png', 6_000_000));
  const urlGuard = createUrlGuard({ allowPrivate: true });
  const outbound = openOutbound(urlGuard);
  const clock = { now: () => DateTime.utc() };
  const media = new MediaChecks({ clock, outbound, urlGuard, passUnresolved: false });
  dexatel = await startDexatel({ media });
  await openWindow(dexatel.db, dexatel.world, '+14155552671');
});

afterAll(async () => {
  await dexatel.close();
  await files.close();
});

const image = { type: 'image', url: 'https://cdn.example.com/a.jpg' };
const document = { ...image, type: 'document', filename: 'a.pdf', text: undefined };
const button = { button_type: 'quick_reply', button_text: 'Yes' };
const LONG_URL = `https://x.example/${'x'.repeat(990)}`;

/** label, changes of a good request, code */
test.each<[string, object, number]>([
  ['no sender', { from: undefined }, 1503],
  ['an empty sender', { from: ' ' }, 1503],
  ['a sender of another type', { from: 5 }, 1504],
  ['a sender with a NUL', { from: 'a\0' }, 1504],
  ['an unknown sender', { from: 'Nobody' }, 1505],
  ['no recipients', { to: undefined }, 1506],
  ['an empty list of recipients', { to: [] }, 1506],
  ['eleven recipients', { to: Array(11).fill('14155552671') }, 1507],
  ['recipients that are no list', { to: '14155552671' }, 1523],
  ['a number without country code', { to: ['04155552671'] }, 1523],
  ['a number that is none', { to: ['14155552671', 'Sarah'] }, 1523],
  ['a number that is null', { to: [null] }, 1523],
  ['no channel', { channel: undefined }, 1515],
  ['another channel', { channel: 'SMS' }, 1515],
  ['neither type nor template', { type: undefined }, 1534],
  ['an unknown type', { type: 'sticker' }, 1534],
  ['no text', { text: undefined }, 1508],
  ['a blank text', { text: ' \n' }, 1508],
  ['a text of another type', { text: {} }, 1509],
  ['a text with half an emoji', { text: 'a\ud83d' }, 1509],
  ['a text of 1001 characters', { text: '🎉'.repeat(1001) }, 1510],
  ['a template that is no uuid', { template: 'spring_sale' }, 1512],
  ['a template that does not exist', { template: ABSENT }, 1513],
  ['variables of a wrong shape', { template: ABSENT, variables: 'x' }, 400],
  ['a variable with a NUL', { template: ABSENT, variables: ['\0'] }, 400],
  ['no image', { ...image, url: undefined }, 1532],
  ['an image over http', { ...image, url: 'http://cdn.example.com/a.jpg' }, 400],
  ['an image of no address', { ...image, url: 'https://' }, 400],
  ['an image at a long address', { ...image, url: LONG_URL }, 400],
  ['an image from two places', { ...image, media_id: '1' }, 400],
  ['media with an odd id', { ...image, url: undefined, media_id: '../1' }, 400],
  ['no document', { ...document, url: undefined }, 1533],
  ['a document without a name', { ...document, filename: undefined }, 1533],
  ['a document with a blank name', { ...document, filename: ' ' }, 1533],
  ['a document with a text', { ...document, text: 'Hi' }, 1509],
  ['a document with a button', { ...document, ...button }, 1517],
  ['another button', { ...button, button_type: 'url' }, 1517],
  ['a button of no type', { button_text: 'Yes' }, 1517],
  ['a button without text', { button_type: 'quick_reply' }, 1520],
  ['a button with a long text', { ...button, button_text: 'x'.repeat(21) }, 1520],
  ['a picture with a button and no text', { ...image, ...button, text: undefined }, 1508],
  ['a payload of another type', { payload: { a: 1 } }, 1705],
  ['a payload of 501 characters', { payload: 'x'.repeat(501) }, 1705],
  ['a window that is closed', { to: ['14155550000'] }, 1590],
])('%s', async (_label, changes, code) => {
  expectError(await dexatel.api.call('POST', '/v1/messages', message(changes)), 400, code);
});

test('media that are not there, of another type or too large are refused before they are sent', async () => {
  const send = (changes: object) => dexatel.api.call('POST', '/v1/messages', message(changes));
  const picture = (path: string) => ({ type: 'image', url: files.at(path) });
  expect((await send(picture('/a.jpg'))).status).toBe(201);
  for (const path of ['/missing', '/page', '/large']) {
    expectError(await send(picture(path)), 400, 400);
    expectError(await send({ ...picture(path), ...button }), 400, 400);
  }
  const { body } = await send({ ...picture('/page'), type: 'video' });
  expect(body.errors[0].message).toContain('text/html');
});

/** method, path, body, status, code */
test.each<[string, string, unknown, number, number]>([
  ['POST', '', '{', 400, 1005],
  ['POST', '', {}, 400, 1007],
  ['POST', '', { data: [] }, 400, 1007],
  ['GET', '/x', undefined, 400, 1502],
  ['GET', `/${ABSENT}`, undefined, 404, 1501],
  ['DELETE', '/x', undefined, 400, 1502],
  ['DELETE', `/${ABSENT}`, undefined, 404, 1501],
  ['PUT', `/${ABSENT}`, {}, 405, 405],
  ['PATCH', '', {}, 405, 405],
  ['GET', '?filter[channel]=PIGEON', undefined, 400, 1515],
  ['GET', '?filter[direction]=up', undefined, 400, 400],
  ['GET', '?filter[statuses]=sent,lost', undefined, 400, 400],
  ['GET', '?filter[sender_ids]=x', undefined, 400, 400],
  ['GET', '?filter[countries]=US,Utopia', undefined, 400, 400],
  ['GET', '?filter[to_prefix]=abc', undefined, 400, 400],
  ['GET', '?filter[created_date_start]=2024-03-01', undefined, 400, 400],
  ['GET', '?filter[created_date_end]=2024-02-30 00:00:00', undefined, 400, 400],
  ['GET', `?filter[statuses]=${'sent,'.repeat(101)}`, undefined, 400, 400],
  ['GET', '?filter[to]=%00', undefined, 400, 400],
  ['GET', '?page_token=x', undefined, 400, 400],
])('%s /v1/messages%s', async (method, rest, body, status, code) => {
  expectError(await dexatel.api.call(method, `/v1/messages${rest}`, body), status, code);
});

test('a sender that WhatsApp has shut out', async () => {
  const { db, world, api } = dexatel;
  const halt = (health_reason: string) =>
    db.updateTable('senders').set({ health: 'halted', health_reason }).execute();
  await halt('131031');
  expectError(await api.call('POST', '/v1/messages', message({})), 400, 1625);
  // One that an operator can help waits for it.
  await halt('190');
  expect((await api.call('POST', '/v1/messages', message({}))).status).toBe(201);
  const active = { health: 'active', health_reason: null } as const;
  await db.updateTable('senders').set(active).where('id', '=', world.sender.id).execute();
});

test('no value of any field is our fault', async () => {
  const bases: [{ data: object }, string[]][] = [
    [message({}), ['channel', 'from', 'to', 'type', 'text', 'payload']],
    [
      message({ ...image, url: files.at('/a.jpg'), ...button }),
      ['url', 'media_id', 'button_type', 'button_text'],
    ],
    [message(document), ['text', 'filename']],
    [message({ template: dexatel.world.template.id }), ['template', 'variables', 'url']],
  ];
  for (const [{ data }, fields] of bases) {
    for (const field of fields) {
      for (const value of NASTY) {
        const body = { data: { ...data, [field]: value } };
        const { status } = await dexatel.api.call('POST', '/v1/messages', body);
        expect([field, value, status < 500]).toEqual([field, value, true]);
      }
    }
  }
  for (const value of NASTY) {
    const text = encodeURIComponent(
      String(value)
        .replace(/\p{Cs}/gu, '')
        .slice(0, 2000),
    );
    for (const name of ['from', 'to', 'to_prefix', 'countries', 'statuses', 'created_date_start']) {
      const { status } = await dexatel.api.call('GET', `/v1/messages?filter[${name}]=${text}`);
      expect([name, value, status < 500]).toEqual([name, value, true]);
    }
  }
});
