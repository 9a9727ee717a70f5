import type {
  TemplateButtonType,
  TemplateComponent,
  TemplateContent,
  TemplateParameter,
} from './message';

/** in_review until the provider decides; only `approved` may be sent. */
export const TEMPLATE_STATUSES = [
  'in_review',
  'approved',
  'rejected',
  'paused',
  'disabled',
] as const;
export type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

/** What the provider's words mean for sending, in lists and in webhooks; others say nothing of it. */
const PROVIDER_STATUSES: ReadonlyMap<string, TemplateStatus> = new Map([
  ['PENDING', 'in_review'],
  ['IN_APPEAL', 'in_review'],
  ['APPROVED', 'approved'],
  ['REINSTATED', 'approved'],
  ['REJECTED', 'rejected'],
  ['PAUSED', 'paused'],
  ['DISABLED', 'disabled'],
  ['LOCKED', 'disabled'],
  ['ARCHIVED', 'disabled'],
  ['PENDING_DELETION', 'disabled'],
  ['DELETED', 'disabled'],
]);

export function templateStatusOf(word: string): TemplateStatus | undefined {
  return PROVIDER_STATUSES.get(word.toUpperCase());
}

export const TEMPLATE_CATEGORIES = ['MARKETING', 'UTILITY', 'AUTHENTICATION'] as const;
export type TemplateCategory = (typeof TEMPLATE_CATEGORIES)[number];

/** How well customers take a template, as the provider rates it; RED is the last step before it is paused. */
export const TEMPLATE_QUALITIES = ['GREEN', 'YELLOW', 'RED', 'UNKNOWN'] as const;
export type TemplateQuality = (typeof TEMPLATE_QUALITIES)[number];

export type ParameterFormat = 'positional' | 'named';

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;
const NUMBER = /^[0-9]+$/;

/** Names of the placeholders of a text, in order of first appearance: `{{1}}`, `{{first_name}}`. */
export function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1]!))];
}

/** Positional when every placeholder is a number. */
export function parameterFormatOf(placeholders: readonly string[]): ParameterFormat {
  return placeholders.every((name) => NUMBER.test(name)) ? 'positional' : 'named';
}

/** The text as the recipient reads it; placeholders without a value stay as they are. */
export function renderBody(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole);
}

/** Who has opted out of marketing alone still gets the other categories. */
export function isMarketing(template: { category: string }): boolean {
  return template.category === 'MARKETING';
}

/**
 * A template as a form: what a message must bring, and where it goes. Plain JSON, because campaigns keep it as it was
 * when their audience was frozen.
 */
export interface TemplateForm {
  name: string;
  language: string;
  parameterFormat: ParameterFormat;
  /** Names of the values a message brings, in order. */
  placeholders: readonly string[];
  /** Absent in campaigns that were frozen when templates had bodies alone: all values are the body's. */
  components?: readonly ComponentForm[];
}

export type ComponentForm = PartForm | { type: 'carousel'; cards: readonly CardForm[] };

export interface CardForm {
  /** Zero-based position of the card. */
  index: number;
  components: readonly PartForm[];
}

export type PartForm =
  | { type: 'header' | 'body'; parameters: readonly (Slot | TemplateParameter)[] }
  | {
      type: 'button';
      subType: TemplateButtonType;
      index: number;
      parameters: readonly (Slot | TemplateParameter)[];
    };

/** Takes the value of a placeholder. `name` is what the provider calls it, in templates with named parameters. */
export interface Slot {
  slot: 'text' | 'coupon_code';
  placeholder: string;
  name?: string;
}

type Values = readonly string[];

/**
 * Makes the message of each recipient; `values` are in the order of the form's placeholders. The form is read once,
 * because a campaign fills it a million times.
 */
export function templateFiller(form: TemplateForm): (values: Values) => TemplateContent {
  const { name, language, placeholders } = form;
  const places = new Map(placeholders.map((placeholder, index) => [placeholder, index]));
  const makers = (form.components ?? bodyOnly(form)).map((part) => componentMaker(part, places));
  const fill = (values: Values): TemplateContent => ({
    type: 'template',
    name,
    language,
    components: makers.map((make) => make(values)),
  });
  if (placeholders.length > 0) return fill;
  const same = fill([]);
  return () => same;
}

function bodyOnly({ placeholders, parameterFormat }: TemplateForm): ComponentForm[] {
  return placeholders.length === 0 ? [] : [bodyForm(placeholders, parameterFormat)];
}

type Places = ReadonlyMap<string, number>;

function componentMaker(
  form: ComponentForm,
  places: Places,
): (values: Values) => TemplateComponent {
  if (form.type === 'carousel') {
    const cards = form.cards.map(({ index, components }) => {
      return { index, makers: components.map((part) => componentMaker(part, places)) };
    });
    return (values) => ({
      type: 'carousel',
      cards: cards.map(({ index, makers }) => ({
        index,
        components: makers.map((make) => make(values)),
      })),
    });
  }
  const makers = form.parameters.map((parameter) => parameterMaker(parameter, places));
  const filled = (values: Values) => makers.map((make) => make(values));
  if (form.type !== 'button') {
    const { type } = form;
    return (values) => ({ type, parameters: filled(values) });
  }
  const { type, subType, index } = form;
  return (values) => ({ type, subType, index, parameters: filled(values) });
}

function parameterMaker(
  parameter: Slot | TemplateParameter,
  places: Places,
): (values: Values) => TemplateParameter {
  if (!('slot' in parameter)) return () => parameter;
  const { slot, placeholder, name } = parameter;
  const place = places.get(placeholder) ?? -1;
  if (slot === 'coupon_code') {
    return (values) => ({ type: 'coupon_code', code: values[place] ?? '' });
  }
  return name === undefined
    ? (values) => ({ type: 'text', text: values[place] ?? '' })
    : (values) => ({ type: 'text', text: values[place] ?? '', name });
}

/** The message for one recipient. Where there are many, `templateFiller` reads the form once. */
export function templateContent(form: TemplateForm, values: readonly string[]): TemplateContent {
  return templateFiller(form)(values);
}

/** A body takes its values by position, or by name. */
export function bodyForm(names: readonly string[], format: ParameterFormat): PartForm {
  return { type: 'body', parameters: names.map((name) => textSlot(name, format)) };
}

export function textSlot(placeholder: string, format: ParameterFormat): Slot {
  return format === 'named'
    ? { slot: 'text', placeholder, name: placeholder }
    : { slot: 'text', placeholder };
}
