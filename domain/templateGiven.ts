import { DomainError, type DomainCode } from './errors';
import type { TemplateComponent, TemplateContent, TemplateParameter } from './message';
import { placeholdersOf, renderBody, templateContent } from './template';
import {
  buttonVariable,
  cardParts,
  cardsOf,
  formatOf,
  headerValue,
  headerVariables,
  templateForm,
  variablesOf,
  type GivenHeader,
  type HeaderValue,
} from './templateForm';
import type { TemplateParts } from './templateParts';
import { bindVariables } from './templateValues';

/** A template's message as its recipient gets it. */
export interface FilledTemplate {
  content: TemplateContent;
  /** Its body with the values. */
  text: string;
}

/** What WhatsApp counts: components that have parameters. */
type Filling = Extract<TemplateComponent, { parameters: unknown }>;

/**
 * A message whose caller gave components, as at WhatsApp's own API, made complete: what the template fixes is filled
 * in, and what the caller gave is held against the template. Throws as `bindVariables` and `headerValue` do, and
 * `template_variable_invalid` or `template_header_invalid` for what the template does not ask for.
 */
export function completeTemplate(
  template: TemplateParts & { name: string; language: string },
  given: readonly TemplateComponent[],
): FilledTemplate {
  const own = completeParts({ ...template, cards: [] }, given);
  return { ...own, content: withCards(template, own.content, given) };
}

type Carousel = Extract<TemplateComponent, { type: 'carousel' }>;

/** Each card is held against its own, and completed, as if it were a message. */
function withCards(
  template: TemplateParts & { name: string; language: string },
  content: TemplateContent,
  given: readonly TemplateComponent[],
): TemplateContent {
  const { name, language } = template;
  const filled = given.flatMap((component) => (isCarousel(component) ? component.cards : []));
  const cards = cardsOf(template);
  const outside = filled.find(({ index }) => index >= cards.length);
  if (outside) {
    throw surplus('template_variable_invalid', `The template has no card ${outside.index}.`);
  }
  if (cards.length === 0) return content;
  const carousel: Carousel = {
    type: 'carousel',
    cards: cards.map((card, index) => {
      const { components = [] } = filled.find((one) => one.index === index) ?? {};
      const parts = { ...cardParts(card), name, language };
      return { index, components: completeParts(parts, components).content.components };
    }),
  };
  const others = content.components.filter((component) => !isCarousel(component));
  return { ...content, components: [...others, carousel] };
}

function isCarousel(component: TemplateComponent): component is Carousel {
  return component.type === 'carousel';
}

function completeParts(
  template: TemplateParts & { name: string; language: string },
  given: readonly TemplateComponent[],
): FilledTemplate {
  const fillings = given.filter((component): component is Filling => 'parameters' in component);
  for (const filling of fillings) refuseSurplus(template, filling);
  const values = Object.fromEntries(fillings.flatMap((filling) => namedValues(template, filling)));
  const form = templateForm(template, headerValue(template.header, givenHeader(fillings)));
  const own = templateContent(form, bindVariables(template, values));
  const missing = own.components.filter(
    (component) => !given.some((other) => isSamePart(component, other)),
  );
  return {
    content: { ...own, components: [...given, ...missing] },
    text: renderBody(template.body, values),
  };
}

/** Values of one component by the names of the template's placeholders. */
function namedValues(template: TemplateParts, filling: Filling): [string, string][] {
  const names = placesOf(template, filling);
  const byName = filling.type === 'body' && formatOf(template) === 'named';
  return filling.parameters.flatMap((parameter, index): [string, string][] => {
    const name = byName ? nameOf(parameter) : names[index];
    const value = textOf(parameter);
    return name === undefined || value === null ? [] : [[name, value]];
  });
}

function nameOf(parameter: TemplateParameter): string | undefined {
  return 'name' in parameter ? parameter.name : undefined;
}

/** Names of the placeholders that a component fills, in order. */
function placesOf(template: TemplateParts, filling: Filling): string[] {
  switch (filling.type) {
    case 'body':
      return variablesOf({ ...template, header: null, buttons: [], cards: [] });
    case 'header':
      return headerVariables(template);
    case 'button': {
      const button = template.buttons[filling.index];
      const name = button && buttonVariable(button, filling.index);
      return name ? [name] : [];
    }
    case 'limited_time_offer':
      return [];
  }
}

/** What a reader sees of a value; null where that is not text. */
function textOf(parameter: TemplateParameter): string | null {
  switch (parameter.type) {
    case 'text':
      return parameter.text;
    case 'currency':
    case 'date_time':
      return parameter.fallback;
    case 'coupon_code':
      return parameter.code;
    default:
      return null;
  }
}

function givenHeader(fillings: readonly Filling[]): GivenHeader | null {
  const shown = fillings.flatMap(shownIn)[0];
  if (shown === undefined) return null;
  const { type: _, ...value } = shown;
  return value;
}

/** What a header component shows, where that is not text. */
function shownIn({ type, parameters }: Filling): HeaderValue[] {
  return type === 'header' ? parameters.filter(isShown) : [];
}

function isShown(parameter: TemplateParameter): parameter is HeaderValue {
  return ['image', 'video', 'document', 'location'].includes(parameter.type);
}

/** What WhatsApp refuses as well (132000, 132012): more than the template asks for, or something else. */
function refuseSurplus(template: TemplateParts, filling: Filling): void {
  const { header } = template;
  const [shown] = shownIn(filling);
  if (shown !== undefined && shown.type !== header?.format) {
    throw surplus('template_header_invalid', `The header of the template is no ${shown.type}.`);
  }
  if (filling.type === 'button' && template.buttons[filling.index] === undefined) {
    throw surplus('template_variable_invalid', `The template has no button ${filling.index}.`);
  }
  const texts = filling.parameters.filter((parameter) => textOf(parameter) !== null);
  const most =
    filling.type === 'body'
      ? placeholdersOf(template.body).length
      : placesOf(template, filling).length;
  if (texts.length > most) {
    const sentence = `The ${filling.type} of the template takes ${most} values.`;
    throw surplus('template_variable_invalid', sentence);
  }
}

function surplus(code: DomainCode, message: string): DomainError {
  return new DomainError(code, message, { field: 'components' });
}

function isSamePart(one: TemplateComponent, other: TemplateComponent): boolean {
  if (one.type !== other.type) return false;
  return one.type !== 'button' || other.type !== 'button' || one.index === other.index;
}
