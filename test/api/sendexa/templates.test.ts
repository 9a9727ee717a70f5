import { startApi, type TestApi } from '../../support/api';
import { buildWorld } from '../../support/build';
import { basic, expectError, startSendexa, type SendexaWorld } from '../../support/sendexa';

const TEMPLATES = '/v1/whatsapp/templates';

let sendexa: SendexaWorld;

beforeAll(async () => {
  sendexa = await startSendexa();
});

afterAll(() => sendexa.close());

const order = {
  name: 'order_update',
  category: 'UTILITY',
  language: 'en_US',
  components: [
    { type: 'HEADER', format: 'TEXT', text: 'Your order' },
    {
      type: 'BODY',
      text: 'Hi {{1}}, your order {{2}} is on its way.',
      example: { body_text: [['Kofi', '17']] },
    },
    { type: 'FOOTER', text: 'Sendexa' },
    { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Track', url: 'https://a.example/track' }] },
  ],
};

const approve = (name: string) =>
  sendexa.db
    .updateTable('templates')
    .set({ status: 'approved' })
    .where('name', '=', name)
    .execute();

test('a template is created, reviewed, read and deleted', async () => {
  const created = await sendexa.call('POST', TEMPLATES, order);
  expect(created).toMatchObject({
    status: 201,
    body: { success: true, message: 'Template submitted for review' },
  });
  const { data } = created.body;
  expect(data).toEqual({
    id: expect.stringMatching(/^tpl_wa_[0-9a-f]{32}$/),
    name: 'order_update',
    status: 'PENDING',
    category: 'UTILITY',
    language: 'en_US',
    components: order.components,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    reason: null,
    quality: null,
  });
  const one = `${TEMPLATES}/${data.id}`;
  expect((await sendexa.call('GET', one)).body).toEqual({ success: true, data });
  expectError(await sendexa.call('DELETE', one), 409, 'TEMPLATE_IN_REVIEW');
  await approve('order_update');
  const gone = await sendexa.call('DELETE', one);
  expect(gone).toMatchObject({ status: 200, body: { data: { id: data.id, name: data.name } } });
  expectError(await sendexa.call('GET', one), 404, 'TEMPLATE_NOT_FOUND');
  expectError(await sendexa.call('DELETE', one), 404, 'TEMPLATE_NOT_FOUND');
});

test('the list has pages and filters', async () => {
  for (const [index, language] of ['en', 'de', 'fr'].entries()) {
    const category = index === 0 ? 'MARKETING' : 'UTILITY';
    const body = { ...order, name: 'listed', language, category };
    expect((await sendexa.call('POST', TEMPLATES, body)).status).toBe(201);
  }
  const list = async (query: string) =>
    (await sendexa.call('GET', `${TEMPLATES}?name=listed&${query}`)).body.data;
  const languages = ({ templates }: { templates: { language: string }[] }) =>
    templates.map(({ language }) => language);
  expect(await list('')).toMatchObject({ total: 3, page: 1, pageSize: 20 });
  const second = await list('page=2&pageSize=2');
  expect(second).toMatchObject({ total: 3, page: 2, pageSize: 2 });
  expect(languages(second)).toEqual(['en']);
  expect(languages(await list('language=de'))).toEqual(['de']);
  expect(languages(await list('category=MARKETING'))).toEqual(['en']);
  expect(await list('status=pending')).toMatchObject({ total: 3 });
  expect(await list('status=APPROVED')).toMatchObject({ total: 0, templates: [] });
});

test.each([
  ['page=0', 'page'],
  ['page=x', 'page'],
  ['pageSize=0', 'pageSize'],
  ['pageSize=101', 'pageSize'],
  ['status=DONE', 'status'],
  ['category=NEWS', 'category'],
])('the list refuses %s', async (query, field) => {
  const answer = await sendexa.call('GET', `${TEMPLATES}?${query}`);
  expectError(answer, 400, 'INVALID_PARAMETERS');
  expect(answer.body.message).toContain(field);
});

test('a name is taken once per language', async () => {
  const body = { ...order, name: 'taken' };
  expect((await sendexa.call('POST', TEMPLATES, body)).status).toBe(201);
  expectError(await sendexa.call('POST', TEMPLATES, body), 409, 'TEMPLATE_EXISTS');
  expect((await sendexa.call('POST', TEMPLATES, { ...body, language: 'de' })).status).toBe(201);
});

const x = (length: number) => 'x'.repeat(length);
const body = (text: string) => ({ components: [{ type: 'BODY', text }] });

/** label, changes of a good request */
test.each<[string, object]>([
  ['no name', { name: undefined }],
  ['a name in capitals', { name: 'Order_Update' }],
  ['a name of 513 characters', { name: x(513) }],
  ['an unknown category', { category: 'NEWS' }],
  ['no language', { language: undefined }],
  ['a language that is none', { language: 'English' }],
  ['no components', { components: [] }],
  ['an unknown component', { components: [{ type: 'TAIL' }] }],
  ['no body', { components: [{ type: 'FOOTER', text: 'x' }] }],
  ['a body of 1,025 characters', body(x(1025))],
  ['placeholders with gaps', body('{{1}} and {{3}}')],
  ['two bodies', { components: [...body('a').components, ...body('b').components] }],
  [
    'a footer of 61 characters',
    { components: [...body('a').components, { type: 'FOOTER', text: x(61) }] },
  ],
  [
    'a button text of 26 characters',
    {
      components: [
        ...body('a').components,
        { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: x(26) }] },
      ],
    },
  ],
])('a template with %s is INVALID_PARAMETERS', async (_label, changes) => {
  const given = { ...order, name: 'refused', ...changes };
  expectError(await sendexa.call('POST', TEMPLATES, given), 400, 'INVALID_PARAMETERS');
});

describe('another account', () => {
  let foreign: TestApi;

  beforeAll(async () => {
    const { accountId } = await buildWorld(sendexa.db, { recipients: 0 });
    foreign = await startApi(sendexa.db, { accountId });
  });

  afterAll(() => foreign.close());

  test('does not see the template', async () => {
    const { body: created } = await sendexa.call('POST', TEMPLATES, { ...order, name: 'mine' });
    const call = basic(foreign, foreign.key);
    const one = `${TEMPLATES}/${created.data.id}`;
    expectError(await call('GET', one), 404, 'TEMPLATE_NOT_FOUND');
    expectError(await call('DELETE', one), 404, 'TEMPLATE_NOT_FOUND');
    expect((await call('GET', `${TEMPLATES}?name=mine`)).body.data.total).toBe(0);
  });
});

test.each(['x', 'tpl_wa_1', 'tpl_wa_x', '%00'])('there is no template %p', async (id) => {
  expectError(await sendexa.call('GET', `${TEMPLATES}/${id}`), 404, 'TEMPLATE_NOT_FOUND');
});
