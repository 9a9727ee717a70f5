import type { OtpButton, TemplateButton } from '../../domain/templateParts';
import { checkTemplate, templateProblems, type TemplateDraft } from '../../domain/templateRules';

const draft = (changes: Partial<TemplateDraft> = {}): TemplateDraft => ({
  name: 'spring_sale',
  category: 'MARKETING',
  header: null,
  body: 'Hi {{first_name}}!',
  footer: null,
  buttons: [],
  ...changes,
});

const header = (text: string): Partial<TemplateDraft> => ({ header: { format: 'text', text } });
const reply: TemplateButton = { type: 'quick_reply', text: 'Yes' };
const url = (to: string): TemplateButton => ({ type: 'url', text: 'Shop', url: to });
const phone = (phoneNumber: string): TemplateButton => ({
  type: 'phone_number',
  text: 'Call',
  phoneNumber,
});
const otp = (changes: Partial<OtpButton> = {}): Partial<TemplateDraft> => ({
  category: 'AUTHENTICATION',
  body: '*{{1}}* is your verification code.',
  buttons: [
    {
      type: 'otp',
      otpType: 'copy_code',
      apps: [],
      securityRecommendation: true,
      expirationMinutes: 10,
      ...changes,
    },
  ],
});
const app = { packageName: 'com.example', signatureHash: 'K8a/AINcGX7' };

const GOOD: [string, Partial<TemplateDraft>][] = [
  ['a body alone', {}],
  ['1024 characters', { body: '🎉'.repeat(1024) }],
  ['placeholders by number, in whatever order', { body: '{{2}} before {{1}}' }],
  ['a header by name', header('On {{sale_day}}')],
  ['a header by position, before a body without values', { ...header('{{1}}'), body: 'Hi' }],
  ['an image', { header: { format: 'image', media: { id: '1' } } }],
  ['an uploaded sample', { header: { format: 'video', media: null, handle: '4::aW' } }],
  ['a place', { header: { format: 'location' } }],
  ['a footer of 60', { footer: 'x'.repeat(60) }],
  ['ten replies', { buttons: Array<TemplateButton>(10).fill(reply) }],
  [
    'replies before the rest',
    {
      buttons: [
        reply,
        reply,
        url('https://a.example/{{1}}'),
        url('http://b.example'),
        phone('+15550051310'),
        { type: 'copy_code' },
      ],
    },
  ],
  ['a flow', { buttons: [{ type: 'flow', text: 'Book', flowName: 'booking' }] }],
  ['a one-time code to copy', otp()],
  ['a one-time code for an app', otp({ otpType: 'one_tap', apps: [app] })],
];

test.each(GOOD)('%s will do', (_label, changes) => {
  expect(templateProblems(draft(changes))).toEqual([]);
  expect(() => checkTemplate(draft(changes))).not.toThrow();
});

/** label, changes, code, field */
const BAD: [string, Partial<TemplateDraft>, string, string][] = [
  ['an upper case name', { name: 'Sale' }, 'template_name_invalid', 'name'],
  ['a name of 513', { name: 'x'.repeat(513) }, 'template_name_invalid', 'name'],
  ['an empty body', { body: ' ' }, 'template_text_required', 'body'],
  ['1025 characters', { body: 'x'.repeat(1025) }, 'template_text_too_long', 'body'],
  ['a gap in the numbers', { body: '{{1}} {{3}}' }, 'template_text_invalid', 'body'],
  ['a placeholder zero', { body: '{{0}}' }, 'template_text_invalid', 'body'],
  ['numbers and names', { body: '{{1}} {{name}}' }, 'template_text_invalid', 'body'],
  ['an upper case placeholder', { body: '{{Name}}' }, 'template_text_invalid', 'body'],
  [
    'an image without a sample',
    { header: { format: 'image', media: null } },
    'template_header_invalid',
    'header',
  ],
  ['an empty header', header(''), 'template_header_invalid', 'header'],
  ['a header of 61', header('x'.repeat(61)), 'template_header_invalid', 'header'],
  ['a header of two lines', header('a\nb'), 'template_header_invalid', 'header'],
  ['two values in a header', header('{{a}} {{b}}'), 'template_header_invalid', 'header'],
  ['a header by position above names', header('{{1}}'), 'template_header_invalid', 'header'],
  [
    'a second value of a header',
    { ...header('{{2}}'), body: 'Hi' },
    'template_header_invalid',
    'header',
  ],
  ['an empty footer', { footer: ' ' }, 'template_footer_invalid', 'footer'],
  ['a footer of 61', { footer: 'x'.repeat(61) }, 'template_footer_invalid', 'footer'],
  ['a value in the footer', { footer: '{{name}}' }, 'template_footer_invalid', 'footer'],
  [
    'eleven buttons',
    { buttons: Array<TemplateButton>(11).fill(reply) },
    'template_buttons_invalid',
    'buttons',
  ],
  [
    'three links',
    { buttons: Array<TemplateButton>(3).fill(url('https://a.example')) },
    'template_buttons_invalid',
    'buttons',
  ],
  ['two numbers', { buttons: [phone('1'), phone('2')] }, 'template_buttons_invalid', 'buttons'],
  [
    'two codes',
    { buttons: [{ type: 'copy_code' }, { type: 'copy_code' }] },
    'template_buttons_invalid',
    'buttons',
  ],
  [
    'replies around a link',
    { buttons: [reply, url('https://a.example'), reply] },
    'template_buttons_invalid',
    'buttons',
  ],
  [
    'a button without text',
    { buttons: [{ ...reply, text: '' }] },
    'template_button_text_required',
    'buttons.0',
  ],
  [
    'a button text of 26',
    { buttons: [reply, { ...reply, text: 'x'.repeat(26) }] },
    'template_button_text_too_long',
    'buttons.1',
  ],
  [
    'a value in a button text',
    { buttons: [{ ...reply, text: '{{1}}' }] },
    'template_buttons_invalid',
    'buttons.0',
  ],
  ['no link', { buttons: [url('shop')] }, 'template_button_value_invalid', 'buttons.0'],
  [
    'a script',
    { buttons: [url('javascript:alert(1)')] },
    'template_button_value_invalid',
    'buttons.0',
  ],
  [
    'a link of 2001',
    { buttons: [url(`https://a.example/${'x'.repeat(1983)}`)] },
    'template_button_value_invalid',
    'buttons.0',
  ],
  [
    'a value within a link',
    { buttons: [url('https://{{1}}.example/')] },
    'template_button_value_invalid',
    'buttons.0',
  ],
  [
    'two values in a link',
    { buttons: [url('https://a.example/{{1}}/{{2}}')] },
    'template_button_value_invalid',
    'buttons.0',
  ],
  ['no number', { buttons: [phone('call me')] }, 'template_button_value_invalid', 'buttons.0'],
  [
    'a number of 21',
    { buttons: [phone('1'.repeat(21))] },
    'template_button_value_invalid',
    'buttons.0',
  ],
  [
    'no flow',
    { buttons: [{ type: 'flow', text: 'Go' }] },
    'template_button_value_invalid',
    'buttons.0',
  ],
  [
    'a one-time code in marketing',
    { ...otp(), category: 'MARKETING' },
    'template_buttons_invalid',
    'buttons',
  ],
  [
    'a link beside a one-time code',
    { ...otp(), buttons: [url('https://a.example')] },
    'template_buttons_invalid',
    'buttons',
  ],
  [
    'a header above a one-time code',
    { ...otp(), ...header('Hi') },
    'template_header_invalid',
    'header',
  ],
  ['no app for one tap', otp({ otpType: 'one_tap' }), 'template_buttons_invalid', 'buttons.0'],
  [
    'zero tap without its terms',
    otp({ otpType: 'zero_tap', apps: [app] }),
    'template_buttons_invalid',
    'buttons.0',
  ],
  [
    'a code that lives for 91 minutes',
    otp({ expirationMinutes: 91 }),
    'template_buttons_invalid',
    'buttons.0',
  ],
];

test.each(BAD)('%s will not do', (_label, changes, code, field) => {
  expect(templateProblems(draft(changes))[0]).toMatchObject({ code, details: { field } });
  expect(() => checkTemplate(draft(changes))).toThrow(expect.objectContaining({ code }));
});
