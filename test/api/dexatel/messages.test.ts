import { readFileSync } from 'node:fs';
import path from 'node:path';
import { json } from '../../../db/connect';
import { expectError, message, startDexatel, type DexatelWorld } from '../../support/dexatel';
import { openWindow } from '../../support/direct';

let dexatel: DexatelWorld;
const SARAH = '14155552671';

beforeEach(async () => {
  dexatel = await startDexatel();
  await openWindow(dexatel.db, dexatel.world, `+${SARAH}`);
});

afterEach(() => dexatel.close());

const send = (changes: object) => dexatel.api.call('POST', '/v1/messages', message(changes));
const blockers = () => `/v1/senders/${dexatel.world.sender.id}/blockers`;

/** A documented exchange; `<name>` in it stands for something of the test's world. */
function fixture(name: string): { request: object; response: object } {
  const file = path.join(__dirname, '..', '..', 'fixtures', 'dexatel', `${name}.json`);
  const filled = readFileSync(file, 'utf8')
    .replaceAll('<template>', dexatel.world.template.id)
    .replaceAll('<sender>', dexatel.world.sender.name);
  return JSON.parse(filled);
}

test.each(['message-text', 'message-template'])('the documented exchange %s', async (name) => {
  const { request, response } = fixture(name);
  const answer = await dexatel.api.call('POST', '/v1/messages', request);
  expect(answer).toMatchObject({ status: 201, body: response });
  const [sent] = answer.body.data;
  const again = await dexatel.api.call('GET', `/v1/messages/${sent.id}`);
  expect(again.body.data).toEqual(sent);
  expect(dexatel.api.signaled).toEqual([`sender/${dexatel.world.sender.id}`]);
});

test('types and buttons in upper case, as the documentation has them in places', async () => {
  const answer = await send({ type: 'TEXT', button_type: 'QUICK_REPLY', button_text: 'Yes' });
  expect(answer).toMatchObject({ status: 201, body: { data: [{ type: 'text' }] } });
});

test('the documented opt-out: nothing is sent until the number is taken off the list', async () => {
  await dexatel.api.call('POST', blockers(), { data: { number: SARAH } });
  expectError(await send({}), 400, 1530);
  const template = { type: undefined, text: undefined, template: dexatel.world.template.id };
  expectError(await send(template), 400, 1530);
  expect((await dexatel.api.call('DELETE', `${blockers()}/${SARAH}`)).status).toBe(204);
  expect((await send({})).status).toBe(201);
});

test('who stopped marketing alone gets other templates and answers', async () => {
  await dexatel.db
    .insertInto('blockers')
    .values({
      sender_id: dexatel.world.sender.id,
      phone: `+${SARAH}`,
      source: 'user_preferences',
      scope: 'marketing',
    })
    .execute();
  const template = { type: undefined, text: undefined, template: dexatel.world.template.id };
  expectError(await send(template), 400, 1530);
  await dexatel.db.updateTable('templates').set({ category: 'UTILITY' }).execute();
  expect((await send(template)).status).toBe(201);
  expect((await send({})).status).toBe(201);
});

async function stored(id: string): Promise<{ content: unknown; text: string | null }> {
  return dexatel.db
    .selectFrom('messages')
    .select(['content', 'text'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

const URL_ = 'https://cdn.example.com/a.jpg';
const reply = (header?: object) => ({
  type: 'interactive',
  ...(header && { header }),
  body: 'Hi Sarah!',
  action: { type: 'buttons', buttons: [{ id: 'Call me', title: 'Call me' }] },
});
const button = { button_type: 'quick_reply', button_text: 'Call me' };

test.each<[string, object, object, { type: string; url: string | null }]>([
  ['a text', {}, { type: 'text', body: 'Hi Sarah!' }, { type: 'text', url: null }],
  ['a text with a button', button, reply(), { type: 'text', url: null }],
  [
    'an image with a caption',
    { type: 'image', url: URL_ },
    { type: 'image', link: URL_, caption: 'Hi Sarah!' },
    { type: 'image', url: URL_ },
  ],
  [
    'a video that was uploaded',
    { type: 'video', media_id: '1234567890', text: null },
    { type: 'video', id: '1234567890' },
    { type: 'video', url: null },
  ],
  [
    'an image with a button',
    { type: 'image', url: URL_, ...button },
    reply({ type: 'image', link: URL_ }),
    { type: 'image', url: URL_ },
  ],
  [
    'a document',
    { type: 'document', url: URL_, filename: 'offer.pdf', text: undefined },
    { type: 'document', link: URL_, filename: 'offer.pdf' },
    { type: 'document', url: URL_ },
  ],
])('%s', async (_label, changes, content, shown) => {
  const { status, body } = await send(changes);
  expect(status).toBe(201);
  expect(body.data).toMatchObject([{ ...shown, status: 'sent', variables: [] }]);
  expect((await stored(body.data[0].id)).content).toEqual(content);
});

test('up to ten recipients, one result each; a number that is named twice gets it once', async () => {
  const numbers = Array.from({ length: 10 }, (_, n) => `1415555300${n}`);
  for (const number of numbers) await openWindow(dexatel.db, dexatel.world, `+${number}`);
  const { body } = await send({ to: numbers, payload: 'order 7' });
  expect(body.data.map(({ to }: { to: string[] }) => to)).toEqual(numbers.map((n) => [n]));
  expect(body.data.every(({ payload }: { payload: string }) => payload === 'order 7')).toBe(true);
  const twice = await send({ to: [SARAH, `+${SARAH}`, Number(SARAH)] });
  expect(twice.body.data).toHaveLength(1);
});

test('to all, or to nobody', async () => {
  await openWindow(dexatel.db, dexatel.world, '+14155553000');
  expectError(await send({ to: [SARAH, '14155559999'] }), 400, 1590);
  await dexatel.api.call('POST', blockers(), { data: { number: '14155553000' } });
  expectError(await send({ to: [SARAH, '14155553000'] }), 400, 1530);
  const { body } = await dexatel.api.call('GET', '/v1/messages');
  expect(body.pagination.total).toBe(0);
});

test('a template takes its values in the order of its placeholders, or by name', async () => {
  const { id } = dexatel.world.template;
  await dexatel.db
    .updateTable('templates')
    .set({
      body: 'Order {{order_id}} arrives {{eta}}.',
      placeholders: ['order_id', 'eta'],
      header: json({ format: 'image', media: null }),
      buttons: json([{ type: 'url', text: 'Track', url: 'https://x.example/{{1}}' }]),
    })
    .where('id', '=', id)
    .execute();
  const template = { type: undefined, text: undefined, template: id, url: URL_ };
  const byOrder = await send({ ...template, variables: ['A-1', 'Friday', 'a1'] });
  expect(byOrder.body.data).toMatchObject([
    {
      text: 'Order A-1 arrives Friday.',
      type: 'template',
      template_id: id,
      variables: ['A-1', 'Friday', 'a1'],
      links: { template: `/v1/templates/${id}` },
    },
  ]);
  const byName = await send({
    ...template,
    variables: { eta: 'Friday', order_id: 'A-1', button_1: 'a1' },
  });
  const [first, second] = [byOrder, byName].map(({ body }) => body.data[0].id);
  expect((await stored(second)).content).toEqual((await stored(first)).content);
  expect((await stored(first)).content).toMatchObject({
    name: 'spring_sale',
    components: [{ type: 'header', parameters: [{ type: 'image', link: URL_ }] }, {}, {}],
  });
  expectError(await send({ ...template, variables: ['A-1'] }), 400, 1514);
  expectError(await send({ ...template, url: null, variables: ['A', 'B', 'C'] }), 400, 1532);
  const long = await send({ ...template, variables: ['A', 'x'.repeat(71), 'C'] });
  expectError(long, 400, 1526);
  expectError(await send({ ...template, variables: ['A', 'x\ny', 'C'] }), 400, 400);
  await dexatel.db
    .updateTable('templates')
    .set({ header: json({ format: 'location' }) })
    .execute();
  expectError(await send({ ...template, variables: ['A', 'B', 'C'] }), 400, 400);
});

test('a template that is not approved, and one of another channel', async () => {
  const template = { type: undefined, text: undefined, template: dexatel.world.template.id };
  await dexatel.db.updateTable('templates').set({ status: 'paused' }).execute();
  expectError(await send(template), 400, 1513);
  await dexatel.db.updateTable('templates').set({ status: 'approved', channel: 'SMS' }).execute();
  expectError(await send(template), 400, 1513);
});

test('a deleted message is gone, and never sent if it waited', async () => {
  const { id } = (await send({})).body.data[0];
  const at = `/v1/messages/${id}`;
  expect((await dexatel.api.call('DELETE', at)).status).toBe(204);
  expectError(await dexatel.api.call('GET', at), 404, 1501);
  expectError(await dexatel.api.call('DELETE', at), 404, 1501);
  expect(await dexatel.db.selectFrom('send_queue').selectAll().execute()).toEqual([]);
  expect((await dexatel.api.call('GET', '/v1/messages')).body.data).toEqual([]);
});

test("another account's key finds and sends nothing", async () => {
  const { id } = (await send({})).body.data[0];
  expectError(await dexatel.foreign.call('GET', `/v1/messages/${id}`), 404, 1501);
  expectError(await dexatel.foreign.call('DELETE', `/v1/messages/${id}`), 404, 1501);
  expect((await dexatel.foreign.call('GET', '/v1/messages')).body.data).toEqual([]);
  expectError(await dexatel.foreign.call('POST', '/v1/messages', message({})), 400, 1505);
});

test('a repeated POST with its Idempotency-Key is one message', async () => {
  const key = { 'Idempotency-Key': 'order-7' };
  const first = await dexatel.api.call('POST', '/v1/messages', message({}), key);
  const again = await dexatel.api.call('POST', '/v1/messages', message({}), key);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  const other = await dexatel.api.call('POST', '/v1/messages', message({ text: 'x' }), key);
  expectError(other, 409, 409);
  expect((await dexatel.api.call('GET', '/v1/messages')).body.pagination.total).toBe(1);
});

test('what a campaign sent is read under the name that webhooks give it', async () => {
  const { db, world, api, foreign } = dexatel;
  const { id: contact_id } = await db
    .selectFrom('contacts')
    .select('id')
    .where('phone', '=', '+15550100001')
    .executeTakeFirstOrThrow();
  const at = new Date('2026-03-01T13:00:00Z');
  await db
    .insertInto('recipients')
    .values({
      campaign_id: world.campaign.id,
      position: 7,
      contact_id,
      phone: '+15550100001',
      state: 'failed',
      reason: '131026',
      attempts: 1,
      first_attempt_at: at,
      attempt_at: at,
      status_at: new Date('2026-03-01T13:00:05Z'),
    })
    .execute();
  const path = `/v1/messages/c.${world.campaign.id}.7`;
  const { status, body } = await api.call('GET', path);
  expect(status).toBe(200);
  expect(body.data).toMatchObject({
    id: `c.${world.campaign.id}.7`,
    account_id: world.accountId,
    text: expect.stringMatching(/./),
    from: 'MyBusiness',
    to: ['15550100001'],
    status: 'failed',
    type: 'template',
    template_id: world.template.id,
    create_date: '2026-03-01 13:00:00',
    update_date: '2026-03-01 13:00:05',
    direction: 'MT',
    links: { self: path },
    error_code: 131026,
  });
  const skipped = async (reason: string) => {
    await db.updateTable('recipients').set({ state: 'skipped', reason }).execute();
    return (await api.call('GET', path)).body.data.status;
  };
  expect(await skipped('blocked')).toBe('unsubscribed');
  expect(await skipped('missing_variable')).toBe('failed');
  const direct = await send({});
  expect(Object.keys(body.data)).toEqual(Object.keys(direct.body.data[0]));
  expectError(await api.call('GET', `/v1/messages/c.${world.campaign.id}.8`), 404, 1501);
  expectError(await foreign.call('GET', path), 404, 1501);
  expectError(await api.call('GET', '/v1/messages/c.7'), 400, 1502);
});
