import { lengthOf } from '../domain/text';
import { shapeProblem } from '../wire/requestProblem';
import type { GraphError } from './graphError';
import { ofLibrary } from './templateLibrary';
import { placeholdersOf } from './templateParts';
import {
  editShape,
  libraryShape,
  submissionShape,
  type SubmittedButton,
  type SubmittedComponent,
  type TemplateSubmission,
} from './templateShape';

/** What the review's first, automatic part refuses at once: shapes, limits and missing examples. */

const NAME = /^[a-z0-9_]{1,512}$/;
const MOST_BUTTONS = 10;
const MOST_OF_KIND: Partial<Record<SubmittedButton['type'], number>> = {
  URL: 2,
  PHONE_NUMBER: 1,
  COPY_CODE: 1,
  OTP: 1,
  FLOW: 1,
};
type Format = TemplateSubmission['parameter_format'];
type Category = TemplateSubmission['category'];

const tooLong = (userMessage: string): GraphError => ({ code: 100, subcode: 2388040, userMessage });
const noExample = (userMessage: string): GraphError => ({
  code: 100,
  subcode: 2388043,
  userMessage,
});
const badHeader = (userMessage: string): GraphError => ({
  code: 100,
  subcode: 2388047,
  userMessage,
});
const badBody = (userMessage: string): GraphError => ({ code: 100, subcode: 2388072, userMessage });
const badFooter = (userMessage: string): GraphError => ({
  code: 100,
  subcode: 2388073,
  userMessage,
});
const badButtons = (userMessage: string): GraphError => ({ code: 100, userMessage });

export function readSubmission(json: unknown): TemplateSubmission | GraphError {
  const submission = isOfLibrary(json) ? readLibrary(json) : readOwn(json);
  if ('code' in submission) return submission;
  const { name, category, parameter_format, components } = submission;
  if (!NAME.test(name))
    return {
      code: 100,
      userMessage: 'The name may hold lower case letters, digits and underscores, 512 at most.',
    };
  return componentsProblem(components, category, parameter_format) ?? submission;
}

function isOfLibrary(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'library_template_name' in json;
}

function readLibrary(json: unknown): TemplateSubmission | GraphError {
  const parsed = libraryShape.safeParse(json);
  return parsed.success ? ofLibrary(parsed.data) : shapeProblem(parsed.error, json);
}

function readOwn(json: unknown): TemplateSubmission | GraphError {
  const parsed = submissionShape.safeParse(json);
  return parsed.success ? parsed.data : shapeProblem(parsed.error, json);
}

export function readEdit(
  json: unknown,
  known: { category: Category; format: Format },
): ReturnType<typeof editShape.parse> | GraphError {
  const parsed = editShape.safeParse(json);
  if (!parsed.success) return shapeProblem(parsed.error, json);
  const { components, category = known.category, parameter_format = known.format } = parsed.data;
  const problem = components && componentsProblem(components, category, parameter_format);
  return problem ?? parsed.data;
}

function componentsProblem(
  components: readonly SubmittedComponent[],
  category: Category,
  format: Format,
): GraphError | null {
  const types = components.map(({ type }) => type);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) return badBody(`There is more than one ${twice}.`);
  if (!types.includes('BODY')) return badBody('The template has no body.');
  for (const component of components) {
    const problem = componentProblem(component, category, format);
    if (problem !== null) return problem;
  }
  return null;
}

function componentProblem(
  component: SubmittedComponent,
  category: Category,
  format: Format,
): GraphError | null {
  switch (component.type) {
    case 'HEADER':
      return headerProblem(component, format);
    case 'BODY':
      return bodyProblem(component, category, format);
    case 'FOOTER':
      return footerProblem(component, category);
    case 'BUTTONS':
      return buttonsProblem(component.buttons, category);
    case 'CAROUSEL':
      if (category !== 'MARKETING') return badBody('Carousels are for marketing templates.');
      for (const { components } of component.cards)
        for (const part of components) {
          const problem = cardProblem(part) ?? componentProblem(part, category, format);
          if (problem !== null) return problem;
        }
      return null;
    default:
      return null;
  }
}

/** What is narrower on a card than in a message. */
function cardProblem(part: SubmittedComponent): GraphError | null {
  if (part.type === 'BODY' && lengthOf(part.text ?? '') > 160)
    return tooLong('The text of a card is longer than 160 characters.');
  return part.type === 'BUTTONS' && part.buttons.length > 2
    ? badButtons('A card has at most 2 buttons.')
    : null;
}

type Component<Type> = Extract<SubmittedComponent, { type: Type }>;

function headerProblem(
  { format: kind, text = '', example }: Component<'HEADER'>,
  format: Format,
): GraphError | null {
  if (kind === 'LOCATION' || kind === 'PRODUCT') return null;
  if (kind !== 'TEXT')
    return example?.header_handle?.length === 1
      ? null
      : noExample(`The ${kind.toLowerCase()} header needs an example (header_handle).`);
  if (text === '') return badHeader('The header has no text.');
  if (lengthOf(text) > 60) return tooLong('The header is longer than 60 characters.');
  if (/[\n*_~]/.test(text)) return badHeader('The header may not hold line breaks or formatting.');
  const names = placeholdersOf(text);
  if (names.length > 1) return badHeader('The header may have one variable.');
  if (!areOf(format, names)) return badHeader(`The variable is not ${format.toLowerCase()}.`);
  const given =
    format === 'NAMED' ? example?.header_text_named_params?.length : example?.header_text?.length;
  return (given ?? 0) === names.length ? null : noExample('The header needs an example.');
}

function bodyProblem(
  { text, add_security_recommendation, example }: Component<'BODY'>,
  category: Category,
  format: Format,
): GraphError | null {
  if (category === 'AUTHENTICATION')
    return text === undefined ? null : badBody('Authentication templates have a fixed body.');
  if (add_security_recommendation !== undefined)
    return badBody('Only authentication templates have a security recommendation.');
  if (text === undefined || text.trim() === '') return badBody('The body has no text.');
  if (lengthOf(text) > 1024) return tooLong('The body is longer than 1024 characters.');
  const names = placeholdersOf(text);
  if (!areOf(format, names)) return badBody(`The variables are not ${format.toLowerCase()}.`);
  const given =
    format === 'NAMED' ? example?.body_text_named_params?.length : example?.body_text?.[0]?.length;
  return (given ?? 0) === names.length
    ? null
    : noExample(`The body has ${names.length} variables and ${given ?? 0} examples.`);
}

/** Positional: 1 to n without gaps. Named: lower case letters, digits and underscores. */
function areOf(format: Format, names: readonly string[]): boolean {
  if (format === 'NAMED') return names.every((name) => /^[a-z][a-z0-9_]*$/.test(name));
  const numbers = names.map(Number).sort((a, b) => a - b);
  return numbers.every((number, index) => number === index + 1);
}

function footerProblem(
  { text, code_expiration_minutes }: Component<'FOOTER'>,
  category: Category,
): GraphError | null {
  if (category === 'AUTHENTICATION')
    return text === undefined ? null : badFooter('Authentication templates have a fixed footer.');
  if (code_expiration_minutes !== undefined || text === undefined || text === '')
    return badFooter('The footer has no text.');
  if (lengthOf(text) > 60) return tooLong('The footer is longer than 60 characters.');
  return placeholdersOf(text).length > 0 ? badFooter('The footer may not have variables.') : null;
}

function buttonsProblem(
  buttons: readonly SubmittedButton[],
  category: Category,
): GraphError | null {
  if (buttons.length > MOST_BUTTONS) return badButtons('A template has at most 10 buttons.');
  for (const [type, most] of Object.entries(MOST_OF_KIND)) {
    if (buttons.filter((button) => button.type === type).length > most)
      return badButtons(`A template has at most ${most} ${type} buttons.`);
  }
  if (buttons.some(({ type }) => (type === 'OTP') !== (category === 'AUTHENTICATION')))
    return badButtons('Authentication templates have OTP buttons, and no others have them.');
  const replies = buttons.map(({ type }) => type === 'QUICK_REPLY');
  const changes = replies.filter((reply, index) => index > 0 && reply !== replies[index - 1]);
  if (changes.length > 1) return badButtons('Quick replies may not stand between other buttons.');
  for (const button of buttons) {
    const problem = buttonProblem(button);
    if (problem !== null) return problem;
  }
  return null;
}

function buttonProblem(button: SubmittedButton): GraphError | null {
  if (button.text !== undefined && button.type !== 'COPY_CODE') {
    if (button.text.trim() === '') return badButtons('A button has no text.');
    if (lengthOf(button.text) > 25)
      return tooLong('The text of a button is longer than 25 characters.');
  }
  switch (button.type) {
    case 'URL':
      return urlProblem(button.url, button.example);
    case 'PHONE_NUMBER':
      return lengthOf(button.phone_number) > 20 ? tooLong('The phone number is too long.') : null;
    case 'COPY_CODE':
      return (button.example[0] ?? '').length > 20
        ? tooLong('The code is longer than 20 characters.')
        : null;
    case 'OTP':
      return button.otp_type !== 'COPY_CODE' && button.supported_apps === undefined
        ? badButtons('One-tap and zero-tap buttons name their apps.')
        : null;
    case 'FLOW': {
      const { flow_id, flow_name, flow_json } = button;
      const given = [flow_id, flow_name, flow_json].filter((one) => one !== undefined);
      return given.length === 1 ? null : badButtons('A flow button names exactly one flow.');
    }
    default:
      return null;
  }
}

function urlProblem(url: string, example: string[] | undefined): GraphError | null {
  if (lengthOf(url) > 2000) return tooLong('The URL is longer than 2000 characters.');
  const names = placeholdersOf(url);
  if (!/^https?:\/\/[^\s{}]+$/.test(url.replace(/\{\{\s*1\s*\}\}$/, '')))
    return badButtons('The URL is not valid, or its variable is not {{1}} at its end.');
  if (names.length > 1 || (names.length === 1 && names[0] !== '1'))
    return badButtons('A URL may have the variable {{1}} at its end.');
  return names.length === 1 && example?.length !== 1
    ? noExample('A URL with a variable needs an example.')
    : null;
}
