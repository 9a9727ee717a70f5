import type { TemplateComponent } from '../../domain/message';
import { templateMisfit } from '../../domain/templateFit';
import { variablesOf } from '../../domain/templateForm';
import { completeTemplate } from '../../domain/templateGiven';
import { templateMessage } from '../../domain/templateMessage';
import type { TemplateCard, TemplateParts } from '../../domain/templateParts';
import { templateProblems, type TemplateDraft } from '../../domain/templateRules';
import { variableProblems } from '../../domain/templateValues';

const card = (number: number, changes: Partial<TemplateCard> = {}): TemplateCard => ({
  header: { format: 'image', media: { link: `https://cdn.example/${number}.png` } },
  body: 'Only {{1}}',
  buttons: [
    { type: 'quick_reply', text: 'More' },
    { type: 'url', text: 'Buy', url: 'https://shop.example/{{1}}' },
  ],
  ...changes,
});

const template = (changes: Partial<TemplateParts> = {}) => ({
  name: 'offers',
  language: 'en_US',
  category: 'MARKETING' as const,
  header: null,
  body: 'Hi {{1}}!',
  footer: null,
  buttons: [],
  cards: [card(1), card(2)],
  ...changes,
});

const VARIABLES = ['1', 'card_1_1', 'card_1_button_2', 'card_2_1', 'card_2_button_2'];
const text = (value: string) => ({ type: 'text' as const, text: value });
const link = (value: string): TemplateComponent => ({
  type: 'button',
  subType: 'url',
  index: 1,
  parameters: [text(value)],
});
const image = (number: number) => ({
  type: 'image' as const,
  link: `https://cdn.example/${number}.png`,
});

describe('the rules', () => {
  const problems = (changes: Partial<TemplateDraft>) =>
    templateProblems({ ...template(), ...changes }).map(({ message }) => message);
  const both = (changes: Partial<TemplateCard>) => ({
    cards: [card(1, changes), card(2, changes)],
  });

  test.each([
    ['two cards', {}],
    ['ten cards', { cards: Array.from({ length: 10 }, (_, n) => card(n)) }],
    ['cards without text and buttons', both({ body: '', buttons: [] })],
    ['160 characters', both({ body: 'x'.repeat(160) })],
    ['uploaded samples', both({ header: { format: 'video', media: null, handle: '4::a' } })],
  ])('allow %s', (_what, changes) => {
    expect(problems(changes)).toEqual([]);
  });

  test.each([
    ['one card', { cards: [card(1)] }, "'cards' may be 2 to 10"],
    ['eleven cards', { cards: Array.from({ length: 11 }, (_, n) => card(n)) }, '2 to 10'],
    ['another category', { category: 'UTILITY' as const }, 'category MARKETING alone'],
    ['a footer beside them', { footer: 'Bye' }, 'beside a header, a footer or buttons'],
    ['cards of different buttons', { cards: [card(1), card(2, { buttons: [] })] }, 'same parts'],
    ['a text on one card alone', { cards: [card(1), card(2, { body: '' })] }, 'same parts'],
    ['a text as a header', both({ header: { format: 'text', text: 'x' } }), 'an image or a video'],
    ['no header', both({ header: null }), "'cards.0' needs an image or a video"],
    ['no sample', both({ header: { format: 'image', media: null } }), 'sample for the review'],
    ['161 characters', both({ body: 'x'.repeat(161) }), "'cards.0.body' may have 160 characters"],
    ['gaps in numbers', both({ body: '{{2}} left' }), 'without gaps'],
    ['three buttons', both({ buttons: Array(3).fill(card(1).buttons[0]) }), 'may have 2 buttons'],
    ['a code to copy', both({ buttons: [{ type: 'copy_code' }] }), 'links and phone numbers'],
    ['a long button', both({ buttons: [{ type: 'quick_reply', text: 'x'.repeat(26) }] }), '25'],
  ])('refuse %s', (_what, changes, says) => {
    expect(problems(changes).join()).toContain(says);
  });
});

test('each card has values of its own; names are shared by all texts', () => {
  expect(variablesOf(template())).toEqual(VARIABLES);
  const named = { body: 'Hi {{first_name}}!', cards: [card(1, { body: 'For {{first_name}}' })] };
  expect(variablesOf(template(named))).toEqual(['first_name', 'card_1_button_2']);
});

test('a message brings the values of all cards, which show the media of the template', () => {
  const { content } = templateMessage(template(), { values: ['Ann', '5', 'a', '9', 'b'] });
  expect(content.components).toEqual([
    { type: 'body', parameters: [text('Ann')] },
    {
      type: 'carousel',
      cards: [
        ['5', 'a'],
        ['9', 'b'],
      ].map(([price = '', path = ''], index) => ({
        index,
        components: [
          { type: 'header', parameters: [image(index + 1)] },
          { type: 'body', parameters: [text(price)] },
          link(path),
        ],
      })),
    },
  ]);
  expect(templateMisfit(template(), content)).toBeNull();
});

test('a card whose media nobody gave cannot be sent', () => {
  const header = { format: 'image' as const, media: null, handle: '4::a' };
  const bare = template({ cards: [card(1, { header }), card(2)] });
  expect(() => templateMessage(bare, { values: ['Ann', '5', 'a', '9', 'b'] })).toThrow(
    expect.objectContaining({ code: 'template_header_required' }),
  );
});

test('a value that makes a card too long is named', () => {
  const values = ['Ann', '5', 'a', 'x'.repeat(160), 'y'.repeat(2000)];
  expect(variableProblems(template(), values)).toMatchObject([
    { variable: 'card_2_1', problem: 'too_long' },
    { variable: 'card_2_button_2', problem: 'too_long' },
  ]);
});

describe('components that a caller gives', () => {
  const filled = (number: number, ...components: TemplateComponent[]) => ({
    index: number,
    components: [{ type: 'body' as const, parameters: [text('5')] }, link('a'), ...components],
  });
  const shown: TemplateComponent = { type: 'header', parameters: [{ type: 'image', id: '7' }] };
  const given = (...cards: ReturnType<typeof filled>[]): TemplateComponent[] => [
    { type: 'body', parameters: [text('Ann')] },
    { type: 'carousel', cards },
  ];

  test('are completed card by card', () => {
    const { content } = completeTemplate(template(), given(filled(1), filled(0, shown)));
    expect(content.components[1]).toEqual({
      type: 'carousel',
      cards: [filled(0, shown), filled(1, { type: 'header', parameters: [image(2)] })],
    });
  });

  test.each([
    ['nothing for a card', given(filled(0)), 'template_variable_missing'],
    [
      'a card that is not there',
      given(filled(0), filled(1), filled(2)),
      'template_variable_invalid',
    ],
    [
      'another header',
      given(filled(0), filled(1, { type: 'header', parameters: [{ type: 'video', id: '7' }] })),
      'template_header_invalid',
    ],
  ])('are refused with %s', (_what, components, code) => {
    expect(() => completeTemplate(template(), components)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test.each([
    ['one card of two', given(filled(0, shown)), 132012, 'number of cards (1)'],
    ['one card twice', given(filled(0, shown), filled(0, shown)), 132012, 'index 1 is missing'],
    ['a card without its image', given(filled(0), filled(1, shown)), 132012, 'expected IMAGE'],
    [
      'a card without its value',
      given({ index: 0, components: [link('a'), shown] }, filled(1, shown)),
      132000,
      'expected number of params (1)',
    ],
    [
      'a card without the end of its link',
      given({ index: 0, components: [filled(0).components[0]!, shown] }, filled(1, shown)),
      131008,
      'index 1 requires a parameter',
    ],
  ])('do not fit with %s', (_what, components, code, says) => {
    const content = { type: 'template' as const, name: 'offers', language: 'en_US', components };
    expect(templateMisfit(template(), content)).toMatchObject({
      code,
      details: expect.stringContaining(says),
    });
  });
});
