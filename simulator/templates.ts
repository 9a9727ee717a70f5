import type { SimulatedNumber, TEMPLATE_STATUSES, TemplateQuality, TemplateSeed } from './config';
import type { GraphError } from './graphError';
import { partsOf, placeholdersOf, type TemplateParts } from './templateParts';
import type { editShape, SubmittedComponent, TemplateSubmission } from './templateShape';
import type { z } from 'zod';

type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

export interface SimulatedTemplate {
  id: string;
  /** Null: every business account has it. */
  wabaId: string | null;
  name: string;
  language: string;
  category: TemplateSubmission['category'];
  format: TemplateSubmission['parameter_format'];
  components: SubmittedComponent[];
  parts: TemplateParts;
  status: TemplateStatus;
  reason: string | null;
  quality: TemplateQuality;
  /** Of the library's template that it was made of. */
  libraryName: string | null;
  /** When an approved template was edited; milliseconds since the epoch. */
  editedAt: number[];
}

/** What about a template has changed, so that its account must be told. */
export interface TemplateChange {
  template: SimulatedTemplate;
  status: boolean;
  previousQuality: TemplateQuality | null;
  previousCategory: string | null;
}

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

  byId(id: string): SimulatedTemplate | undefined {
    for (const template of this.templates.values()) if (template.id === id) return template;
    return undefined;
  }

  of(wabaId: string): SimulatedTemplate[] {
    return [...this.templates.values()].filter(
      (template) => template.wabaId === null || template.wabaId === wabaId,
    );
  }

  /** Takes a template for review; those of the library need none. */
  submit(wabaId: string, submission: TemplateSubmission): SimulatedTemplate | GraphError {
    const { name, language, category, parameter_format: format, components } = submission;
    if (this.find(wabaId, name, language) !== undefined)
      return {
        code: 100,
        subcode: 2388024,
        userMessage: `There is already a template ${name} in ${language}.`,
      };
    const { libraryName = null } = submission;
    const status = libraryName === null ? 'PENDING' : 'APPROVED';
    return this.add({
      wabaId,
      name,
      language,
      category,
      format,
      components,
      status,
      libraryName,
    });
  }

  edit(template: SimulatedTemplate, edit: z.output<typeof editShape>, now: number): void {
    if (template.status === 'APPROVED') template.editedAt.push(now);
    if (edit.category !== undefined) template.category = edit.category;
    if (edit.parameter_format !== undefined) template.format = edit.parameter_format;
    if (edit.components !== undefined) {
      template.components = edit.components;
      template.parts = partsOf(edit.components);
    }
    template.status = 'PENDING';
  }

  /** Removes a template in all languages, or the one with this id. Answers what was removed. */
  remove(wabaId: string, name: string, id: string | null): SimulatedTemplate[] {
    const removed = this.of(wabaId).filter(
      (template) => template.name === name && (id === null || template.id === id),
    );
    for (const template of removed) this.drop(template);
    return removed;
  }

  drop(template: SimulatedTemplate): void {
    this.templates.delete(keyOf(template.wabaId, template.name, template.language));
  }

  /**
   * Creates a template, or changes the known ones of that name and language and answers how. Throws an Error for a new
   * template without text.
   */
  seed(seed: TemplateSeed): TemplateChange[] {
    const { name, language, wabaId, status, quality, category } = seed;
    const known = [...this.templates.values()].filter(
      (template) =>
        template.name === name &&
        template.language === language &&
        (wabaId === undefined || wabaId === template.wabaId),
    );
    const components = seedComponents(seed);
    if (known.length === 0) {
      if (components === null) throw new Error(`The new template ${name} needs a body.`);
      const format = formatOf(components);
      this.add({ ...seed, wabaId: wabaId ?? null, components, format, status });
      return [];
    }
    return known.map((template): TemplateChange => {
      const change: TemplateChange = {
        template,
        status: template.status !== status,
        previousQuality:
          quality !== undefined && quality !== template.quality ? template.quality : null,
        previousCategory:
          category !== undefined && category !== template.category ? template.category : null,
      };
      Object.assign(template, {
        status,
        reason: seed.reason ?? null,
        ...(quality !== undefined && { quality }),
        ...(category !== undefined && { category }),
        ...(components !== null && {
          components,
          parts: partsOf(components),
          format: formatOf(components),
        }),
      });
      return change;
    });
  }

  /** Seeds may bring ids of an earlier run along. */
  private freshId(): string {
    let id: string;
    do {
      this.created += 1;
      id = String(1_700_000_000_000_000 + this.created);
    } while (this.byId(id) !== undefined);
    return id;
  }

  private add(
    given: Omit<
      SimulatedTemplate,
      'id' | 'parts' | 'category' | 'reason' | 'quality' | 'libraryName' | 'editedAt'
    > &
      Partial<Pick<SimulatedTemplate, 'id' | 'category' | 'quality' | 'libraryName'>> & {
        reason?: string | null;
      },
  ): SimulatedTemplate {
    const template: SimulatedTemplate = {
      id: given.id ?? this.freshId(),
      wabaId: given.wabaId,
      name: given.name,
      language: given.language,
      category: given.category ?? 'MARKETING',
      format: given.format,
      components: given.components,
      parts: partsOf(given.components),
      status: given.status,
      reason: given.reason ?? null,
      quality: given.quality ?? 'UNKNOWN',
      libraryName: given.libraryName ?? null,
      editedAt: [],
    };
    this.templates.set(keyOf(given.wabaId, given.name, given.language), template);
    return template;
  }
}

/** Whether a number may use a template now. */
export function usableTemplate(
  registry: TemplateRegistry,
  number: SimulatedNumber,
  { name, language }: { name: string; language: string },
): SimulatedTemplate | GraphError {
  const template = registry.find(number.wabaId, name, language);
  if (template === undefined)
    return { code: 132001, details: `template name (${name}) does not exist in ${language}` };
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

const HEADERS: Record<NonNullable<TemplateSeed['header']>, SubmittedComponent> = {
  image: { type: 'HEADER', format: 'IMAGE' },
  video: { type: 'HEADER', format: 'VIDEO' },
  document: { type: 'HEADER', format: 'DOCUMENT' },
};

/** Seeds may spell out components, or name a body and a kind of header alone. */
function seedComponents({ components, body, header }: TemplateSeed): SubmittedComponent[] | null {
  if (components !== undefined) return components;
  if (body === undefined) return null;
  return [...(header === undefined ? [] : [HEADERS[header]]), { type: 'BODY', text: body }];
}

function formatOf(components: readonly SubmittedComponent[]): SimulatedTemplate['format'] {
  const { header, body } = partsOf(components);
  const text = header?.format === 'TEXT' ? header.text + body : body;
  return placeholdersOf(text).some((name) => !/^\d+$/.test(name)) ? 'NAMED' : 'POSITIONAL';
}
