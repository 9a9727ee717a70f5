import {
  parameterFormatOf,
  placeholdersOf,
  renderBody,
  templateContent,
} from '../../domain/template';

test.each([
  ['Hello!', []],
  ['Hi {{first_name}}, code {{code}}', ['first_name', 'code']],
  ['{{2}} before {{1}}', ['2', '1']],
  ['{{ name }} and {{name}} again', ['name']],
  ['{name} {{}} {{na me}} {{{x}}}', ['x']],
])('placeholders of %j are %j, once each, in order', (body, names) => {
  expect(placeholdersOf(body)).toEqual(names);
});

test.each([
  [['1', '2'], 'positional'],
  [[], 'positional'],
  [['first_name'], 'named'],
  [['1', 'name'], 'named'],
] as const)('placeholders %j make a %s template', (names, format) => {
  expect(parameterFormatOf(names)).toBe(format);
});

test('a body is rendered with its values; what has none stays readable', () => {
  const body = 'Hi {{ first_name }}, {{first_name}}! {{code}}';
  expect(renderBody(body, { first_name: 'Ada' })).toBe('Hi Ada, Ada! {{code}}');
  expect(renderBody('{{a}}', { a: '{{b}}', b: 'no' })).toBe('{{b}}');
  expect(renderBody('{{price}}', { price: '$1 & $&' })).toBe('$1 & $&');
  expect(renderBody('{{empty}}', { empty: '' })).toBe('');
});

const template = { name: 'sale', language: 'en_US', placeholders: ['first_name', 'code'] };

test('a named template carries the names of its parameters', () => {
  expect(templateContent({ ...template, parameterFormat: 'named' }, ['Ada', 'X1'])).toEqual({
    type: 'template',
    name: 'sale',
    language: 'en_US',
    components: [
      {
        type: 'body',
        parameters: [
          { type: 'text', text: 'Ada', name: 'first_name' },
          { type: 'text', text: 'X1', name: 'code' },
        ],
      },
    ],
  });
});

test('a positional template carries its values in order, and one without placeholders no component', () => {
  const positional = { ...template, parameterFormat: 'positional', placeholders: ['1'] } as const;
  expect(templateContent(positional, ['Ada']).components).toEqual([
    { type: 'body', parameters: [{ type: 'text', text: 'Ada' }] },
  ]);
  expect(templateContent({ ...positional, placeholders: [] }, []).components).toEqual([]);
});
