import { json } from '../db/connect';
import type { Template, VariableSource } from '../db/schema';
import { headerValue, requireCardHeaders, variablesOf } from '../domain/templateForm';
import { requireVariables } from '../domain/templateValues';
import type { CreateCampaign } from './campaignTypes';

/**
 * What all recipients of a campaign get alike: the header that is shown in place of the template's own, and the literal
 * values. Throws `template_header_required`, `template_header_invalid`, or the code of the first literal that will not
 * do; values from contacts are looked at when the audience is frozen.
 */
export function campaignContent(
  template: Template,
  { header = null, variables = {} }: Pick<CreateCampaign, 'header' | 'variables'>,
): { header: string | null; variables: string } {
  const shown = headerValue(template.header, header);
  requireCardHeaders(template);
  requireVariables(template, literals(template, variables));
  return { header: header && shown ? json(shown) : null, variables: json(variables) };
}

/** Stands in for values that only the contacts have. */
const SOMETHING = 'x';

function literals(
  template: Template,
  variables: Readonly<Record<string, VariableSource>>,
): Record<string, string> {
  return Object.fromEntries(
    variablesOf(template).map((name) => {
      const source = variables[name];
      return [name, source && 'value' in source ? source.value : SOMETHING];
    }),
  );
}
