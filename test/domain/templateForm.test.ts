import { templateContent } from '../../domain/template';
import { headerValue, templateForm, variablesOf } from '../../domain/templateForm';
import type { TemplateParts } from '../../domain/templateParts';

const parts = (changes: Partial<TemplateParts>): TemplateParts => ({
  header: null,
  body: 'Hello!',
  footer: null,
  buttons: [],
  ...changes,
});

const link = { type: 'url', text: 'Track', url: 'https://shop.example/t/{{1}}' } as const;
const home = { type: 'url', text: 'Shop', url: 'https://shop.example' } as const;

const oneTimeCode: Partial<TemplateParts> = {
  body: '{{1}} is your code',
  buttons: [
    {
      type: 'otp',
      otpType: 'copy_code',
      apps: [],
      securityRecommendation: false,
      expirationMinutes: null,
    },
  ],
};

/** label, parts, the values that a message brings */
const VARIABLES: [string, Partial<TemplateParts>, string[]][] = [
  ['nothing to fill', {}, []],
  ['a body by position, in whatever order', { body: '{{2}}, {{1}} and {{10}}' }, ['1', '2', '10']],
  ['a body by name', { body: 'Hi {{name}}, order {{id}}, {{name}}' }, ['name', 'id']],
  [
    'a header by position',
    { header: { format: 'text', text: 'Sale {{1}}' }, body: '{{1}}' },
    ['1', 'header'],
  ],
  [
    'a header by name',
    { header: { format: 'text', text: 'Sale {{day}}' }, body: 'Hi {{name}}' },
    ['name', 'day'],
  ],
  [
    'one name in two places',
    { header: { format: 'text', text: '{{name}}' }, body: 'Hi {{name}}' },
    ['name'],
  ],
  [
    'a header alone, by name',
    { header: { format: 'text', text: '{{day}}' }, body: 'Sale' },
    ['day'],
  ],
  [
    'buttons, counted from one',
    { body: '{{1}}', buttons: [home, link, { type: 'copy_code' }] },
    ['1', 'button_2', 'button_3'],
  ],
  ['a one-time code, once', oneTimeCode, ['1']],
];

test.each(VARIABLES)('the variables of %s', (_label, changes, names) => {
  expect(variablesOf(parts(changes))).toEqual(names);
});

const named = { name: 'sale', language: 'en_US' };

test('every value goes where its placeholder is', () => {
  const template = parts({
    header: { format: 'text', text: 'Sale {{1}}' },
    body: '{{2}} {{1}}',
    buttons: [home, link, { type: 'copy_code' }, { type: 'quick_reply', text: 'Stop' }],
  });
  const form = templateForm({ ...template, ...named }, null);
  expect(templateContent(form, ['Ada', 'Bob', 'today', 'x1', 'CODE']).components).toEqual([
    { type: 'header', parameters: [{ type: 'text', text: 'today' }] },
    {
      type: 'body',
      parameters: [
        { type: 'text', text: 'Ada' },
        { type: 'text', text: 'Bob' },
      ],
    },
    { type: 'button', subType: 'url', index: 1, parameters: [{ type: 'text', text: 'x1' }] },
    {
      type: 'button',
      subType: 'copy_code',
      index: 2,
      parameters: [{ type: 'coupon_code', code: 'CODE' }],
    },
  ]);
});

test('named values carry their names in header and body, never behind buttons', () => {
  const template = parts({
    header: { format: 'text', text: 'Hi {{name}}' },
    body: 'Order {{id}} of {{name}}',
    buttons: [link],
  });
  const form = templateForm({ ...template, ...named }, null);
  expect(form.parameterFormat).toBe('named');
  expect(templateContent(form, ['7', 'Ada', 'x']).components).toEqual([
    { type: 'header', parameters: [{ type: 'text', text: 'Ada', name: 'name' }] },
    {
      type: 'body',
      parameters: [
        { type: 'text', text: '7', name: 'id' },
        { type: 'text', text: 'Ada', name: 'name' },
      ],
    },
    { type: 'button', subType: 'url', index: 0, parameters: [{ type: 'text', text: 'x' }] },
  ]);
});

test('a form survives storage as JSON', () => {
  const template = parts({ header: { format: 'image', media: null }, body: '{{1}}' });
  const header = { type: 'image', link: 'https://x.example/a.png' } as const;
  const form = templateForm({ ...template, ...named }, header);
  expect(JSON.parse(JSON.stringify(form))).toEqual(form);
  expect(templateContent(form, ['Ada']).components).toEqual([
    { type: 'header', parameters: [header] },
    { type: 'body', parameters: [{ type: 'text', text: 'Ada' }] },
  ]);
});

test('a flow button opens its flow, and a one-time code goes behind its button', () => {
  const flow = templateForm(
    { ...parts({ buttons: [{ type: 'flow', text: 'Book', flowId: '1' }] }), ...named },
    null,
  );
  expect(templateContent(flow, []).components).toEqual([
    { type: 'button', subType: 'flow', index: 0, parameters: [{ type: 'flow' }] },
  ]);
  const code = templateForm({ ...parts(oneTimeCode), ...named }, null);
  expect(templateContent(code, ['123456']).components).toEqual([
    { type: 'body', parameters: [{ type: 'text', text: '123456' }] },
    { type: 'button', subType: 'url', index: 0, parameters: [{ type: 'text', text: '123456' }] },
  ]);
});

describe('the header of a message', () => {
  const image = { format: 'image', media: { link: 'https://x.example/own.png' } } as const;
  const document = { format: 'document', media: { id: '7', filename: 'terms' } } as const;
  const place = { latitude: 6.5, longitude: 3.4, name: 'Shop' };

  test('is the template’s own, or what was given instead', () => {
    expect(headerValue(null, null)).toBeNull();
    expect(headerValue({ format: 'text', text: 'Hi' }, { link: 'https://x.example' })).toBeNull();
    expect(headerValue(image, null)).toEqual({ type: 'image', link: 'https://x.example/own.png' });
    expect(headerValue(image, { id: '9', filename: 'a' })).toEqual({ type: 'image', id: '9' });
    expect(headerValue(document, null)).toEqual({ type: 'document', id: '7', filename: 'terms' });
    expect(headerValue({ format: 'location' }, place)).toEqual({ type: 'location', ...place });
  });

  test.each([
    [{ format: 'video', media: null } as const, null, 'template_header_required'],
    [{ format: 'location' } as const, null, 'template_header_required'],
    [{ format: 'location' } as const, { link: 'https://x.example' }, 'template_header_invalid'],
    [image, place, 'template_header_invalid'],
  ])('%j cannot show %j', (header, given, code) => {
    expect(() => headerValue(header, given)).toThrow(expect.objectContaining({ code }));
  });
});
