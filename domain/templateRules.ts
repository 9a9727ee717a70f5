import { DomainError, type DomainCode } from './errors';
import { parameterFormatOf, placeholdersOf, type TemplateCategory } from './template';
import { cardsOf, formatOf } from './templateForm';
import type { OtpButton, TemplateButton, TemplateCard, TemplateParts } from './templateParts';
import { lengthOf } from './text';

/** WhatsApp's limits: characters of texts, buttons of a kind, minutes of an expiration. */
export const LIMITS = {
  name: 512,
  body: 1024,
  header: 60,
  footer: 60,
  buttons: 10,
  buttonText: 25,
  url: 2000,
  phoneNumber: 20,
  coupon: 20,
  otp: 15,
  expirationMinutes: 90,
  apps: 5,
  cards: 10,
  cardBody: 160,
  cardButtons: 2,
} as const;

/** How many buttons of a kind a template may have. */
const MOST_OF: Readonly<Record<TemplateButton['type'], number>> = {
  quick_reply: 10,
  url: 2,
  phone_number: 1,
  copy_code: 1,
  flow: 1,
  otp: 1,
};

export interface TemplateDraft extends TemplateParts {
  name: string;
  category: TemplateCategory;
}

const NAME = /^[a-z0-9_]+$/;
const PARAMETER = /^[a-z][a-z0-9_]*$/;
const PHONE_NUMBER = /^\+?[0-9][0-9 ()-]*$/;
const LINE_BREAK = /[\n\r]/;
/** A placeholder with nothing behind it. */
const ENDS_WITH_PLACEHOLDER = /\{\{\s*[A-Za-z0-9_]+\s*\}\}$/;

/** Throws for the first part that breaks a rule of the provider. */
export function checkTemplate(draft: TemplateDraft): void {
  const [first] = templateProblems(draft);
  if (first) throw first;
}

/** For templates whose parts only the provider knows. */
export function checkTemplateName(name: string): void {
  const [first] = nameProblems(name);
  if (first) throw first;
}

/** Every rule that a template breaks, so that it is refused here and not by a review hours later; by field. */
export function templateProblems(draft: TemplateDraft): DomainError[] {
  return [
    ...nameProblems(draft.name),
    ...bodyProblems(draft),
    ...headerProblems(draft),
    ...footerProblems(draft),
    ...buttonsProblems(draft),
    ...draft.buttons.flatMap((button, index) => buttonProblems(button, `buttons.${index}`)),
    ...authenticationProblems(draft),
    ...carouselProblems(draft),
  ];
}

function nameProblems(name: string): DomainError[] {
  return when('template_name_invalid', 'name', {
    'may hold lower case letters, digits and underscores': !NAME.test(name),
    [`may have ${LIMITS.name} characters`]: lengthOf(name) > LIMITS.name,
  });
}

function bodyProblems(draft: TemplateDraft): DomainError[] {
  const { body } = draft;
  return [
    ...when('template_text_required', 'body', { 'is required': body.trim() === '' }),
    ...textProblems(draft, body, { field: 'body', most: LIMITS.body }),
  ];
}

function textProblems(
  draft: TemplateDraft,
  text: string,
  { field, most }: { field: string; most: number },
): DomainError[] {
  const names = placeholdersOf(text);
  const numbers = names.map(Number).sort((a, b) => a - b);
  const positional = formatOf(draft) === 'positional';
  return [
    ...when('template_text_too_long', field, {
      [`may have ${most} characters`]: lengthOf(text) > most,
    }),
    ...when('template_text_invalid', field, {
      'must number its placeholders from {{1}}, without gaps':
        positional && numbers.some((number, index) => number !== index + 1),
      'must name its placeholders with lower case letters, digits and underscores':
        !positional && names.some((name) => !PARAMETER.test(name)),
    }),
  ];
}

function headerProblems({ header, body }: TemplateDraft): DomainError[] {
  if (header && 'media' in header) {
    return when('template_header_invalid', 'header', {
      'needs a sample for the review': !header.media && header.handle === undefined,
    });
  }
  if (header?.format !== 'text') return [];
  const { text } = header;
  const names = placeholdersOf(text);
  const mixed =
    placeholdersOf(body).length > 0 &&
    parameterFormatOf(names) !== parameterFormatOf(placeholdersOf(body));
  return when('template_header_invalid', 'header', {
    'needs a text': text.trim() === '',
    [`may have ${LIMITS.header} characters`]: lengthOf(text) > LIMITS.header,
    'may not hold line breaks': LINE_BREAK.test(text),
    'may have one placeholder': names.length > 1,
    'must number its placeholder {{1}}, or name it as the body names its own':
      names.length === 1 && (mixed || !(names[0] === '1' || PARAMETER.test(names[0]!))),
  });
}

function footerProblems({ footer }: TemplateDraft): DomainError[] {
  if (footer === null) return [];
  return when('template_footer_invalid', 'footer', {
    'needs a text': footer.trim() === '',
    [`may have ${LIMITS.footer} characters`]: lengthOf(footer) > LIMITS.footer,
    'may not hold line breaks': LINE_BREAK.test(footer),
    'may not have placeholders': placeholdersOf(footer).length > 0,
  });
}

function buttonsProblems({ buttons, category }: TemplateDraft): DomainError[] {
  const countOf = (type: TemplateButton['type']) => buttons.filter((b) => b.type === type).length;
  const replies = buttons.map(({ type }) => type === 'quick_reply');
  const changes = replies.filter((reply, index) => index > 0 && reply !== replies[index - 1]);
  return when('template_buttons_invalid', 'buttons', {
    [`may be ${LIMITS.buttons} at most`]: buttons.length > LIMITS.buttons,
    'may hold two links, one number, one code and one flow at most': buttons.some(
      ({ type }) => countOf(type) > MOST_OF[type],
    ),
    'must keep quick replies together': changes.length > 1,
    'may pass a code on in templates of the category AUTHENTICATION alone':
      countOf('otp') > 0 && category !== 'AUTHENTICATION',
  });
}

function buttonProblems(button: TemplateButton, field: string): DomainError[] {
  if (button.type === 'copy_code') return [];
  if (button.type === 'otp') return otpProblems(button, field);
  const { text } = button;
  const problems = [
    ...when('template_button_text_required', field, { 'needs a text': text.trim() === '' }),
    ...when('template_button_text_too_long', field, {
      [`may have ${LIMITS.buttonText} characters`]: lengthOf(text) > LIMITS.buttonText,
    }),
    ...when('template_buttons_invalid', field, {
      'may not have placeholders in its text': placeholdersOf(text).length > 0,
    }),
  ];
  return [...problems, ...targetProblems(button, field)];
}

/** Where a button leads. */
function targetProblems(
  button: Exclude<TemplateButton, OtpButton | { type: 'copy_code' }>,
  field: string,
): DomainError[] {
  switch (button.type) {
    case 'quick_reply':
      return [];
    case 'phone_number':
      return when('template_button_value_invalid', field, {
        'needs a phone number': !PHONE_NUMBER.test(button.phoneNumber),
        [`may have a number of ${LIMITS.phoneNumber} characters`]:
          lengthOf(button.phoneNumber) > LIMITS.phoneNumber,
      });
    case 'url':
      return urlProblems(button.url, field);
    case 'flow':
      return when('template_button_value_invalid', field, {
        'must name one flow, by id or by name':
          (button.flowId === undefined) === (button.flowName === undefined),
      });
  }
}

function urlProblems(url: string, field: string): DomainError[] {
  const names = placeholdersOf(url);
  const atEnd = ENDS_WITH_PLACEHOLDER.test(url);
  return when('template_button_value_invalid', field, {
    'needs a link that begins with http:// or https://': !isLink(url),
    [`may have a link of ${LIMITS.url} characters`]: lengthOf(url) > LIMITS.url,
    'may have one placeholder, at the end of its link':
      names.length > 1 || (names.length === 1 && !atEnd),
  });
}

function isLink(url: string): boolean {
  const filled = url.replace(ENDS_WITH_PLACEHOLDER, 'x');
  return /^https?:\/\/[^\s{}]+$/i.test(filled) && URL.canParse(filled);
}

function otpProblems(button: OtpButton, field: string): DomainError[] {
  const { otpType, apps, expirationMinutes, text, autofillText, zeroTapTermsAccepted } = button;
  const labels = [text, autofillText].filter((label) => label !== undefined);
  const minutes = expirationMinutes ?? 1;
  return when('template_buttons_invalid', field, {
    [`may have texts of ${LIMITS.buttonText} characters`]: labels.some(
      (label) => label.trim() === '' || lengthOf(label) > LIMITS.buttonText,
    ),
    [`must name one to ${LIMITS.apps} apps`]:
      otpType !== 'copy_code' && (apps.length < 1 || apps.length > LIMITS.apps),
    'needs the terms of zero tap to be accepted': otpType === 'zero_tap' && !zeroTapTermsAccepted,
    [`may expire after 1 to ${LIMITS.expirationMinutes} minutes`]:
      !Number.isInteger(minutes) || minutes < 1 || minutes > LIMITS.expirationMinutes,
  });
}

/** A one-time code comes in a text of WhatsApp's, and with one button at most. */
function authenticationProblems({ category, header, buttons }: TemplateDraft): DomainError[] {
  if (category !== 'AUTHENTICATION') return [];
  return [
    ...when('template_header_invalid', 'header', {
      'may not be in a template of the category AUTHENTICATION': header !== null,
    }),
    ...when('template_buttons_invalid', 'buttons', {
      'may do nothing but pass a code on in templates of the category AUTHENTICATION': buttons.some(
        ({ type }) => type !== 'otp',
      ),
    }),
  ];
}

/** On cards; WhatsApp shows no others there. */
const CARD_BUTTONS: ReadonlySet<TemplateButton['type']> = new Set([
  'quick_reply',
  'url',
  'phone_number',
]);

/** A carousel follows the body and nothing else; its cards differ in what they say, not in what they are made of. */
function carouselProblems(draft: TemplateDraft): DomainError[] {
  const cards = cardsOf(draft);
  if (cards.length === 0) return [];
  const { category, header, footer, buttons } = draft;
  return [
    ...when('template_components_invalid', 'cards', {
      [`may be 2 to ${LIMITS.cards}`]: cards.length < 2 || cards.length > LIMITS.cards,
      'may be in templates of the category MARKETING alone': category !== 'MARKETING',
      'may not stand beside a header, a footer or buttons of the whole message':
        header !== null || footer !== null || buttons.length > 0,
      'must be made of the same parts': new Set(cards.map(makeOf)).size > 1,
    }),
    ...cards.flatMap((card, index) => cardProblems(draft, card, `cards.${index}`)),
  ];
}

/** What a card is made of. */
function makeOf({ header, body, buttons }: TemplateCard): string {
  return JSON.stringify([header?.format, body !== '', buttons.map(({ type }) => type)]);
}

function cardProblems(
  draft: TemplateDraft,
  { header, body, buttons }: TemplateCard,
  field: string,
): DomainError[] {
  const shown = header?.format === 'image' || header?.format === 'video' ? header : null;
  return [
    ...when('template_components_invalid', field, {
      'needs an image or a video': shown === null,
      'needs a sample for the review': shown !== null && !shown.media && !shown.handle,
      [`may have ${LIMITS.cardButtons} buttons`]: buttons.length > LIMITS.cardButtons,
      'may have quick replies, links and phone numbers as its buttons': buttons.some(
        ({ type }) => !CARD_BUTTONS.has(type),
      ),
    }),
    ...textProblems(draft, body, { field: `${field}.body`, most: LIMITS.cardBody }),
    ...buttons.flatMap((button, index) => buttonProblems(button, `${field}.buttons.${index}`)),
  ];
}

/** One error for each sentence that applies. */
function when(
  code: DomainCode,
  field: string,
  sentences: Readonly<Record<string, boolean>>,
): DomainError[] {
  return Object.entries(sentences).flatMap(([sentence, applies]) =>
    applies ? [new DomainError(code, `'${field}' ${sentence}.`, { field })] : [],
  );
}
