import type { TemplateContent, TemplateParameter } from './message';

/** in_review until the provider decides; only `approved` may be sent. */
export const TEMPLATE_STATUSES = [
  'in_review',
  'approved',
  'rejected',
  'paused',
  'disabled',
] as const;
export type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** Names of the placeholders of a body, in order of first appearance: `{{1}}`, `{{first_name}}`. */
export function placeholdersOf(body: string): string[] {
  return [...new Set([...body.matchAll(PLACEHOLDER)].map((match) => match[1]!))];
}

/** Positional when every placeholder is a number. */
export function parameterFormatOf(placeholders: readonly string[]): 'positional' | 'named' {
  return placeholders.every((name) => /^[0-9]+$/.test(name)) ? 'positional' : 'named';
}

/** The body as the recipient reads it; placeholders without a value stay as they are. */
export function renderBody(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole);
}

/** The message for one recipient: `values` are in the order of `template.placeholders`. */
export function templateContent(
  template: {
    name: string;
    language: string;
    parameterFormat: 'positional' | 'named';
    placeholders: readonly string[];
  },
  values: readonly string[],
): TemplateContent {
  const named = template.parameterFormat === 'named';
  const parameters = values.map((text, index): TemplateParameter =>
    named ? { type: 'text', text, name: template.placeholders[index]! } : { type: 'text', text },
  );
  return {
    type: 'template',
    name: template.name,
    language: template.language,
    components: parameters.length === 0 ? [] : [{ type: 'body', parameters }],
  };
}

/** Who has opted out of marketing alone still gets the other categories. */
export function isMarketing(template: { category: string }): boolean {
  return template.category === 'MARKETING';
}
