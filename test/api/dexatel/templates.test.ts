import {
  campaign,
  expectError,
  startDexatel,
  template,
  type DexatelWorld,
} from '../../support/dexatel';

let dexatel: DexatelWorld;

beforeAll(async () => {
  dexatel = await startDexatel();
});

afterAll(() => dexatel.close());

const create = (changes: object) => dexatel.api.call('POST', '/v1/templates', template(changes));

const image = { type: 'image', url: 'https://cdn.example/a.jpg' };
const document = { type: 'document', url: 'https://cdn.example/a.pdf', filename: 'terms' };
const link = { button_type: 'LINK', button_text: 'Shop', button_value: 'https://shop.example' };

/** label, fields of the request, fields of the answer beside those */
const GOOD: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['plain', { type: 'TEXT' }, { type: 'text', url: null, button_type: null, buttons: [] }],
  ['with an image', image, { placeholders: [] }],
  ['with an uploaded video', { type: 'VIDEO', media_id: '1234' }, { type: 'video', url: null }],
  ['with a document', document, {}],
  ['with a link that tells nothing of the file', { ...image, url: 'https://cdn.example/a' }, {}],
  ['with a link', link, { buttons: [link] }],
  [
    'with a link that ends in a value',
    { ...link, button_value: 'https://shop.example/{{1}}', text: 'Hi {{1}}' },
    { placeholders: ['1', 'button_1'] },
  ],
  [
    'with a number',
    { button_type: 'phone_call', button_text: 'Call', button_value: '+15550051310' },
    { button_type: 'PHONE_CALL' },
  ],
  [
    'with a quick reply',
    { button_type: 'quick_reply', button_text: 'Yes' },
    { button_type: 'QUICK_REPLY', button_value: null },
  ],
  [
    'with our own parts',
    {
      header: 'On {{day}}',
      footer: 'Reply STOP to opt out.',
      text: 'Hi {{first_name}}',
      language: 'pt_BR',
      buttons: [{ button_type: 'QUICK_REPLY', button_text: 'Yes' }, { button_type: 'COPY_CODE' }],
      examples: { first_name: 'Ann', day: 'Monday' },
    },
    {
      placeholders: ['first_name', 'day', 'button_2'],
      buttons: [
        { button_type: 'QUICK_REPLY', button_text: 'Yes', button_value: null },
        { button_type: 'COPY_CODE', button_text: null, button_value: null },
      ],
    },
  ],
  ['with a place', { type: 'location' }, { type: 'location' }],
];

test.each(GOOD)('a template %s', async (label, fields, shown) => {
  const name = label.replaceAll(/[^a-z]+/g, '_');
  const answer = await create({ name, ...fields });
  expect([label, answer.status]).toEqual([label, 201]);
  const lowered = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      key === 'type' ? String(value).toLowerCase() : value,
    ]),
  );
  expect(answer.body.data).toMatchObject({ ...lowered, ...shown, name, status: 'IN_PROCESS' });
  const again = await dexatel.api.call('GET', `/v1/templates/${answer.body.data.id}`);
  expect(again.body.data).toEqual(answer.body.data);
});

const buttons = (count: number, button: object) => ({ buttons: Array(count).fill(button) });
const long = (length: number) => 'x'.repeat(length);

/** label, fields of the request, code */
const BAD: [string, Record<string, unknown>, number][] = [
  ['an unknown type', { type: 'AUDIO' }, 400],
  ['an image from nowhere', { type: 'image' }, 1264],
  ['an image with an empty url', { type: 'image', url: '', media_id: '' }, 1264],
  ['a url of 2084', { ...image, url: `https://a.example/${long(2066)}` }, 1265],
  ['a url without encryption', { ...image, url: 'http://cdn.example/a.jpg' }, 1266],
  ['a url that is none', { ...image, url: 'a.jpg' }, 1266],
  ['a url with a blank', { ...image, url: 'https://cdn.example/a b.jpg' }, 1266],
  ['a url of another type', { ...image, url: 7 }, 1266],
  ['a document without a name', { ...document, filename: undefined }, 1267],
  ['a file name of 26', { ...document, filename: long(26) }, 1268],
  ['a file name with a dot', { ...document, filename: 'terms.pdf' }, 1269],
  ['an image that is none', { ...image, url: 'https://cdn.example/a.gif' }, 1275],
  ['a video that is none', { ...image, type: 'video' }, 1276],
  ['a document that is none', { ...document, url: 'https://cdn.example/a.docx?v=.pdf' }, 1277],
  ['a button without text', { ...link, button_text: '' }, 1272],
  ['a button text of 21', { ...link, button_text: long(21) }, 1274],
  ['a link that leads nowhere', { ...link, button_value: 'shop' }, 1273],
  ['a link without a target', { ...link, button_value: undefined }, 1273],
  ['a number that is none', { ...link, button_type: 'PHONE_CALL' }, 1273],
  ['an unknown button', { ...link, button_type: 'DANCE' }, 400],
  ['a button of no type', { button_text: 'Go' }, 400],
  ['eleven buttons', buttons(11, { button_type: 'QUICK_REPLY', button_text: 'Yes' }), 400],
  ['three links', buttons(3, link), 400],
  ['a header of 61', { header: long(61) }, 400],
  ['a footer of 61', { footer: long(61) }, 400],
  ['values by number with gaps', { text: '{{1}} {{3}}' }, 1255],
  ['upper case values', { text: '{{Name}}' }, 1255],
  ['an unknown language', { language: 'English' }, 400],
  ['a link in a one-time code', { wa_category: 'AUTHENTICATION', text: '{{1}}', ...link }, 400],
];

test.each(BAD)('a template with %s is refused', async (_label, fields, code) => {
  expectError(await create({ name: 'refused', ...fields }), 400, code);
});

test('filters of the list', async () => {
  await create({ name: 'listed', language: 'de' });
  const named = await dexatel.api.call('GET', '/v1/templates?filter[name]=listed');
  expect(named.body).toMatchObject({
    data: [{ name: 'listed', language: 'de' }],
    pagination: { total: 1 },
  });
  const none = await dexatel.api.call(
    'GET',
    '/v1/templates?filter[name]=listed&filter[status]=COMPLETED',
  );
  expect(none.body.data).toEqual([]);
});

describe('a campaign', () => {
  /** A template that was reviewed. */
  async function approved(fields: object): Promise<string> {
    const { id } = (await create(fields)).body.data;
    await dexatel.db
      .updateTable('templates')
      .set({ status: 'approved' })
      .where('id', '=', id)
      .execute();
    return id;
  }

  const start = (fields: object) =>
    dexatel.api.call(
      'POST',
      '/v1/campaigns',
      campaign(dexatel.world, { name: undefined, ...fields }),
    );

  test('shows the template’s own media, or what it brings itself', async () => {
    const id = await approved({ ...image, name: 'with_own_image' });
    expect((await start({ template: id })).body.data.header).toBeNull();
    const header = { url: 'https://cdn.example/other.jpg' };
    const own = await start({ template: id, header });
    expect(own.body.data.header).toEqual({ type: 'image', ...header });
    const copy = await dexatel.api.call('POST', `/v1/campaigns/${own.body.data.id}/duplicate`);
    expect(copy.body.data.header).toEqual({ type: 'image', ...header });
    const place = { latitude: 6.5, longitude: 3.4 };
    expectError(await start({ template: id, header: place }), 400, 400);
    expectError(await start({ template: id, header: {} }), 400, 400);
  });

  test('must bring the place that its template shows', async () => {
    const id = await approved({ type: 'location', name: 'with_place' });
    expectError(await start({ template: id }), 400, 1532);
    const place = { latitude: 6.5, longitude: 3.4, name: 'Shop' };
    const shown = await start({ template: id, header: place });
    expect(shown.body.data.header).toEqual({ type: 'location', ...place });
  });

  test('is refused when a value that all recipients get cannot be sent', async () => {
    const id = await approved({ name: 'with_values', text: '{{first_name}} {{city}}' });
    const variables = { first_name: '{first_name}' };
    const answer = (city: string) => start({ template: id, variables: { ...variables, city } });
    expectError(await answer(' '), 400, 1514);
    expectError(await answer('a\nb'), 400, 400);
    expectError(await answer('x'.repeat(1024)), 400, 1526);
    expect((await answer('{city}')).status).toBe(201);
    expect((await start({ template: id })).status).toBe(201);
  });
});
