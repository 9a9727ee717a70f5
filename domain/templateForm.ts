import { DomainError, type DomainCode } from './errors';
import type { Place, TemplateParameter } from './message';
import {
  bodyForm,
  parameterFormatOf,
  placeholdersOf,
  textSlot,
  type ComponentForm,
  type ParameterFormat,
  type Slot,
  type TemplateForm,
} from './template';
import type {
  HeaderMedia,
  MediaFormat,
  TemplateButton,
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
const BUTTON_VALUE = /^button_[0-9]+$/;

/**
 * Names of the values that a message brings: the body's placeholders, then the header's, then one for each button
 * that takes a value (`button_1` is the first button). Lists of values are in this order. A name stands for one value,
 * however often it is used.
 */
export function variablesOf(parts: TemplateParts): string[] {
  const buttons = parts.buttons.flatMap((button, index) => buttonVariable(button, index) ?? []);
  return [...new Set([...bodyVariables(parts), ...headerVariables(parts), ...buttons])];
}

/** Header and body share one format; links are always positional. */
export function formatOf({ header, body }: TemplateParts): ParameterFormat {
  return parameterFormatOf([...placeholdersOf(body), ...headerPlaceholders(header)]);
}

/** Positional values go out by number, wherever in the text they are used. */
function bodyVariables(parts: TemplateParts): string[] {
  const names = placeholdersOf(parts.body);
  return formatOf(parts) === 'named' ? names : names.sort((a, b) => Number(a) - Number(b));
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

/** The form of a template whose header shows `header`, in case its header is not a text. */
export function templateForm(
  template: TemplateParts & { name: string; language: string },
  header: HeaderValue | null,
): TemplateForm {
  const { name, language } = template;
  const components = [
    ...headerComponent(template, header),
    ...bodyComponent(template),
    ...template.buttons.flatMap(buttonComponent),
  ];
  return {
    name,
    language,
    parameterFormat: formatOf(template),
    placeholders: variablesOf(template),
    components,
  };
}

function headerComponent(parts: TemplateParts, shown: HeaderValue | null): ComponentForm[] {
  if (parts.header && parts.header.format !== 'text') {
    return shown === null ? [] : [{ type: 'header', parameters: [shown] }];
  }
  const slots = headerVariables(parts).map((name) => textSlot(name, formatOf(parts)));
  return slots.length === 0 ? [] : [{ type: 'header', parameters: slots }];
}

function bodyComponent(parts: TemplateParts): ComponentForm[] {
  const names = bodyVariables(parts);
  return names.length === 0 ? [] : [bodyForm(names, formatOf(parts))];
}

function buttonComponent(button: TemplateButton, index: number): ComponentForm[] {
  if (button.type === 'flow') {
    return [{ type: 'button', subType: 'flow', index, parameters: [{ type: 'flow' }] }];
  }
  const placeholder = buttonVariable(button, index);
  if (placeholder === null) return [];
  const coupon = button.type === 'copy_code';
  const slot: Slot = { slot: coupon ? 'coupon_code' : 'text', placeholder };
  return [{ type: 'button', subType: coupon ? 'copy_code' : 'url', index, parameters: [slot] }];
}

/** What the header shows when a message brings nothing for it; null where it must, or need not. */
export function ownHeader(header: TemplateHeader | null): HeaderValue | null {
  if (!header || header.format === 'text' || header.format === 'location') return null;
  return header.media && mediaValue(header.format, header.media);
}

/** Whether messages must show something in the header that is not a text. */
export function showsHeader(header: TemplateHeader | null): boolean {
  return header !== null && header.format !== 'text';
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
