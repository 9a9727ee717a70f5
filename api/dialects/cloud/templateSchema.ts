import type { Request } from 'express';
import { z } from 'zod';
import type { Template } from '../../../db/schema';
import {
  TEMPLATE_CATEGORIES,
  TEMPLATE_STATUSES,
  type TemplateStatus,
} from '../../../domain/template';
import { awaitsContent, NO_PARTS } from '../../../domain/templateLibrary';
import type { TemplateFilter } from '../../../db/template';
import type { DomainError } from '../../../domain/errors';
import type { TemplateParts } from '../../../domain/templateParts';
import { providerRefusal } from '../../../usecases/providerRefusal';
import type { CreateTemplate } from '../../../usecases/template';
import { shapeProblem, invalidParameter } from '../../../wire/requestProblem';
import { templateComponents } from '../../../wire/templateComponents';
import { libraryParameters } from '../../../wire/templateLibrary';
import { readTemplateComponents } from '../../../wire/templateReading';
import { textIn } from './page';

/** As in WhatsApp's own list. */
const STATUS_NAMES: Readonly<Record<TemplateStatus, string>> = {
  in_review: 'PENDING',
  approved: 'APPROVED',
  rejected: 'REJECTED',
  paused: 'PAUSED',
  disabled: 'DISABLED',
};
const STATUSES = new Map(TEMPLATE_STATUSES.map((status) => [STATUS_NAMES[status], status]));

export const templateSchema = z.object({
  name: z.string(),
  language: z.string(),
  category: z
    .string()
    .transform((word) => word.toUpperCase())
    .pipe(z.enum(TEMPLATE_CATEGORIES)),
  components: z
    .array(z.looseObject({ type: z.string() }))
    .min(1)
    .optional()
    .meta({ description: 'Required without `library_template_name`.' }),
  ...libraryParameters,
  parameter_format: z.string().optional().meta({ description: 'Follows from the placeholders.' }),
  allow_category_change: z.boolean().optional(),
});

/** Throws `provider_refused`, or `template_components_invalid`; WhatsApp's rules are the use case's. */
export function parseTemplate(body: unknown): CreateTemplate {
  const parsed = templateSchema.safeParse(body);
  if (!parsed.success) throw providerRefusal(shapeProblem(parsed.error, body ?? {}));
  const { name, language, category } = parsed.data;
  return { name, language, category, ...contentOf(parsed.data) };
}

/** Throws `provider_refused` unless either components or a template of the library are given. */
function contentOf(
  given: z.output<typeof templateSchema>,
): TemplateParts & Pick<CreateTemplate, 'examples' | 'library'> {
  const {
    components,
    library_template_name: name,
    library_template_button_inputs: buttonInputs,
    library_template_body_inputs: bodyInputs,
  } = given;
  if (name === undefined) {
    if (!components) throw refusal('The parameter components is required.');
    if (buttonInputs || bodyInputs)
      throw refusal('The parameter library_template_name is required.');
    return readTemplateComponents(components);
  }
  if (components) throw refusal('Param components cannot be given with library_template_name.');
  const library = {
    name,
    ...(buttonInputs && { buttonInputs }),
    ...(bodyInputs && { bodyInputs }),
  };
  return { ...NO_PARTS, library };
}

function refusal(message: string): DomainError {
  return providerRefusal(invalidParameter(message));
}

type Filters = Pick<TemplateFilter, 'name' | 'language' | 'category' | 'statuses'>;

/** Throws `provider_refused`. */
export function filtersOf(request: Request): Filters {
  const name = textIn(request, 'name');
  const language = textIn(request, 'language');
  const category = wordIn(request, 'category', (word) =>
    TEMPLATE_CATEGORIES.find((known) => known === word),
  );
  const status = wordIn(request, 'status', (word) => STATUSES.get(word));
  return {
    ...(name && { name }),
    ...(language && { language }),
    ...(category && { category }),
    ...(status && { statuses: [status] }),
  };
}

function wordIn<T>(
  request: Request,
  name: string,
  known: (word: string) => T | undefined,
): T | undefined {
  const text = textIn(request, name);
  if (text === undefined) return undefined;
  const found = known(text.toUpperCase());
  if (found !== undefined) return found;
  throw refusal(`Param ${name} is not valid - got "${text}".`);
}

const template = z.object({
  id: z.string(),
  name: z.string(),
  language: z.string(),
  category: z.string(),
  status: z.string(),
  parameter_format: z.enum(['POSITIONAL', 'NAMED']),
  components: z.array(z.looseObject({ type: z.string() })).meta({
    description: 'Empty while only the provider knows what a template of the library says.',
  }),
  library_template_name: z.string().optional(),
  quality_score: z.object({ score: z.string() }),
  rejected_reason: z.string(),
});

export const metaTemplate = template.meta({ id: 'CloudTemplate' });

/** 360dialog also gives WhatsApp's id, and writes the status in lower case. */
export const dialog360Template = z
  .object({ ...template.shape, external_id: z.string().nullable() })
  .meta({ id: 'Dialog360Template' });

type MetaTemplate = Omit<z.output<typeof metaTemplate>, 'components'> & { components: object[] };
type Dialog360Template = MetaTemplate & { external_id: string | null };

export function renderTemplate(row: Template): MetaTemplate {
  return {
    id: row.id,
    name: row.name,
    language: row.language,
    category: row.category,
    status: STATUS_NAMES[row.status],
    parameter_format: row.parameter_format === 'named' ? 'NAMED' : 'POSITIONAL',
    components: awaitsContent(row) ? [] : templateComponents(row, row.examples),
    ...(row.library && { library_template_name: row.library.name }),
    quality_score: { score: row.quality ?? 'UNKNOWN' },
    rejected_reason: row.status === 'rejected' ? (row.status_reason ?? 'INVALID_FORMAT') : 'NONE',
  };
}

export function renderDialog360Template(row: Template): Dialog360Template {
  const shown = renderTemplate(row);
  return {
    ...shown,
    status: shown.status.toLowerCase(),
    external_id: row.provider_template_id,
  };
}
