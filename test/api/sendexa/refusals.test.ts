import { DateTime } from 'luxon';
import { ERRORS } from '../../../api/dialects/sendexa/errors';
import { DOMAIN_CODES } from '../../../domain/errors';
import { openOutbound, type OutboundClient } from '../../../outbound/client';
import { createUrlGuard } from '../../../outbound/guard';
import { createApiKey, revokeApiKey } from '../../../usecases/apiKey';
import { MediaChecks } from '../../../usecases/mediaCheck';
import { startApi } from '../../support/api';
import { buildWorld } from '../../support/build';
import { openWindow } from '../../support/direct';
import { file, startMediaServer, type MediaServer } from '../../support/mediaServer';
import { accepted } from '../../support/scriptedProvider';
import {
  basic,
  expectError,
  RESEND,
  SEND,
  startSendexa,
  status,
  type SendexaWorld,
} from '../../support/sendexa';

let sendexa: SendexaWorld;
let files: MediaServer;
let outbound: OutboundClient;

const TO = '233244000000';
const ABSENT = `exa_wa_${'0'.repeat(32)}`;

beforeAll(async () => {
  files = await startMediaServer();
  const urlGuard = createUrlGuard({ allowPrivate: true });
  outbound = openOutbound(urlGuard);
  const clock = { now: () => DateTime.utc() };
  const media = new MediaChecks({ clock, outbound, urlGuard, passUnresolved: false });
  sendexa = await startSendexa({ media });
  await openWindow(sendexa.db, sendexa.world, `+${TO}`);
});

beforeEach(() => sendexa.answerWith(accepted));

afterAll(async () => {
  await sendexa.close();
  await files.close();
  await outbound.close();
});

const text = { to: TO, type: 'text', text: { body: 'Hello' } };
const x = (length: number) => 'x'.repeat(length);

test.each([
  '',
  '0233244000',
  '+0233244000',
  '1234567',
  '1234567890123456',
  '+233 244 000 000',
  '233-244-000-000',
  'abc',
  '233244000000x',
  '++233244000000',
  null,
  233244000000,
])('%p is no phone number (WA001)', async (to) => {
  expectError(await sendexa.call('POST', SEND, { ...text, to }), 400, 'WA001');
});

const link = 'https://cdn.example/a';
const reply = (id: string, title: string) => ({ type: 'reply', reply: { id, title } });
const interactive = (given: object) => ({
  to: TO,
  type: 'interactive',
  interactive: { body: { text: 'x' }, ...given },
});
const buttons = (...given: object[]) => interactive({ type: 'button', action: { buttons: given } });
const list = (sections: object[], button = 'Open') =>
  interactive({ type: 'list', action: { button, sections } });
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ id: `r${from + n}`, title: `Row ${from + n}` }));

/** label, body, part of the text */
const INVALID: [string, unknown, string][] = [
  ['no body', undefined, 'JSON object'],
  ['a list', [], 'JSON object'],
  ['broken JSON', '{"to":', 'JSON'],
  ['a NUL', { ...text, text: { body: 'a\0' } }, 'characters'],
  ['no recipient', { ...text, to: undefined }, 'to: is required'],
  ['no type', { ...text, type: undefined }, 'type'],
  ['an unknown type', { to: TO, type: 'sticker', sticker: { link } }, 'type'],
  ['no content', { to: TO, type: 'text' }, 'text: is required'],
  ['the content of another type', { to: TO, type: 'text', image: { link } }, 'text: is required'],
  ['no text', { ...text, text: {} }, 'text.body: is required'],
  ['an empty text', { ...text, text: { body: '' } }, "text['body']"],
  ['a text of 4,097 characters', { ...text, text: { body: x(4097) } }, '4096'],
  ['a preview that is no boolean', { ...text, text: { body: 'x', preview_url: 'yes' } }, 'preview'],
  ['media without a link', { to: TO, type: 'image', image: {} }, 'image.link: is required'],
  [
    'a caption of 1,025 characters',
    { to: TO, type: 'video', video: { link, caption: x(1025) } },
    '1024',
  ],
  ['a caption on audio', { to: TO, type: 'audio', audio: { link, caption: 'x' } }, 'audio'],
  ['no buttons', buttons(), 'buttons'],
  ['four buttons', buttons(...['a', 'b', 'c', 'd'].map((id) => reply(id, id))), '3'],
  ['a button title of 21 characters', buttons(reply('a', x(21))), '20'],
  ['two buttons of one title', buttons(reply('a', 'Yes'), reply('b', 'Yes')), 'Duplicate'],
  [
    'a body of 1,025 characters',
    {
      ...buttons(reply('a', 'a')),
      interactive: {
        type: 'button',
        body: { text: x(1025) },
        action: { buttons: [reply('a', 'a')] },
      },
    },
    '1024',
  ],
  ['eleven rows in a section', list([{ rows: rows(0, 11) }]), '10'],
  [
    'eleven rows over two sections',
    list([
      { title: 'A', rows: rows(0, 6) },
      { title: 'B', rows: rows(6, 11) },
    ]),
    '10',
  ],
  ['a row title of 25 characters', list([{ rows: [{ id: 'a', title: x(25) }] }]), '24'],
  [
    'a row description of 73 characters',
    list([{ rows: [{ id: 'a', title: 'a', description: x(73) }] }]),
    '72',
  ],
  [
    'a link button to nowhere',
    interactive({
      type: 'cta_url',
      action: { name: 'cta_url', parameters: { display_text: 'x', url: 'home' } },
    }),
    'URL',
  ],
  ['a kind that is not offered', interactive({ type: 'product', action: {} }), 'interactive.type'],
  ['a template without name', { to: TO, type: 'template', template: { language: 'en' } }, 'name'],
  [
    'a template without language',
    { to: TO, type: 'template', template: { name: 'a' } },
    'language',
  ],
];

test.each(INVALID)('a send with %s is INVALID_PARAMETERS', async (_label, body, says) => {
  const answer = await sendexa.call('POST', SEND, body);
  expectError(answer, 400, 'INVALID_PARAMETERS');
  expect(answer.body.message).toContain(says);
});

test('ten rows over all sections, three buttons and 4,096 characters pass', async () => {
  const sections = [
    { title: 'A', rows: rows(0, 5) },
    { title: 'B', rows: rows(5, 10) },
  ];
  expect((await sendexa.call('POST', SEND, list(sections))).status).toBe(200);
  const long = { ...text, text: { body: x(4096) } };
  expect((await sendexa.call('POST', SEND, long)).status).toBe(200);
});

test('outside the window only a template goes out (WA003)', async () => {
  const answer = await sendexa.call('POST', SEND, { ...text, to: '233244000099' });
  expectError(answer, 403, 'WA003');
  expect(answer.body.message).toContain('template');
});

test('who has opted out is not written to', async () => {
  const to = '233244000098';
  await openWindow(sendexa.db, sendexa.world, `+${to}`);
  const blocker = { sender_id: sendexa.world.sender.id, phone: `+${to}`, source: 'api' };
  await sendexa.db.insertInto('blockers').values(blocker).execute();
  expectError(await sendexa.call('POST', SEND, { ...text, to }), 403, 'RECIPIENT_OPTED_OUT');
});

test.each(['http://cdn.example/a.png', 'ftp://cdn.example/a.png', 'a.png'])(
  'media at %s are refused (WA004)',
  async (where) => {
    const image = { to: TO, type: 'image', image: { link: where } };
    expectError(await sendexa.call('POST', SEND, image), 400, 'WA004');
  },
);

test('media that are not there, of another type or too large are refused before they are sent (WA004)', async () => {
  const image = (path: string) => ({ to: TO, type: 'image', image: { link: files.at(path) } });
  files.answers.set('/good', file('image/png', 1));
  files.answers.set('/page', file('text/html', 1));
  files.answers.set('/large', file('image/png', 6_000_000));
  expect((await sendexa.call('POST', SEND, image('/good'))).status).toBe(200);
  const posts = sendexa.provider.posts.length;
  for (const path of ['/missing', '/page', '/large']) {
    expectError(await sendexa.call('POST', SEND, image(path)), 400, 'WA004');
  }
  const header = { type: 'image', image: { link: files.at('/page') } };
  const shown = { ...buttons(reply('a', 'a')) };
  const interactive = { ...shown, interactive: { ...shown.interactive, header } };
  expectError(await sendexa.call('POST', SEND, interactive), 400, 'WA004');
  expect(sendexa.provider.posts).toHaveLength(posts);
});

/** the provider's answer, and what the client is told */
test.each([
  [131026, 400, 'WA002'],
  [131047, 403, 'WA003'],
  [131052, 400, 'WA004'],
  [100, 400, 'MESSAGE_FAILED'],
])('a message refused with %i is an error that names it', async (code, wanted, name) => {
  sendexa.answerWith(() => ({ kind: 'rejected', code, detail: 'no' }));
  const answer = await sendexa.call('POST', SEND, text);
  expectError(answer, wanted, name);
  const { messageId } = answer.body.data;
  const read = await sendexa.call('GET', status(messageId));
  expect(read.body.data).toMatchObject({ status: 'failed', error: { code: name } });
});

test.each([ABSENT, 'exa_wa_1', 'x', '%00', 'wamid.abc'])('there is no message %p', async (id) => {
  expectError(await sendexa.call('GET', status(id)), 404, 'MESSAGE_NOT_FOUND');
  expectError(await sendexa.call('POST', `${RESEND}/${id}`), 404, 'MESSAGE_NOT_FOUND');
  const messageId = decodeURIComponent(id).replace('\0', '');
  expectError(await sendexa.call('POST', RESEND, { messageId }), 404, 'MESSAGE_NOT_FOUND');
});

test('a resend needs a messageId', async () => {
  for (const body of [undefined, {}, { messageId: 5 }, { messageId: null }]) {
    expectError(await sendexa.call('POST', RESEND, body), 400, 'INVALID_PARAMETERS');
  }
});

describe('keys', () => {
  test('a missing, wrong, revoked or expired key is not let in', async () => {
    const deps = { db: sendexa.db, clock: { now: () => DateTime.utc() } };
    const input = { accountId: sendexa.world.accountId, name: 'k', scopes: ['*'] };
    const expiresAt = DateTime.utc().minus({ seconds: 1 }).toJSDate();
    const expired = await createApiKey(deps, { ...input, expiresAt });
    const revoked = await createApiKey(deps, input);
    await revokeApiKey(deps, revoked.key.id);
    for (const secret of ['csm_wrong', expired.secret, revoked.secret]) {
      const call = basic(sendexa.api, secret);
      expectError(await call('POST', SEND, text), 401, 'UNAUTHORIZED');
    }
    expectError(await sendexa.api.call('POST', SEND, text), 401, 'UNAUTHORIZED');
    const bearer = { Authorization: `Bearer ${sendexa.api.key}`, 'X-Dexatel-Key': '' };
    expectError(await sendexa.api.call('POST', SEND, text, bearer), 401, 'UNAUTHORIZED');
  });

  test.each([
    ['base64 of the secret', (secret: string) => Buffer.from(secret).toString('base64')],
    ['base64 of key:secret', (secret: string) => Buffer.from(`k:${secret}`).toString('base64')],
    ['the secret as it was shown', (secret: string) => secret],
  ])('a token is %s', async (_label, token) => {
    const headers = { Authorization: `Basic ${token(sendexa.api.key)}`, 'X-Dexatel-Key': '' };
    expect((await sendexa.api.call('POST', SEND, text, headers)).status).toBe(200);
  });

  test('a key without the scope is told which one it lacks', async () => {
    const call = await sendexa.as({ scopes: ['messages:read'] });
    const answer = await call('POST', SEND, text);
    expectError(answer, 403, 'FORBIDDEN');
    expect(answer.body.message).toContain('messages:write');
    expectError(await call('GET', status(ABSENT)), 404, 'MESSAGE_NOT_FOUND');
  });

  test('a key that is bound to no number speaks for the only one, and not for one of several', async () => {
    const call = await sendexa.as({});
    expect((await call('POST', SEND, text)).status).toBe(200);
    const other = await buildWorld(sendexa.db, { recipients: 0 });
    await sendexa.db
      .updateTable('senders')
      .set({ account_id: sendexa.world.accountId, name: 'Second' })
      .where('id', '=', other.sender.id)
      .execute();
    expectError(await call('POST', SEND, text), 403, 'SENDER_REQUIRED');
    const bound = await sendexa.as({ senderId: other.sender.id });
    const mine = await sendexa.call('POST', SEND, text);
    const { messageId } = mine.body.data;
    expectError(await bound('GET', status(messageId)), 404, 'MESSAGE_NOT_FOUND');
    expect((await call('GET', status(messageId))).status).toBe(200);
    await sendexa.db
      .updateTable('senders')
      .set({ deleted_at: new Date() })
      .where('id', '=', other.sender.id)
      .execute();
    expectError(await bound('POST', SEND, text), 403, 'SENDER_REQUIRED');
  });

  test("another account's message is not there", async () => {
    const { body } = await sendexa.call('POST', SEND, text);
    const { accountId } = await buildWorld(sendexa.db, { recipients: 0 });
    const foreign = await startApi(sendexa.db, { accountId });
    const call = basic(foreign, foreign.key);
    const { messageId } = body.data;
    expectError(await call('GET', status(messageId)), 404, 'MESSAGE_NOT_FOUND');
    expectError(await call('POST', RESEND, { messageId }), 404, 'MESSAGE_NOT_FOUND');
    await foreign.close();
  });
});

test('paths and methods that are not offered', async () => {
  expectError(await sendexa.call('GET', '/v1/whatsapp'), 404, 'NOT_FOUND');
  const wrong = await sendexa.call('GET', SEND);
  expectError(wrong, 405, 'METHOD_NOT_ALLOWED');
  expect(wrong.headers.get('allow')).toBe('POST');
  expectError(await sendexa.call('DELETE', status(ABSENT)), 405, 'METHOD_NOT_ALLOWED');
  const large = { ...text, text: { body: x(1_100_000) } };
  expectError(await sendexa.call('POST', SEND, large), 413, 'PAYLOAD_TOO_LARGE');
});

test('the same send twice is two messages, unless an Idempotency-Key says otherwise', async () => {
  const first = await sendexa.call('POST', SEND, text);
  const second = await sendexa.call('POST', SEND, text);
  expect(second.body.data.messageId).not.toBe(first.body.data.messageId);
  const token = Buffer.from(sendexa.api.key).toString('base64');
  const headers = {
    Authorization: `Basic ${token}`,
    'X-Dexatel-Key': '',
    'Idempotency-Key': 'order-17',
  };
  const kept = await sendexa.api.call('POST', SEND, text, headers);
  const replayed = await sendexa.api.call('POST', SEND, text, headers);
  expect(replayed.body).toEqual(kept.body);
});

test('every error has a status and a code', () => {
  expect(Object.keys(ERRORS)).toEqual([...DOMAIN_CODES, 'internal_error']);
  const codes = Object.values(ERRORS).map(({ code }) => code);
  for (const code of ['WA001', 'WA002', 'WA003', 'WA004', 'WA005', 'WA006']) {
    expect(codes).toContain(code);
  }
});
