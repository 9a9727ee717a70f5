import type { TemplateComponent, TemplateContent, TemplateParameter } from '../domain/message';
import { isLonger, placeProblem, sourceProblem } from '../domain/contentProblem';
import type { GraphError } from './graphError';
import { fill, placeholdersOf, type TemplateButton, type TemplateParts } from './templateParts';
import type { SimulatedTemplate } from './templates';

/** Whether a message fills its template as the template asks, with the codes and words of WhatsApp. */

type Format = SimulatedTemplate['format'];

const missing = (details: string): GraphError => ({ code: 131008, details });
const mismatch = (details: string): GraphError => ({ code: 132012, details });
const wrongCount = (where: string, given: number, expected: number): GraphError => ({
  code: 132000,
  details: `${where}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
});
const wrongButton = (details: string): GraphError => ({ code: 132018, details });
const tooLong = (where: string): GraphError => ({
  code: 132005,
  details: `${where}: Translated text too long`,
});

export function templateMismatch(
  content: TemplateContent,
  { parts, format }: SimulatedTemplate,
): GraphError | null {
  return partsMismatch(content.components, parts, format);
}

function partsMismatch(
  components: readonly TemplateComponent[],
  parts: TemplateParts,
  format: Format,
): GraphError | null {
  const twice = components.find(
    ({ type }, index) =>
      type !== 'button' && components.findIndex((other) => other.type === type) !== index,
  );
  if (twice !== undefined) return mismatch(`${twice.type}: given more than once`);
  return (
    headerMismatch(parametersOf(components, 'header'), parts, format) ??
    bodyMismatch(parametersOf(components, 'body'), parts, format) ??
    offerMismatch(parametersOf(components, 'limited_time_offer'), parts) ??
    buttonsMismatch(components, parts.buttons) ??
    carouselMismatch(components, parts, format)
  );
}

function parametersOf(
  components: readonly TemplateComponent[],
  type: 'header' | 'body' | 'limited_time_offer',
): readonly TemplateParameter[] {
  for (const component of components) if (component.type === type) return component.parameters;
  return [];
}

function headerMismatch(
  parameters: readonly TemplateParameter[],
  { header }: TemplateParts,
  format: Format,
): GraphError | null {
  if (header === null || header.format === 'TEXT') {
    const media = parameters.find(({ type }) => !isTextual(type));
    if (media !== undefined)
      return mismatch(
        `header: Format mismatch, expected ${header?.format ?? 'UNKNOWN'}, received ${media.type.toUpperCase()}`,
      );
    return textMismatch('header', header?.text ?? '', parameters, format, 60);
  }
  const [parameter] = parameters;
  const received = parameter?.type.toUpperCase() ?? 'UNKNOWN';
  if (parameter === undefined || received !== header.format)
    return mismatch(`header: Format mismatch, expected ${header.format}, received ${received}`);
  if (parameters.length > 1) return wrongCount('header', parameters.length, 1);
  switch (parameter.type) {
    case 'image':
    case 'video':
    case 'document':
      return sourceProblem(`header: ${parameter.type}`, parameter);
    case 'location':
      return placeProblem('header: location', parameter);
    default:
      return null;
  }
}

function bodyMismatch(
  parameters: readonly TemplateParameter[],
  { body }: TemplateParts,
  format: Format,
): GraphError | null {
  return textMismatch('body', body, parameters, format, 1024);
}

function isTextual(type: TemplateParameter['type']): boolean {
  return type === 'text' || type === 'currency' || type === 'date_time';
}

function textMismatch(
  where: string,
  text: string,
  parameters: readonly TemplateParameter[],
  format: Format,
  most: number,
): GraphError | null {
  const names = placeholdersOf(text);
  if (parameters.length !== names.length) return wrongCount(where, parameters.length, names.length);
  const values = new Map<string, string>();
  for (const [index, parameter] of parameters.entries()) {
    if (
      parameter.type !== 'text' &&
      parameter.type !== 'currency' &&
      parameter.type !== 'date_time'
    )
      return mismatch(`${where}: Format mismatch, expected TEXT, received ${parameter.type}`);
    const value = parameter.type === 'text' ? parameter.text : parameter.fallback;
    const problem = valueProblem(where, value) ?? nameProblem(parameter.name, names, format);
    if (problem !== null) return problem;
    values.set(parameter.name ?? String(index + 1), value);
  }
  if (values.size < names.length) return wrongCount(where, values.size, names.length);
  return isLonger(
    fill(text, (name) => values.get(name)),
    most,
  )
    ? tooLong(where)
    : null;
}

function valueProblem(where: string, value: string): GraphError | null {
  if (value === '') return missing(`${where}: parameter text is empty`);
  return /[\n\r\t]| {5,}/.test(value)
    ? {
        code: 132018,
        details: 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
      }
    : null;
}

function nameProblem(
  name: string | undefined,
  names: readonly string[],
  format: Format,
): GraphError | null {
  if (format === 'POSITIONAL')
    return name === undefined ? null : mismatch('The template takes positional parameters');
  if (name === undefined || name === '')
    return { code: 100, details: 'Parameter name is missing or empty' };
  return names.includes(name) ? null : mismatch(`The template has no parameter ${name}`);
}

function offerMismatch(
  [parameter]: readonly TemplateParameter[],
  { expires }: TemplateParts,
): GraphError | null {
  if (expires === (parameter !== undefined)) {
    return parameter === undefined || parameter.type === 'limited_time_offer'
      ? null
      : mismatch('limited_time_offer: expiration_time_ms is required');
  }
  return expires
    ? missing('limited_time_offer: expiration_time_ms is required')
    : mismatch('limited_time_offer: the offer has no expiration');
}

type GivenButton = Extract<TemplateComponent, { type: 'button' }>;

function buttonsMismatch(
  components: readonly TemplateComponent[],
  buttons: readonly TemplateButton[],
): GraphError | null {
  const given = components.filter((component) => component.type === 'button');
  const indexes = new Set(given.map(({ index }) => index));
  if (indexes.size < given.length) return wrongButton('buttons: An index is given more than once');
  const beyond = given.find(({ index }) => index >= buttons.length);
  if (beyond !== undefined)
    return wrongButton(`buttons: The template has no button at index ${beyond.index}`);
  for (const [index, button] of buttons.entries()) {
    const filling = given.find((one) => one.index === index);
    const problem = buttonMismatch(index, button, filling);
    if (problem !== null) return problem;
  }
  return null;
}

/** What fills a button of each kind, and what WhatsApp calls the kind; kinds that are missing here take nothing. */
const FILLINGS = new Map<
  TemplateButton['type'],
  { subType: GivenButton['subType']; parameter: TemplateParameter['type']; called: string }
>([
  ['URL', { subType: 'url', parameter: 'text', called: 'Url' }],
  ['QUICK_REPLY', { subType: 'quick_reply', parameter: 'payload', called: 'QuickReply' }],
  ['COPY_CODE', { subType: 'copy_code', parameter: 'coupon_code', called: 'copy_code' }],
  ['FLOW', { subType: 'flow', parameter: 'flow', called: 'Flow' }],
  ['CATALOG', { subType: 'catalog', parameter: 'catalog', called: 'Catalog' }],
  ['MPM', { subType: 'mpm', parameter: 'product_list', called: 'Mpm' }],
]);

function buttonMismatch(
  index: number,
  button: TemplateButton,
  given: GivenButton | undefined,
): GraphError | null {
  const place = `buttons: Button at index ${index}`;
  const filling = FILLINGS.get(button.type);
  const called = filling?.called ?? button.type;
  if (given !== undefined && given.subType !== filling?.subType)
    return wrongButton(`${place} must be of type ${called}`);
  const [parameter] = given?.parameters ?? [];
  const takesValue =
    button.type === 'COPY_CODE' ||
    button.type === 'MPM' ||
    (button.type === 'URL' && placeholdersOf(button.target).length > 0);
  if (parameter === undefined) {
    if (button.type === 'COPY_CODE')
      return missing(`${place} of type copy_code requires a non-empty parameter coupon_code`);
    return takesValue ? missing(`${place} of type ${called} requires a parameter`) : null;
  }
  if (button.type === 'URL' && !takesValue)
    return wrongButton(`${place} of type Url does not require parameters`);
  if (parameter.type !== filling?.parameter)
    return mismatch(`${place} of type ${called} takes another kind of parameter`);
  return buttonValueProblem(place, button, parameter);
}

function buttonValueProblem(
  place: string,
  button: TemplateButton,
  parameter: TemplateParameter,
): GraphError | null {
  if (parameter.type === 'text') {
    if (parameter.text === '') return missing(`${place} of type Url requires a parameter`);
    return isLonger(
      fill(button.target, () => parameter.text),
      2000,
    )
      ? tooLong('buttons')
      : null;
  }
  if (parameter.type !== 'coupon_code') return null;
  if (parameter.code === '')
    return missing(`${place} of type copy_code requires a non-empty parameter coupon_code`);
  return isLonger(parameter.code, 20)
    ? { code: 131009, details: `${place}: coupon_code is longer than 20 characters` }
    : null;
}

function carouselMismatch(
  components: readonly TemplateComponent[],
  { cards }: TemplateParts,
  format: Format,
): GraphError | null {
  const given = components.find((component) => component.type === 'carousel')?.cards ?? [];
  if (given.length !== cards.length)
    return mismatch(
      `carousel: number of cards (${given.length}) does not match the expected number of cards (${cards.length})`,
    );
  for (const [index, card] of cards.entries()) {
    const filling = given.find((one) => one.index === index);
    if (filling === undefined) return mismatch(`carousel: The card at index ${index} is missing`);
    const problem = partsMismatch(filling.components, card, format);
    if (problem !== null) return problem;
  }
  return null;
}
