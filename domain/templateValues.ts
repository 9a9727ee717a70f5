import { DomainError, type DomainCode } from './errors';
import { placeholdersOf, renderBody } from './template';
import {
  buttonVariable,
  cardButton,
  cardsOf,
  cardTexts,
  headerVariables,
  variablesOf,
} from './templateForm';
import type { TemplateButton, TemplateParts } from './templateParts';
import { LIMITS } from './templateRules';
import { lengthOf } from './text';

/** Values as a caller gives them: in the order of the template's placeholders, or by name. */
export type GivenValues = readonly string[] | Readonly<Record<string, string>>;

/** What is wrong with the value of one placeholder. */
export interface VariableProblem {
  variable: string;
  problem: 'missing' | 'too_long' | 'invalid';
  message: string;
}

const CODES: Readonly<Record<VariableProblem['problem'], DomainCode>> = {
  missing: 'template_variable_missing',
  too_long: 'template_variable_too_long',
  invalid: 'template_variable_invalid',
};

/** Providers refuse what breaks the line, or the layout (132018). */
const UNSENDABLE = /[\n\r\t]| {5,}/;
const COUPON = /^[A-Za-z0-9]+$/;

/**
 * The values of a message in the order of the template's placeholders; what no placeholder asks for is left out.
 * `longest` is a limit of the caller's own. Throws as `requireVariables` does.
 */
export function bindVariables(
  template: TemplateParts,
  given: GivenValues,
  longest = Infinity,
): string[] {
  requireVariables(template, given, longest);
  return [...valuesByName(template, given).values()];
}

/**
 * Throws `template_variable_missing`, `template_variable_too_long` or `template_variable_invalid` for the first value
 * that will not do, and names its placeholder.
 */
export function requireVariables(
  template: TemplateParts,
  given: GivenValues,
  longest = Infinity,
): void {
  const [first] = variableProblems(template, given, longest);
  if (!first) return;
  const { variable, problem: kind, message } = first;
  throw new DomainError(CODES[kind], message, { field: `variables.${variable}`, variable });
}

/** Everything that is wrong with these values, in the order of the placeholders; empty when they can be sent. */
export function variableProblems(
  template: TemplateParts,
  given: GivenValues,
  longest = Infinity,
): VariableProblem[] {
  const values = valuesByName(template, given);
  const problems = [...values].flatMap(([name, value]) => valueProblem(name, value, longest));
  return problems.length > 0 ? problems : filledProblems(template, values);
}

type Values = ReadonlyMap<string, string>;

/** In the order of the placeholders; empty text where nothing was given. */
function valuesByName(template: TemplateParts, given: GivenValues): Values {
  const value = (name: string, index: number) => (isList(given) ? given[index] : given[name]) ?? '';
  return new Map(variablesOf(template).map((name, index) => [name, value(name, index)]));
}

function isList(given: GivenValues): given is readonly string[] {
  return Array.isArray(given);
}

function valueProblem(name: string, value: string, longest: number): VariableProblem[] {
  if (value.trim() === '') return problem(name, 'missing', 'is missing');
  if (lengthOf(value) > longest) return tooLong(name, longest);
  return UNSENDABLE.test(value)
    ? problem(name, 'invalid', 'may not hold line breaks, tabs or five spaces in a row')
    : [];
}

/** Limits of what the customer gets to see, with the values filled in. */
function filledProblems(template: TemplateParts, values: Values): VariableProblem[] {
  const { header, body, buttons } = template;
  const headerText = header?.format === 'text' ? header.text : '';
  const [headerName] = headerVariables(template);
  return [
    ...filledText(body, placeholdersOf(body), values, LIMITS.body),
    ...(headerName === undefined
      ? []
      : filledText(
          headerText.replace(/\{\{.*?\}\}/, `{{${headerName}}}`),
          [headerName],
          values,
          LIMITS.header,
        )),
    ...buttons.flatMap((button, index) => {
      return buttonProblem(button, buttonVariable(button, index), values);
    }),
    ...cardsOf(template).flatMap((card, index) => [
      ...cardTextProblem(template, index, values),
      ...card.buttons.flatMap((button, place) => {
        return buttonProblem(button, cardButton(index, button, place), values);
      }),
    ]),
  ];
}

function cardTextProblem(
  template: TemplateParts,
  index: number,
  values: Values,
): VariableProblem[] {
  const texts = cardTexts(template, index);
  const byVariable = texts.map(({ placeholder, variable }) => [placeholder, `{{${variable}}}`]);
  const text = renderBody(cardsOf(template)[index]?.body ?? '', Object.fromEntries(byVariable));
  const names = texts.map(({ variable }) => variable);
  return filledText(text, names, values, LIMITS.cardBody);
}

/** A text that is too long is put down to its longest value. */
function filledText(
  text: string,
  names: readonly string[],
  values: Values,
  most: number,
): VariableProblem[] {
  const length = (name: string) => lengthOf(values.get(name) ?? '');
  const [longest] = [...names].sort((a, b) => length(b) - length(a));
  const tooMuch = lengthOf(renderBody(text, Object.fromEntries(values))) > most;
  return tooMuch && longest !== undefined
    ? problem(longest, 'too_long', `makes the text longer than ${most} characters`)
    : [];
}

function buttonProblem(
  button: TemplateButton,
  name: string | null,
  values: Values,
): VariableProblem[] {
  const value = name === null ? undefined : values.get(name);
  if (name === null || value === undefined) return [];
  if (button.type === 'url') {
    const url = button.url.replace(/\{\{.*?\}\}/, () => value);
    return lengthOf(url) > LIMITS.url ? tooLong(name, LIMITS.url) : [];
  }
  const most = button.type === 'otp' ? LIMITS.otp : LIMITS.coupon;
  if (lengthOf(value) > most) return tooLong(name, most);
  return button.type === 'copy_code' && !COUPON.test(value)
    ? problem(name, 'invalid', 'may hold letters and digits alone')
    : [];
}

function problem(
  variable: string,
  kind: VariableProblem['problem'],
  what: string,
): VariableProblem[] {
  return [{ variable, problem: kind, message: `The variable ${variable} ${what}.` }];
}

function tooLong(name: string, most: number): VariableProblem[] {
  return problem(name, 'too_long', `is longer than ${most} characters`);
}
