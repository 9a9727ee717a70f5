import { z } from 'zod';
import type { SimulatedNumber, TEMPLATE_STATUSES, TemplateSeed } from './config';
import type { GraphError } from './graphError';

type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

export interface SimulatedTemplate {
  id: string;
  /** Null: every business account has it. */
  wabaId: string | null;
  name: string;
  language: string;
  category: string;
  body: string;
  header: string | null;
  format: 'positional' | 'named';
  /** Distinct placeholder names of the body, in order. */
  placeholders: string[];
  status: TemplateStatus;
  reason: string | null;
}

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

const submissionSchema = z.looseObject({
  name: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/, 'must be lower case letters, digits and underscores'),
  language: z.string().min(2),
  category: z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION']),
  components: z.array(
    z.looseObject({
      type: z.string().transform((type) => type.toUpperCase()),
      format: z.string().optional(),
      text: z.string().optional(),
      example: z
        .looseObject({
          body_text: z.array(z.array(z.string())).optional(),
          body_text_named_params: z.array(z.looseObject({ param_name: z.string() })).optional(),
        })
        .optional(),
    }),
  ),
});
type Submission = z.infer<typeof submissionSchema>;

/** The templates of all business accounts. */
export class TemplateRegistry {
  private readonly templates = new Map<string, SimulatedTemplate>();
  private created = 0;

  find(wabaId: string, name: string, language: string): SimulatedTemplate | undefined {
    return (
      this.templates.get(keyOf(wabaId, name, language)) ??
      this.templates.get(keyOf(null, name, language))
    );
  }

  hasName(wabaId: string, name: string): boolean {
    return this.of(wabaId).some((template) => template.name === name);
  }

  of(wabaId: string): SimulatedTemplate[] {
    return [...this.templates.values()].filter(
      (template) => template.wabaId === null || template.wabaId === wabaId,
    );
  }

  /** Takes a template for review. */
  submit(wabaId: string, body: unknown): SimulatedTemplate | GraphError {
    const parsed = submissionSchema.safeParse(body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return { code: 100, details: `${issue?.path.join('.')}: ${issue?.message}` };
    }
    const { name, language } = parsed.data;
    const text = parsed.data.components.find(({ type }) => type === 'BODY');
    if (text?.text === undefined) return { code: 100, details: 'The template has no body.' };
    if (this.find(wabaId, name, language) !== undefined)
      return { code: 100, subcode: 2388024, details: `${name} exists in ${language} already.` };
    const problem = bodyProblem(text.text, text.example);
    if (problem !== null) return { code: 100, details: problem };
    const header = headerOf(parsed.data);
    return this.add({ ...parsed.data, wabaId, body: text.text, header, status: 'PENDING' });
  }

  /**
   * Creates a template or changes the known ones of that name and language. Answers the templates whose status
   * changed by it. Throws an Error for a new template without a body.
   */
  seed(seed: TemplateSeed): SimulatedTemplate[] {
    const known = [...this.templates.values()].filter(
      ({ name, language, wabaId }) =>
        name === seed.name &&
        language === seed.language &&
        (seed.wabaId === undefined || seed.wabaId === wabaId),
    );
    if (known.length === 0) {
      if (seed.body === undefined) throw new Error(`The new template ${seed.name} needs a body.`);
      this.add({
        ...seed,
        body: seed.body,
        wabaId: seed.wabaId ?? null,
        header: seed.header ?? null,
      });
      return [];
    }
    const changed = known.filter((template) => template.status !== seed.status);
    for (const template of known) {
      template.status = seed.status;
      template.reason = seed.reason ?? null;
      if (seed.category !== undefined) template.category = seed.category;
      if (seed.header !== undefined) template.header = seed.header;
      if (seed.body !== undefined) Object.assign(template, textOf(seed.body));
    }
    return changed;
  }

  private add(given: {
    wabaId: string | null;
    name: string;
    language: string;
    category?: string;
    body: string;
    header: string | null;
    status: TemplateStatus;
    reason?: string;
  }): SimulatedTemplate {
    this.created += 1;
    const template: SimulatedTemplate = {
      id: String(1_700_000_000_000_000 + this.created),
      wabaId: given.wabaId,
      name: given.name,
      language: given.language,
      category: given.category ?? 'MARKETING',
      header: given.header,
      status: given.status,
      reason: given.reason ?? null,
      ...textOf(given.body),
    };
    this.templates.set(keyOf(given.wabaId, given.name, given.language), template);
    return template;
  }
}

/** The review's decision: names that contain `reject` are rejected. */
export function review(template: SimulatedTemplate): void {
  const rejected = template.name.includes('reject');
  template.status = rejected ? 'REJECTED' : 'APPROVED';
  template.reason = rejected ? 'INVALID_FORMAT' : 'NONE';
}

/** The value of a `message_template_status_update`. */
export function templateStatusValue(template: SimulatedTemplate): object {
  return {
    event: template.status,
    message_template_id: Number(template.id),
    message_template_name: template.name,
    message_template_language: template.language,
    message_template_category: template.category,
    reason: template.reason,
  };
}

/** A template as the list endpoints show it. */
export function templateView(template: SimulatedTemplate): object {
  return {
    id: template.id,
    name: template.name,
    language: template.language,
    category: template.category,
    status: template.status,
    parameter_format: template.format.toUpperCase(),
    components: [
      ...(template.header === null
        ? []
        : [{ type: 'HEADER', format: template.header.toUpperCase() }]),
      { type: 'BODY', text: template.body },
    ],
  };
}

/** Whether a number may use a template now. */
export function templateProblem(
  registry: TemplateRegistry,
  number: SimulatedNumber,
  name: string,
  language: string,
): SimulatedTemplate | GraphError {
  const template = registry.find(number.wabaId, name, language);
  if (template === undefined) {
    const details = registry.hasName(number.wabaId, name)
      ? `Template ${name} does not exist in ${language}.`
      : `Template ${name} does not exist.`;
    return { code: 132001, details };
  }
  if (template.status === 'PAUSED') return { code: 132015, details: `Template ${name} is paused.` };
  if (template.status === 'DISABLED')
    return { code: 132016, details: `Template ${name} is disabled.` };
  if (template.status !== 'APPROVED')
    return { code: 132001, details: `Template ${name} is not approved.` };
  return template;
}

function keyOf(wabaId: string | null, name: string, language: string): string {
  return `${wabaId ?? '*'}/${name}/${language}`;
}

function textOf(body: string): Pick<SimulatedTemplate, 'body' | 'placeholders' | 'format'> {
  const placeholders = [
    ...new Set(Array.from(body.matchAll(PLACEHOLDER), (found) => found[1] ?? '')),
  ];
  const named = placeholders.some((name) => !/^\d+$/.test(name));
  return { body, placeholders, format: named ? 'named' : 'positional' };
}

function headerOf({ components }: Submission): string | null {
  const format = components.find(({ type }) => type === 'HEADER')?.format?.toLowerCase();
  return format === undefined || format === 'text' ? null : format;
}

function bodyProblem(
  body: string,
  example: Submission['components'][number]['example'],
): string | null {
  if (body.length > 1024) return 'The body is longer than 1024 characters.';
  const { placeholders } = textOf(body);
  const examples = example?.body_text_named_params?.length ?? example?.body_text?.[0]?.length ?? 0;
  return examples === placeholders.length
    ? null
    : `The body has ${placeholders.length} parameters and ${examples} examples.`;
}
