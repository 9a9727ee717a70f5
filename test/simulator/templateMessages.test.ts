import type { TemplateComponent, TemplateParameter } from '../../domain/message';
import { sendBody } from '../../wire/cloudApi';
import { startSimulator, type TestSimulator } from '../support/simulator';

/** What a message must bring for its template, and what is said when it does not. */

const TO = '+14155550100';
const button = (text: string, more: object) => ({
  type: 'BUTTONS',
  buttons: [{ text, ...more }],
});
const SHAPES: Record<string, object[]> = {
  plain: [{ type: 'BODY', text: 'Hello!' }],
  positional: [{ type: 'BODY', text: 'Hello {{1}}, {{2}}!' }],
  named: [{ type: 'BODY', text: 'Hello {{first_name}}!' }],
  titled: [
    { type: 'HEADER', format: 'TEXT', text: 'For {{1}}' },
    { type: 'BODY', text: 'Hello!' },
  ],
  pictured: [
    { type: 'HEADER', format: 'IMAGE' },
    { type: 'BODY', text: 'Hello!' },
  ],
  placed: [
    { type: 'HEADER', format: 'LOCATION' },
    { type: 'BODY', text: 'Hello!' },
  ],
  linked: [
    { type: 'BODY', text: 'Hello!' },
    button('Shop', { type: 'URL', url: 'https://a.b/{{1}}' }),
  ],
  fixed: [{ type: 'BODY', text: 'Hello!' }, button('Shop', { type: 'URL', url: 'https://a.b/c' })],
  coupon: [
    { type: 'BODY', text: 'Hello!' },
    { type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', example: ['A'] }] },
  ],
  reply: [{ type: 'BODY', text: 'Hello!' }, button('Yes', { type: 'QUICK_REPLY' })],
  code: [
    { type: 'BODY', add_security_recommendation: true },
    { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] },
  ],
  offer: [
    { type: 'BODY', text: 'Hello!' },
    { type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: 'Soon', has_expiration: true } },
  ],
  cards: [
    { type: 'BODY', text: 'Hello!' },
    {
      type: 'CAROUSEL',
      cards: ['A', 'B'].map((text) => ({ components: [{ type: 'BODY', text: `${text} {{1}}!` }] })),
    },
  ],
};

const body = (...parameters: TemplateParameter[]): TemplateComponent => ({
  type: 'body',
  parameters,
});
const header = (...parameters: TemplateParameter[]): TemplateComponent => ({
  type: 'header',
  parameters,
});
const tapped = (
  subType: 'url' | 'quick_reply' | 'copy_code' | 'flow',
  index: number,
  ...parameters: TemplateParameter[]
): TemplateComponent => ({ type: 'button', subType, index, parameters });
const text = (value: string, name?: string): TemplateParameter => ({
  type: 'text',
  text: value,
  ...(name !== undefined && { name }),
});
const card = (index: number, ...components: TemplateComponent[]) => ({ index, components });

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
  const templates = Object.entries(SHAPES).map(([name, components]) => ({
    name: `shape_${name}`,
    category: name === 'code' ? 'AUTHENTICATION' : 'UTILITY',
    components,
  }));
  await simulator.sim('PUT', '/templates', templates);
});
afterAll(() => simulator.close());

async function send(shape: string, components: TemplateComponent[], to = TO) {
  const name = `shape_${shape}`;
  const content = { type: 'template' as const, name, language: 'en_US', components };
  const { status, json } = await simulator.post(sendBody({ to, reference: 'r', content }));
  return { status, json: JSON.stringify(json).replaceAll('\\"', '"'), code: json.error?.code };
}

test.each<[string, string, TemplateComponent[]]>([
  ['nothing where nothing is asked for', 'plain', []],
  ['values by position', 'positional', [body(text('Ann'), text('Bob'))]],
  ['a value by name', 'named', [body(text('Ann', 'first_name'))]],
  ['a value of the header', 'titled', [header(text('Ann'))]],
  ['an image', 'pictured', [header({ type: 'image', link: 'https://a.b/c.png' })]],
  ['a place', 'placed', [header({ type: 'location', latitude: 1, longitude: 2 })]],
  ['the end of a link', 'linked', [tapped('url', 0, text('c'))]],
  ['a button that takes nothing', 'fixed', []],
  ['a coupon', 'coupon', [tapped('copy_code', 0, { type: 'coupon_code', code: 'A1' })]],
  ['a quick reply without payload', 'reply', []],
  ['a one-time code, in text and button', 'code', [body(text('123')), tapped('url', 0, text('1'))]],
  [
    'the end of an offer',
    'offer',
    [
      {
        type: 'limited_time_offer',
        parameters: [{ type: 'limited_time_offer', expiresAtMs: 1_800_000_000_000 }],
      },
    ],
  ],
  [
    'all cards of a carousel, in any order',
    'cards',
    [{ type: 'carousel', cards: [card(1, body(text('x'))), card(0, body(text('y')))] }],
  ],
])('%s is accepted', async (_what, shape, components) => {
  expect(await send(shape, components)).toMatchObject({ status: 200 });
});

const long = 'x'.repeat(1100);

test.each<[string, string, TemplateComponent[], number, string]>([
  [
    'too few values',
    'positional',
    [body(text('Ann'))],
    132000,
    'body: number of localizable_params (1) does not match the expected number of params (2)',
  ],
  ['no values', 'positional', [], 132000, 'params (0)'],
  ['a value too many', 'plain', [body(text('Ann'))], 132000, 'params (1)'],
  ['an empty value', 'positional', [body(text('Ann'), text(''))], 131008, 'text is empty'],
  ['a line break', 'positional', [body(text('a\nb'), text('c'))], 132018, 'new-line/tab'],
  ['five spaces', 'positional', [body(text('a     b'), text('c'))], 132018, '4 consecutive'],
  ['a long text', 'positional', [body(text(long), text('c'))], 132005, 'text too long'],
  ['a value without name', 'named', [body(text('Ann'))], 100, 'name is missing or empty'],
  ['an unknown name', 'named', [body(text('Ann', 'last_name'))], 132012, 'no parameter last_name'],
  ['a name where none is', 'positional', [body(text('a', 'x'), text('b'))], 132012, 'positional'],
  ['a picture in the text', 'named', [body({ type: 'image', id: '1' })], 132012, 'received image'],
  ['no title', 'titled', [], 132000, 'header: number of localizable_params (0)'],
  ['a long title', 'titled', [header(text('x'.repeat(61)))], 132005, 'header'],
  [
    'a picture for a title',
    'titled',
    [header({ type: 'image', link: 'https://a.b' })],
    132012,
    'header: Format mismatch, expected TEXT, received IMAGE',
  ],
  ['no picture', 'pictured', [], 132012, 'expected IMAGE, received UNKNOWN'],
  [
    'a film for a picture',
    'pictured',
    [header({ type: 'video', link: 'https://a.b' })],
    132012,
    'expected IMAGE, received VIDEO',
  ],
  ['a picture from nowhere', 'pictured', [header({ type: 'image' })], 131008, 'id or link'],
  [
    'a picture that nobody uploaded',
    'pictured',
    [header({ type: 'image', id: '404' })],
    100,
    "template['components'][0]['parameters'][0]['image']['id'] is not a valid",
  ],
  [
    'a place off the globe',
    'placed',
    [header({ type: 'location', latitude: 99, longitude: 2 })],
    131009,
    'out of range',
  ],
  ['no end of the link', 'linked', [], 131008, 'index 0 of type Url requires a parameter'],
  ['a link that is fixed', 'fixed', [tapped('url', 0, text('c'))], 132018, 'not require'],
  [
    'another kind of button',
    'reply',
    [tapped('flow', 0, { type: 'flow' })],
    132018,
    'buttons: Button at index 0 must be of type QuickReply',
  ],
  ['a button that is not there', 'plain', [tapped('url', 0, text('c'))], 132018, 'no button'],
  [
    'one button twice',
    'linked',
    [tapped('url', 0, text('c')), tapped('url', 0, text('d'))],
    132018,
    'more than once',
  ],
  ['no coupon', 'coupon', [], 131008, 'requires a non-empty parameter coupon_code'],
  [
    'a long coupon',
    'coupon',
    [tapped('copy_code', 0, { type: 'coupon_code', code: 'x'.repeat(21) })],
    131009,
    'longer than 20',
  ],
  [
    'a one-time code as coupon',
    'code',
    [body(text('1')), tapped('copy_code', 0, { type: 'coupon_code', code: '1' })],
    132018,
    'must be of type Url',
  ],
  ['an offer without end', 'offer', [], 131008, 'expiration_time_ms is required'],
  [
    'a card too few',
    'cards',
    [{ type: 'carousel', cards: [card(0, body(text('x')))] }],
    132012,
    'number of cards (1)',
  ],
  [
    'a card without its value',
    'cards',
    [{ type: 'carousel', cards: [card(0), card(1, body(text('x')))] }],
    132000,
    'params (0)',
  ],
  ['a component twice', 'named', [body(text('a', 'first_name')), body()], 132012, 'more than once'],
])('%s is refused', async (_what, shape, components, code, says) => {
  const answer = await send(shape, components);
  expect(answer).toMatchObject({ status: 400, code });
  expect(answer.json).toContain(says);
});

test('a template keeps the id that it had before the simulator was started again', async () => {
  const components = [{ type: 'BODY', text: 'Hello!' }];
  const id = '1700000000000900';
  await simulator.sim('PUT', '/templates', [{ name: 'kept', id, components }]);
  expect((await simulator.call('GET', `/v24.0/${id}`)).json).toMatchObject({ id, name: 'kept' });
});

test('an authentication template needs a phone number', async () => {
  const components = [body(text('123')), tapped('url', 0, text('1'))];
  expect(await send('code', components, 'US.13491208655302741918')).toMatchObject({ code: 131062 });
});

test('the state of a template decides before its values', async () => {
  const put = (status: string) =>
    simulator.sim('PUT', '/templates', [{ name: 'shape_plain', status }]);
  for (const [status, code] of [
    ['PAUSED', 132015],
    ['DISABLED', 132016],
    ['PENDING', 132001],
    ['REJECTED', 132001],
  ] as const) {
    await put(status);
    expect(await send('plain', [])).toMatchObject({ code });
  }
  await put('APPROVED');
  expect(await send('plain', [])).toMatchObject({ status: 200 });
});
