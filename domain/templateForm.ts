import { DomainError, type DomainCode } from './errors';
import type { Place, TemplateParameter } from './message';
import {
  bodyForm,
  parameterFormatOf,
  placeholdersOf,
  textSlot,
  type ComponentForm,
  type ParameterFormat,
  type PartForm,
  type Slot,
  type TemplateForm,
} from './template';
import type {
  HeaderMedia,
  MediaFormat,
  TemplateButton,
  TemplateCard,
  TemplateHeader,
  TemplateParts,
} from './templateParts';

/** What the header of a message shows, where the template does not fix it. */
export type HeaderValue = Extract<
  TemplateParameter,
  { type: 'image' | 'video' | 'document' | 'location' }
>;

/** Media or a place, given with a message or a campaign. */
export type GivenHeader = HeaderMedia | Place;

/** `{{1}}` of a header and `{{1}}` of a body are two things: the header's goes by this name. */
const HEADER_VALUE = 'header';
const buttonValue = (index: number): string => `button_${index + 1}`;
const BUTTON_VALUE = /^(card_[0-9]+_)?button_[0-9]+$/;
/** Every card of a carousel has a `{{1}}` and a first button of its own. */
const cardValue = (card: number, name: string): string => `card_${card + 1}_${name}`;

/**
 * Names of the values that a message brings: the body's placeholders, then the header's, then one for each button
 * that takes a value (`button_1` is the first button), then those of each card (`card_1_1`, `card_1_button_1`). Lists of
 * values are in this order. A name stands for one value, however often it is used.
 */
export function variablesOf(parts: TemplateParts): string[] {
  const buttons = parts.buttons.flatMap((button, index) => buttonVariable(button, index) ?? []);
  const cards = cardsOf(parts).flatMap((card, index) => [
    ...cardTexts(parts, index).map(({ variable }) => variable),
    ...card.buttons.flatMap((button, place) => cardButton(index, button, place) ?? []),
  ]);
  return [...new Set([...bodyVariables(parts), ...headerVariables(parts), ...buttons, ...cards])];
}

export function cardsOf({ cards }: TemplateParts): readonly TemplateCard[] {
  return cards ?? [];
}

/** A card as a template: it is filled as one, but for the names of its values. */
export function cardParts(card: TemplateCard): TemplateParts {
  return { ...card, footer: null };
}

/** The placeholders of a card's text in the order of their values, with the variables that fill them. */
export function cardTexts(
  parts: TemplateParts,
  index: number,
): { placeholder: string; variable: string }[] {
  const format = formatOf(parts);
  const names = inOrder(placeholdersOf(cardsOf(parts)[index]?.body ?? ''), format);
  return names.map((name) => {
    return { placeholder: name, variable: format === 'named' ? name : cardValue(index, name) };
  });
}

/** The value that a button of a card takes, if any. */
export function cardButton(card: number, button: TemplateButton, index: number): string | null {
  const name = buttonVariable(button, index);
  return name && cardValue(card, name);
}

/** All texts share one format; links are always positional. */
export function formatOf(parts: TemplateParts): ParameterFormat {
  const cards = cardsOf(parts).flatMap(({ body }) => placeholdersOf(body));
  const { header, body } = parts;
  return parameterFormatOf([...placeholdersOf(body), ...headerPlaceholders(header), ...cards]);
}

function bodyVariables(parts: TemplateParts): string[] {
  return inOrder(placeholdersOf(parts.body), formatOf(parts));
}

/** Positional values go out by number, wherever in the text they are used. */
function inOrder(names: string[], format: ParameterFormat): string[] {
  return format === 'named' ? names : names.sort((a, b) => Number(a) - Number(b));
}

function headerPlaceholders(header: TemplateHeader | null): string[] {
  return header?.format === 'text' ? placeholdersOf(header.text) : [];
}

/** One at most, in templates that providers approve. */
export function headerVariables(parts: TemplateParts): string[] {
  const names = headerPlaceholders(parts.header);
  return formatOf(parts) === 'named' ? names : names.map(() => HEADER_VALUE);
}

/** By variable: what a reviewer gets to see in its place. */
export type Examples = Readonly<Record<string, string>>;

/** Reviewers want an example of every value, also where the author gave none; codes are letters and digits. */
export function exampleOf(variable: string, examples: Examples): string {
  return examples[variable] ?? (BUTTON_VALUE.test(variable) ? 'EXAMPLE1' : `${variable} example`);
}

/** The value a button takes, if any. A one-time code is both in the body and behind the button: one value. */
export function buttonVariable(button: TemplateButton, index: number): string | null {
  if (button.type === 'otp') return '1';
  const takesValue =
    button.type === 'copy_code' || (button.type === 'url' && placeholdersOf(button.url).length > 0);
  return takesValue ? buttonValue(index) : null;
}

/**
 * The form of a template whose header shows `header`, in case its header is not a text. Cards show the template's own
 * media.
 */
export function templateForm(
  template: TemplateParts & { name: string; language: string },
  header: HeaderValue | null,
): TemplateForm {
  const { name, language } = template;
  const components = [
    ...headerComponent(template, header),
    ...bodyComponent(template),
    ...template.buttons.flatMap((button, index) => {
      return buttonComponent(button, index, buttonVariable(button, index));
    }),
    ...carouselComponent(template),
  ];
  return {
    name,
    language,
    parameterFormat: formatOf(template),
    placeholders: variablesOf(template),
    components,
  };
}

function headerComponent(parts: TemplateParts, shown: HeaderValue | null): PartForm[] {
  if (parts.header && parts.header.format !== 'text') {
    return shown === null ? [] : [{ type: 'header', parameters: [shown] }];
  }
  const slots = headerVariables(parts).map((name) => textSlot(name, formatOf(parts)));
  return slots.length === 0 ? [] : [{ type: 'header', parameters: slots }];
}

function bodyComponent(parts: TemplateParts): PartForm[] {
  const names = bodyVariables(parts);
  return names.length === 0 ? [] : [bodyForm(names, formatOf(parts))];
}

function buttonComponent(
  button: TemplateButton,
  index: number,
  placeholder: string | null,
): PartForm[] {
  if (button.type === 'flow') {
    return [{ type: 'button', subType: 'flow', index, parameters: [{ type: 'flow' }] }];
  }
  if (placeholder === null) return [];
  const coupon = button.type === 'copy_code';
  const slot: Slot = { slot: coupon ? 'coupon_code' : 'text', placeholder };
  return [{ type: 'button', subType: coupon ? 'copy_code' : 'url', index, parameters: [slot] }];
}

function carouselComponent(parts: TemplateParts): ComponentForm[] {
  const cards = cardsOf(parts).map((card, index) => {
    const texts = cardTexts(parts, index).map(({ variable }) => variable);
    return {
      index,
      components: [
        ...headerComponent(cardParts(card), ownHeader(card.header)),
        ...(texts.length === 0 ? [] : [bodyForm(texts, formatOf(parts))]),
        ...card.buttons.flatMap((button, place) => {
          return buttonComponent(button, place, cardButton(index, button, place));
        }),
      ],
    };
  });
  return cards.length === 0 ? [] : [{ type: 'carousel', cards }];
}

/** What the header shows when a message brings nothing for it; null where it must, or need not. */
export function ownHeader(header: TemplateHeader | null): HeaderValue | null {
  if (!header || header.format === 'text' || header.format === 'location') return null;
  return header.media && mediaValue(header.format, header.media);
}

/** Whether a header, or a card, has to show something and nothing is there to be shown; `header` is what was given. */
export function lacksHeader(parts: TemplateParts, header: HeaderValue | null): boolean {
  return (
    (showsHeader(parts.header) && header === null) ||
    cardsOf(parts).some((card) => showsHeader(card.header) && ownHeader(card.header) === null)
  );
}

function showsHeader(header: TemplateHeader | null): boolean {
  return header !== null && header.format !== 'text';
}

/** Throws `template_header_required` where a card has no media of the template's own. */
export function requireCardHeaders(parts: TemplateParts): void {
  for (const { header } of cardsOf(parts)) headerValue(header, null);
}

/**
 * What a message shows in the header: what was given with it, or else the template's own media. Null where the header
 * takes nothing. Throws `template_header_required`, or `template_header_invalid` for a place where media belong.
 */
export function headerValue(
  header: TemplateHeader | null,
  given: GivenHeader | null,
): HeaderValue | null {
  if (!header || header.format === 'text') return null;
  const { format } = header;
  if (given === null) {
    const own = ownHeader(header);
    if (own) return own;
    throw headerError('template_header_required', `The template needs a ${format}.`, format);
  }
  if (format === 'location' && isPlace(given)) return { ...given, type: 'location' };
  if (format !== 'location' && !isPlace(given)) return mediaValue(format, given);
  throw headerError('template_header_invalid', `The template shows a ${format}.`, format);
}

function mediaValue(type: MediaFormat, { filename, ...source }: HeaderMedia): HeaderValue {
  return type === 'document' && filename !== undefined
    ? { ...source, type, filename }
    : { ...source, type };
}

function headerError(code: DomainCode, message: string, format: string): DomainError {
  return new DomainError(code, message, { field: 'header', format });
}

function isPlace(given: GivenHeader): given is Place {
  return 'latitude' in given;
}
