import type { TemplateContent } from './message';
import { renderBody, templateContent } from './template';
import { headerValue, requireCardHeaders, templateForm, type GivenHeader } from './templateForm';
import type { TemplateParts } from './templateParts';
import { bindVariables, type GivenValues } from './templateValues';

export interface TemplateMessage {
  content: TemplateContent;
  /** The body as the customer reads it. */
  text: string;
}

/** What fills a template when one message is made from it. */
export interface Filling {
  values?: GivenValues;
  /** Shown in place of the template's own media; a place, where the template shows one. */
  header?: GivenHeader | null;
  /** A limit of the caller's own for each value, in characters. */
  longest?: number;
}

/**
 * One message of a template. Throws, naming the placeholder, `template_variable_missing`, `template_variable_too_long`
 * or `template_variable_invalid`; and for its header `template_header_required` or `template_header_invalid`.
 */
export function templateMessage(
  template: TemplateParts & { name: string; language: string },
  { values = {}, header = null, longest }: Filling,
): TemplateMessage {
  requireCardHeaders(template);
  const form = templateForm(template, headerValue(template.header, header));
  const bound = bindVariables(template, values, longest);
  const byName = form.placeholders.map((name, index) => [name, bound[index] ?? '']);
  return {
    content: templateContent(form, bound),
    text: renderBody(template.body, Object.fromEntries(byName)),
  };
}
