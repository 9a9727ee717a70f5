import type { TemplateParts } from '../../domain/templateParts';
import { bindVariables, variableProblems, type GivenValues } from '../../domain/templateValues';

const parts = (changes: Partial<TemplateParts>): TemplateParts => ({
  header: null,
  body: 'Order {{order_id}} arrives {{eta}}.',
  footer: null,
  buttons: [],
  ...changes,
});

const link = { type: 'url', text: 'Track', url: 'https://shop.example/t/{{1}}' } as const;

test('values are given by name or in order; what nobody asks for is left out', () => {
  expect(bindVariables(parts({}), { eta: 'Friday', order_id: '7', more: 'x' })).toEqual([
    '7',
    'Friday',
  ]);
  expect(bindVariables(parts({}), ['7', 'Friday', 'x'])).toEqual(['7', 'Friday']);
  expect(bindVariables(parts({ body: '{{2}} {{1}}' }), { 1: 'a', 2: 'b' })).toEqual(['a', 'b']);
  expect(bindVariables(parts({ body: 'Hi' }), {})).toEqual([]);
});

const long = (length: number) => 'x'.repeat(length);

/** label, changes of the template, values, name of the value that will not do, and why */
const PROBLEMS: [string, Partial<TemplateParts>, GivenValues, string, string][] = [
  ['none given', {}, {}, 'order_id', 'missing'],
  ['too few in a list', {}, ['7'], 'eta', 'missing'],
  ['blank', {}, { order_id: '7', eta: '  ' }, 'eta', 'missing'],
  ['longer than the caller allows', {}, ['7', long(71)], 'eta', 'too_long'],
  ['a line break', {}, ['7', 'a\nb'], 'eta', 'invalid'],
  ['a tab', {}, ['7\t', 'b'], 'order_id', 'invalid'],
  ['five spaces', {}, ['7', 'a     b'], 'eta', 'invalid'],
  [
    'a header that gets too long',
    { header: { format: 'text', text: 'Sale {{1}}' }, body: 'Hi' },
    [long(56)],
    'header',
    'too_long',
  ],
  [
    'a code of other characters',
    { body: 'Hi', buttons: [{ type: 'copy_code' }] },
    ['A-1'],
    'button_1',
    'invalid',
  ],
  [
    'a long code',
    { body: 'Hi', buttons: [{ type: 'copy_code' }] },
    [long(21)],
    'button_1',
    'too_long',
  ],
  ['no end of a link', { body: 'Hi', buttons: [link] }, [], 'button_1', 'missing'],
];

test.each(PROBLEMS)('%s', (_label, changes, given, variable, problem) => {
  expect(variableProblems(parts(changes), given, 70)[0]).toMatchObject({ variable, problem });
  expect(() => bindVariables(parts(changes), given, 70)).toThrow(
    expect.objectContaining({
      code: `template_variable_${problem}`,
      details: { variable, field: `variables.${variable}` },
      message: expect.stringContaining(variable),
    }),
  );
});

test('all problems are told, not the first alone', () => {
  expect(variableProblems(parts({}), ['', 'a\nb'])).toMatchObject([
    { variable: 'order_id', problem: 'missing' },
    { variable: 'eta', problem: 'invalid' },
  ]);
});

test('the text with its values filled in has WhatsApp’s limits; its longest value is named', () => {
  const fits = 1024 - 'Order 7 arrives .'.length;
  expect(variableProblems(parts({}), ['7', long(fits)])).toEqual([]);
  expect(variableProblems(parts({}), ['7', long(fits + 1)])).toMatchObject([
    { variable: 'eta', problem: 'too_long' },
  ]);
  const template = parts({ body: 'Hi', buttons: [link] });
  const suffix = 2000 - 'https://shop.example/t/'.length;
  expect(variableProblems(template, [long(suffix)])).toEqual([]);
  expect(variableProblems(template, [long(suffix + 1)])).toMatchObject([{ variable: 'button_1' }]);
});

test('an emoji is one character', () => {
  expect(variableProblems(parts({ body: '{{1}}' }), ['🎉'.repeat(70)], 70)).toEqual([]);
});
