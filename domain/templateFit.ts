import { invalid, missing, type ContentProblem } from './contentProblem';
import type { TemplateComponent, TemplateContent, TemplateParameter } from './message';
import { placeholdersOf, renderBody } from './template';
import { buttonVariable, cardParts, cardsOf, formatOf, variablesOf } from './templateForm';
import type { TemplateParts } from './templateParts';

/** Providers refuse what breaks the line, or the layout. */
const UNSENDABLE = /[\n\r\t]| {5,}/;

type Filled = Extract<TemplateComponent, { type: 'header' | 'body' | 'limited_time_offer' }>;

/**
 * Why a message does not fit its template, with the code and the words of WhatsApp; null where nothing speaks against
 * it. Parts that we do not know (offers, catalogs) are left to the provider.
 */
export function templateMisfit(
  template: TemplateParts,
  content: TemplateContent,
): ContentProblem | null {
  return (
    headerMisfit(template, partOf(content, 'header')) ??
    textMisfit('body', template, template.body, partOf(content, 'body')) ??
    buttonsMisfit(template, content.components) ??
    carouselMisfit(template, content)
  );
}

/** A card fits as a message does. */
function carouselMisfit(template: TemplateParts, content: TemplateContent): ContentProblem | null {
  const cards = cardsOf(template);
  if (cards.length === 0) return null;
  const given = content.components.find(({ type }) => type === 'carousel');
  const filled = given?.type === 'carousel' ? given.cards : [];
  if (filled.length !== cards.length) {
    return {
      code: 132012,
      details: `carousel: number of cards (${filled.length}) does not match the expected number of cards (${cards.length})`,
    };
  }
  for (const [index, card] of cards.entries()) {
    const filling = filled.find((one) => one.index === index);
    if (!filling)
      return { code: 132012, details: `carousel: The card at index ${index} is missing` };
    const { components } = filling;
    const problem = templateMisfit(cardParts(card), { ...content, components });
    if (problem) return problem;
  }
  return null;
}

/** The body as the recipient reads it, of a message that fits its template. */
export function filledBody(template: TemplateParts, content: TemplateContent): string {
  const names = variablesOf({ ...template, header: null, buttons: [], cards: [] });
  const values = partOf(content, 'body').flatMap((parameter, index): [string, string][] => {
    const name = ('name' in parameter ? parameter.name : undefined) ?? names[index];
    if (name === undefined) return [];
    if (parameter.type === 'text') return [[name, parameter.text]];
    return 'fallback' in parameter ? [[name, parameter.fallback]] : [];
  });
  return renderBody(template.body, Object.fromEntries(values));
}

function partOf(
  { components }: TemplateContent,
  type: Filled['type'],
): readonly TemplateParameter[] {
  const found = components.find((component): component is Filled => component.type === type);
  return found?.parameters ?? [];
}

function headerMisfit(
  template: TemplateParts,
  given: readonly TemplateParameter[],
): ContentProblem | null {
  const { header } = template;
  if (header === null || header.format === 'text')
    return textMisfit('header', template, header?.text ?? '', given);
  const [first] = given;
  if (first?.type === header.format) return null;
  const received = (first?.type ?? 'unknown').toUpperCase();
  return {
    code: 132012,
    details: `header: Format mismatch, expected ${header.format.toUpperCase()}, received ${received}`,
  };
}

function textMisfit(
  part: 'header' | 'body',
  template: TemplateParts,
  text: string,
  given: readonly TemplateParameter[],
): ContentProblem | null {
  const names = placeholdersOf(text);
  if (given.length !== names.length) {
    return {
      code: 132000,
      details: `${part}: number of localizable_params (${given.length}) does not match the expected number of params (${names.length})`,
    };
  }
  const named = formatOf(template) === 'named';
  for (const parameter of given) {
    const name = 'name' in parameter ? parameter.name : undefined;
    if (named ? name === undefined || !names.includes(name) : name !== undefined)
      return {
        code: 132012,
        details: `${part}: the template takes ${formatOf(template)} parameters`,
      };
    if (parameter.type === 'text' && UNSENDABLE.test(parameter.text))
      return {
        code: 132018,
        details: `${part}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces`,
      };
  }
  return null;
}

function buttonsMisfit(
  { buttons }: TemplateParts,
  components: readonly TemplateComponent[],
): ContentProblem | null {
  const filled = components.filter((component) => component.type === 'button');
  const outside = filled.find(({ index }) => index >= buttons.length);
  if (outside && buttons.length > 0)
    return invalid(`buttons: there is no button at index ${outside.index}`);
  for (const [index, button] of buttons.entries()) {
    if (buttonVariable(button, index) === null) continue;
    const parameters = filled.find((component) => component.index === index)?.parameters ?? [];
    if (parameters.length === 0)
      return missing(`buttons: Button at index ${index} requires a parameter`);
  }
  return null;
}
