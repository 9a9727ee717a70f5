import type { Examples } from '../../domain/templateForm';
import type { TemplateParts } from '../../domain/templateParts';
import { templateBody } from '../../wire/cloudApi';
import { templateComponents } from '../../wire/templateComponents';
import { readTemplateComponents } from '../../wire/templateReading';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const parts = (changes: Partial<TemplateParts>): TemplateParts => ({
  header: null,
  body: 'Hello!',
  footer: null,
  buttons: [],
  ...changes,
});

const app = { packageName: 'com.example', signatureHash: 'K8a/AINcGX7' };
const securityText = 'For your security, do not share this code.';

/** label, template, examples, its components as the provider takes them */
const COMPONENTS: [string, TemplateParts, Examples, object[]][] = [
  ['a body alone', parts({}), {}, [{ type: 'BODY', text: 'Hello!' }]],
  [
    'positional values',
    parts({ header: { format: 'text', text: 'Our {{1}} is on!' }, body: '{{2}} of {{1}}' }),
    { header: 'Sale', 1: 'Ann', 2: '7' },
    [
      {
        type: 'HEADER',
        format: 'TEXT',
        text: 'Our {{1}} is on!',
        example: { header_text: ['Sale'] },
      },
      { type: 'BODY', text: '{{2}} of {{1}}', example: { body_text: [['Ann', '7']] } },
    ],
  ],
  [
    'named values',
    parts({ header: { format: 'text', text: 'On {{day}}' }, body: 'Hi {{name}}', footer: 'Bye' }),
    { day: 'Monday', name: 'Ann' },
    [
      {
        type: 'HEADER',
        format: 'TEXT',
        text: 'On {{day}}',
        example: { header_text_named_params: [{ param_name: 'day', example: 'Monday' }] },
      },
      {
        type: 'BODY',
        text: 'Hi {{name}}',
        example: { body_text_named_params: [{ param_name: 'name', example: 'Ann' }] },
      },
      { type: 'FOOTER', text: 'Bye' },
    ],
  ],
  [
    'a carousel',
    parts({
      body: 'Hi {{1}}',
      cards: [
        {
          header: { format: 'image', media: null, handle: '4::aW' },
          body: 'Only {{1}}',
          buttons: [
            { type: 'quick_reply', text: 'More' },
            { type: 'url', text: 'Buy', url: 'https://x.example/{{1}}' },
          ],
        },
        { header: { format: 'image', media: null, handle: '4::bX' }, body: '', buttons: [] },
      ],
    }),
    { 1: 'Ann', card_1_1: '5', card_1_button_2: 'abc' },
    [
      { type: 'BODY', text: 'Hi {{1}}', example: { body_text: [['Ann']] } },
      {
        type: 'CAROUSEL',
        cards: [
          {
            components: [
              { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::aW'] } },
              { type: 'BODY', text: 'Only {{1}}', example: { body_text: [['5']] } },
              {
                type: 'BUTTONS',
                buttons: [
                  { type: 'QUICK_REPLY', text: 'More' },
                  {
                    type: 'URL',
                    text: 'Buy',
                    url: 'https://x.example/{{1}}',
                    example: ['https://x.example/abc'],
                  },
                ],
              },
            ],
          },
          {
            components: [
              { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::bX'] } },
            ],
          },
        ],
      },
    ],
  ],
  [
    'a file that was uploaded for the review',
    parts({ header: { format: 'document', media: null, handle: '4::aW' } }),
    {},
    [
      { type: 'HEADER', format: 'DOCUMENT', example: { header_handle: ['4::aW'] } },
      { type: 'BODY', text: 'Hello!' },
    ],
  ],
  [
    'a place',
    parts({ header: { format: 'location' } }),
    {},
    [
      { type: 'HEADER', format: 'LOCATION' },
      { type: 'BODY', text: 'Hello!' },
    ],
  ],
  [
    'buttons of all kinds',
    parts({
      buttons: [
        { type: 'quick_reply', text: 'Stop' },
        { type: 'url', text: 'Shop', url: 'https://shop.example' },
        { type: 'url', text: 'Track', url: 'https://shop.example/t/{{1}}' },
        { type: 'phone_number', text: 'Call', phoneNumber: '+15550051310' },
        { type: 'copy_code' },
        { type: 'flow', text: 'Book', flowId: '12', action: 'navigate', screen: 'FIRST' },
      ],
    }),
    { button_3: 'abc', button_5: 'SALE25' },
    [
      { type: 'BODY', text: 'Hello!' },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'Stop' },
          { type: 'URL', text: 'Shop', url: 'https://shop.example' },
          {
            type: 'URL',
            text: 'Track',
            url: 'https://shop.example/t/{{1}}',
            example: ['https://shop.example/t/abc'],
          },
          { type: 'PHONE_NUMBER', text: 'Call', phone_number: '+15550051310' },
          { type: 'COPY_CODE', example: 'SALE25' },
          {
            type: 'FLOW',
            text: 'Book',
            flow_id: '12',
            flow_action: 'navigate',
            navigate_screen: 'FIRST',
          },
        ],
      },
    ],
  ],
  [
    'a one-time code, whose texts are WhatsApp’s',
    parts({
      body: `*{{1}}* is your verification code. ${securityText}`,
      footer: 'This code expires in 10 minutes.',
      buttons: [
        {
          type: 'otp',
          otpType: 'one_tap',
          text: 'Copy',
          autofillText: 'Fill in',
          apps: [app],
          securityRecommendation: true,
          expirationMinutes: 10,
        },
      ],
    }),
    {},
    [
      { type: 'BODY', add_security_recommendation: true },
      { type: 'FOOTER', code_expiration_minutes: 10 },
      {
        type: 'BUTTONS',
        buttons: [
          {
            type: 'OTP',
            otp_type: 'ONE_TAP',
            text: 'Copy',
            autofill_text: 'Fill in',
            supported_apps: [{ package_name: 'com.example', signature_hash: 'K8a/AINcGX7' }],
          },
        ],
      },
    ],
  ],
];

test.each(COMPONENTS)('%s, written and read back', (_label, template, examples, components) => {
  expect(json(templateComponents(template, examples))).toEqual(components);
  expect(readTemplateComponents(components)).toEqual({ ...template, examples });
});

test('what has no example gets one, so that reviewers see every value', () => {
  const template = parts({ body: 'Hi {{name}}', buttons: [{ type: 'copy_code' }] });
  expect(
    json(
      templateBody({
        ...template,
        name: 'offer',
        language: 'en_US',
        category: 'MARKETING',
        examples: {},
      }),
    ),
  ).toEqual({
    name: 'offer',
    language: 'en_US',
    category: 'MARKETING',
    parameter_format: 'named',
    components: [
      {
        type: 'BODY',
        text: 'Hi {{name}}',
        example: { body_text_named_params: [{ param_name: 'name', example: 'name example' }] },
      },
      { type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', example: 'EXAMPLE1' }] },
    ],
  });
});

test('components are read as people and gateways write them', () => {
  const read = readTemplateComponents([
    { type: 'header', format: 'image', example: { header_handle: ['https://cdn.example/a.png'] } },
    { type: 'body', text: 'Hi {{1}}', example: { body_text: ['Ann'] } },
    {
      type: 'buttons',
      buttons: [
        { type: 'url', text: 'Track', url: 'https://x.example/{{1}}', example: 'abc' },
        { type: 'copy_code', example: ['SALE'] },
      ],
    },
  ]);
  expect(read).toEqual({
    header: { format: 'image', media: { link: 'https://cdn.example/a.png' } },
    body: 'Hi {{1}}',
    footer: null,
    buttons: [
      { type: 'url', text: 'Track', url: 'https://x.example/{{1}}' },
      { type: 'copy_code' },
    ],
    examples: { 1: 'Ann', button_1: 'abc', button_2: 'SALE' },
  });
});

test('an approved one-time code is listed with its texts, and a link in place of its button', () => {
  const read = readTemplateComponents([
    { type: 'BODY', text: '*{{1}}* is your code.', add_security_recommendation: false },
    {
      type: 'BUTTONS',
      buttons: [
        {
          type: 'URL',
          text: 'Copy code',
          url: 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}',
          example: ['https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456'],
        },
      ],
    },
  ]);
  expect(read).toMatchObject({
    body: '*{{1}}* is your code.',
    buttons: [{ type: 'otp', otpType: 'copy_code', text: 'Copy code' }],
    examples: {},
  });
});

test.each([
  ['no list', { type: 'BODY' }, 'components'],
  ['a carousel without cards', [{ type: 'CAROUSEL', cards: [] }], 'components.0.cards'],
  [
    'a card that shows a product',
    [
      {
        type: 'CAROUSEL',
        cards: [{ components: [{ type: 'HEADER', format: 'PRODUCT' }] }],
      },
    ],
    'components.0.cards.0.components.0.format',
  ],
  [
    'a card with two texts',
    [
      {
        type: 'CAROUSEL',
        cards: [
          {
            components: [
              { type: 'BODY', text: 'a' },
              { type: 'BODY', text: 'b' },
            ],
          },
        ],
      },
    ],
    'components.0.cards.0.components',
  ],
  [
    'two bodies',
    [
      { type: 'BODY', text: 'a' },
      { type: 'body', text: 'b' },
    ],
    'components',
  ],
  ['a header of an unknown format', [{ type: 'HEADER', format: 'GIF' }], 'components.0.format'],
  [
    'a button that shows products',
    [
      { type: 'BODY', text: 'a' },
      { type: 'BUTTONS', buttons: [{ type: 'MPM' }] },
    ],
    'components.1.buttons.0.type',
  ],
  [
    'a button without text',
    [{ type: 'BUTTONS', buttons: [{ type: 'URL' }] }],
    'components.0.buttons.0.text',
  ],
  ['nothing', null, 'components'],
])('%s is refused, with its place', (_label, components, field) => {
  expect(() => readTemplateComponents(components)).toThrow(
    expect.objectContaining({ code: 'template_components_invalid', details: { field } }),
  );
});
