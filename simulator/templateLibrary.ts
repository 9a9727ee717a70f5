import type { GraphError } from './graphError';
import { placeholdersOf } from './templateParts';
import type {
  LibrarySubmission,
  SubmittedButton,
  SubmittedComponent,
  TemplateSubmission,
} from './templateShape';

/** A few templates in the manner of WhatsApp's library, under names that it has; all of them English. */

type Input = NonNullable<LibrarySubmission['library_template_button_inputs']>[number];

/** A button whose aim is the business's own. */
interface OpenButton {
  type: 'URL' | 'PHONE_NUMBER';
  text: string;
}

interface LibraryTemplate {
  category: TemplateSubmission['category'];
  header?: string;
  body: string;
  /** Examples, in the order of the body's values. */
  values: string[];
  buttons: OpenButton[];
}

const LANGUAGE = 'en_US';
const LIBRARY: ReadonlyMap<string, LibraryTemplate> = new Map(
  Object.entries<LibraryTemplate>({
    delivery_update_1: {
      category: 'UTILITY',
      body: 'Hi {{1}}, your order {{2}} is on its way. It should arrive {{3}}, and you will hear from us then.',
      values: ['Jim', '#12345', 'January 1st'],
      buttons: [{ type: 'URL', text: 'Track order' }],
    },
    low_balance_warning_1: {
      category: 'UTILITY',
      header: 'Your account balance is low',
      body: 'Hi {{1}}, the balance of your account ending in {{2}} is below {{3}}. Please make a deposit.',
      values: ['Jim', '1234', '$75.00'],
      buttons: [
        { type: 'URL', text: 'Make a deposit' },
        { type: 'PHONE_NUMBER', text: 'Call us' },
      ],
    },
    delivery_confirmation_1: {
      category: 'UTILITY',
      body: '{{1}}, your order {{2}} was delivered. Thank you!',
      values: ['Jim', '#12345'],
      buttons: [],
    },
  }),
);

const refused = (userMessage: string): GraphError => ({ code: 100, userMessage });

/** The template that is asked for, with its buttons filled in. Sentences that the body inputs ask for are left out. */
export function ofLibrary(given: LibrarySubmission): TemplateSubmission | GraphError {
  const {
    library_template_name: libraryName,
    library_template_button_inputs: inputs = [],
    name,
    language,
    category,
  } = given;
  const template = LIBRARY.get(libraryName);
  if (template === undefined || language !== LANGUAGE)
    return refused(`There is no library template ${libraryName} in ${language}.`);
  const { category: own, buttons } = template;
  if (category !== own)
    return refused(`The library template ${libraryName} is of the category ${own}.`);
  const filled = buttonsOf(buttons, inputs);
  if ('code' in filled) return filled;
  const components = componentsOf(template, filled);
  return { name, language, category, parameter_format: 'POSITIONAL', components, libraryName };
}

function buttonsOf(
  buttons: readonly OpenButton[],
  inputs: readonly Input[],
): SubmittedButton[] | GraphError {
  const [wanted, given] = [buttons, inputs].map((all) => all.map(({ type }) => type).join(', '));
  if (wanted !== given)
    return refused(`The library template takes the button inputs (${wanted}), not (${given}).`);
  const filled: SubmittedButton[] = [];
  for (const [index, button] of buttons.entries()) {
    const one = buttonOf(button, inputs[index]);
    if ('code' in one) return one;
    filled.push(one);
  }
  return filled;
}

function buttonOf(
  { type, text }: OpenButton,
  input: Input | undefined,
): SubmittedButton | GraphError {
  const { url, phone_number } = input ?? {};
  if (type === 'PHONE_NUMBER')
    return phone_number === undefined
      ? refused(`The button ${text} needs a phone_number.`)
      : { type, text, phone_number };
  if (url === undefined) return refused(`The button ${text} needs a url.`);
  const { base_url, url_suffix_example: example } = url;
  const takesValue = placeholdersOf(base_url).length > 0;
  return {
    type,
    text,
    url: base_url,
    ...(takesValue && example !== undefined && { example: [example] }),
  };
}

function componentsOf(
  { header, body, values }: LibraryTemplate,
  buttons: SubmittedButton[],
): SubmittedComponent[] {
  return [
    ...(header === undefined ? [] : [{ type: 'HEADER', format: 'TEXT', text: header } as const]),
    { type: 'BODY', text: body, example: { body_text: [values] } },
    ...(buttons.length === 0 ? [] : [{ type: 'BUTTONS', buttons } as const]),
  ];
}
