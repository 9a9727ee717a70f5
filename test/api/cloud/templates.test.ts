import type { Db } from '../../../db/connect';
import { startApi, type TestApi } from '../../support/api';
import { buildWorld, type World } from '../../support/build';
import { callers } from '../../support/cloud';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
let db: Db;
let world: World;
let api: TestApi;
let d360: ReturnType<typeof callers>['d360'];
let meta: ReturnType<typeof callers>['meta'];

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});

afterAll(() => database.drop());

beforeEach(async () => {
  world = await buildWorld(db, { recipients: 0 });
  api = await startApi(db, { accountId: world.accountId });
  ({ d360, meta } = callers(api, api.key));
});

afterEach(() => api.close());

const WABA = '/2000001/message_templates';

const order = (changes: object = {}) => ({
  name: 'order_update',
  language: 'en_US',
  category: 'UTILITY',
  components: [
    { type: 'HEADER', format: 'TEXT', text: 'Order {{1}}', example: { header_text: ['7'] } },
    { type: 'BODY', text: 'It arrives {{1}}.', example: { body_text: [['today']] } },
    { type: 'FOOTER', text: 'Thank you' },
    { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Stop' }] },
  ],
  ...changes,
});

test('a template is made at Meta’s place, read, listed and deleted', async () => {
  const made = await meta('POST', WABA, order());
  expect(made).toMatchObject({
    status: 200,
    body: { id: expect.any(String), status: 'PENDING', category: 'UTILITY' },
  });
  const read = await meta('GET', `/${made.body.id}`);
  expect(read.body).toEqual({
    id: made.body.id,
    ...order(),
    status: 'PENDING',
    parameter_format: 'POSITIONAL',
    quality_score: { score: 'UNKNOWN' },
    rejected_reason: 'NONE',
  });
  const list = await meta('GET', `${WABA}?name=order_update`);
  expect(list.body.data).toEqual([read.body]);
  await meta('POST', WABA, order({ language: 'de' }));
  const one = await meta('DELETE', `${WABA}?name=order_update&hsm_id=${made.body.id}`);
  expect(one.body).toEqual({ success: true });
  const left = await meta('GET', `${WABA}?name=order_update`);
  expect(left.body.data.map(({ language }: { language: string }) => language)).toEqual(['de']);
  await meta('DELETE', `${WABA}?name=order_update`);
  const gone = await meta('DELETE', `${WABA}?name=order_update`);
  expect(gone).toMatchObject({ status: 400, body: { error: { code: 100, error_subcode: 33 } } });
});

test('a template is made at 360dialog’s place, listed and deleted', async () => {
  const made = await d360('POST', '/v1/configs/templates', order());
  expect(made).toMatchObject({
    status: 201,
    body: { id: expect.any(String), external_id: null, status: 'pending', name: 'order_update' },
  });
  const list = await d360('GET', '/v1/configs/templates?status=pending');
  expect(list.body).toEqual({
    count: 1,
    limit: 25,
    offset: 0,
    total: 1,
    waba_templates: [made.body],
  });
  const gone = await d360('DELETE', '/v1/configs/templates/order_update');
  expect(gone.body).toEqual({ success: true });
  await d360('POST', '/v1/configs/templates', order({ name: 'other' }));
  expect((await d360('DELETE', '/message_templates?name=other')).body).toEqual({ success: true });
});

test('lists have pages at either place', async () => {
  for (const name of ['a', 'b', 'c']) await d360('POST', '/v1/configs/templates', order({ name }));
  const names = (rows: { name: string }[]) => rows.map(({ name }) => name);
  const first = await meta('GET', `${WABA}?limit=2&status=PENDING`);
  expect(names(first.body.data)).toEqual(['c', 'b']);
  const { after } = first.body.paging.cursors;
  const second = await meta('GET', `${WABA}?limit=2&status=PENDING&after=${after}`);
  expect(names(second.body.data)).toEqual(['a']);
  expect(second.body.paging).not.toHaveProperty('next');
  const third = await d360('GET', '/v1/configs/templates?limit=1&offset=1&status=pending');
  expect(third.body).toMatchObject({ count: 1, total: 3, waba_templates: [{ name: 'b' }] });
});

test.each([
  [order({ components: [] }), 'components'],
  [order({ category: 'NEWS' }), 'category'],
  [order({ name: 'No Capitals' }), 'name'],
  [order({ language: 'english' }), 'language'],
  [order({ components: [{ type: 'CAROUSEL' }] }), 'components'],
  [order({ components: [{ type: 'BODY', text: 'x'.repeat(1025) }] }), '1024'],
  [{ name: 'x' }, 'language'],
  [[], ''],
])('%j is no template', async (body, says) => {
  for (const answer of [
    await meta('POST', WABA, body),
    await d360('POST', '/v1/configs/templates', body),
  ]) {
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100 } } });
    expect(answer.body.error.message).toContain(says);
  }
});

test('a name is taken once per language', async () => {
  await meta('POST', WABA, order());
  expect(await meta('POST', WABA, order())).toMatchObject({
    status: 400,
    body: { error: { code: 100, message: expect.stringContaining('exists') } },
  });
});

test.each([`${WABA}?status=odd`, `${WABA}?limit=-1`, `${WABA}?after=odd`])(
  'no list of %s',
  async (path) => {
    expect((await meta('GET', path)).status).toBe(400);
  },
);

test('there is no account, and nothing to delete without a name', async () => {
  expect((await meta('GET', '/99/message_templates')).status).toBe(400);
  expect((await meta('DELETE', WABA)).status).toBe(400);
  expect((await d360('DELETE', '/message_templates')).status).toBe(400);
});

test.each([
  ['POST', '/%C2%84/0/messages'],
  ['POST', '/v24/1001/messages'],
  ['POST', '/%ZZ/0/messages'],
  ['GET', '/x/1/message_templates'],
  ['GET', '/x/1'],
  ['DELETE', '/v24.0x/1'],
])('%s %s is refused in Meta’s form', async (method, path) => {
  const answer = await api.call(method, path, undefined, { 'X-Dexatel-Key': '' });
  expect([400, 404]).toContain(answer.status);
  expect(answer.body).toMatchObject({
    error: { code: expect.any(Number), type: 'OAuthException' },
  });
});

test('what looks like nobody’s is still refused as before', async () => {
  expect((await api.call('GET', '/v1/nothing')).body).toHaveProperty('errors');
  expect((await api.call('GET', '/v1/nothing/at/all')).body).toHaveProperty('errors');
});
