import { z } from 'zod';
import type { JsonObject, JsonValue } from '../domain/json';
import type { ProviderTemplate, TemplatePage } from '../domain/ports';

const jsonValue: z.ZodType<JsonValue> = z.json();
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), jsonValue);
const id = z.union([z.string().min(1), z.number()]).transform(String);
const upper = z.string().transform((word) => word.toUpperCase());
const optionalText = z.string().min(1).nullish().catch(null);

const templateSchema = z.looseObject({
  id: id.optional(),
  /** 360dialog: Meta's id, the one that webhooks name. */
  external_id: id.nullish().catch(null),
  name: z.string().min(1),
  language: z.string().min(1),
  category: upper,
  /** Meta writes upper case, 360dialog lower case. */
  status: upper,
  parameter_format: upper.nullish().catch(null),
  components: z.array(jsonObject).catch([]),
  /** An object at Meta, which some gateways flatten. */
  quality_score: z
    .union([z.string(), z.looseObject({ score: z.string() }).transform(({ score }) => score)])
    .nullish()
    .catch(null),
  rejected_reason: optionalText,
});

/** The fields to ask Meta for; it answers few by default. */
export const TEMPLATE_FIELDS =
  'id,name,language,category,status,parameter_format,components,quality_score,rejected_reason';

const metaPage = z.looseObject({
  data: z.array(z.unknown()),
  paging: z
    .looseObject({
      cursors: z.looseObject({ after: optionalText }).nullish(),
      next: optionalText,
    })
    .nullish()
    .catch(null),
});

/** A page as Meta lists it: there is a next one only where `paging.next` says so. */
export function parseTemplatePage(json: unknown): TemplatePage | null {
  const parsed = metaPage.safeParse(json);
  if (!parsed.success) return null;
  const { data, paging } = parsed.data;
  const more = paging?.next ? paging.cursors?.after : null;
  return { templates: data.flatMap(readTemplate), next: more ?? null };
}

const dialog360Page = z.looseObject({
  waba_templates: z.array(z.unknown()),
  offset: z.number().int().catch(0),
  total: z.number().int().catch(0),
});

/** A page as 360dialog lists it: pages go by offset, which is what `next` holds. */
export function parseDialog360TemplatePage(json: unknown): TemplatePage | null {
  const parsed = dialog360Page.safeParse(json);
  if (!parsed.success) return null;
  const { waba_templates, offset, total } = parsed.data;
  const end = offset + waba_templates.length;
  const more = waba_templates.length > 0 && end < total;
  return { templates: waba_templates.flatMap(readTemplate), next: more ? String(end) : null };
}

/** What names no template is left out: one odd entry must not hide the others. */
function readTemplate(raw: unknown): ProviderTemplate[] {
  const parsed = templateSchema.safeParse(raw);
  if (!parsed.success) return [];
  const template = parsed.data;
  const providerTemplateId = template.external_id ?? template.id;
  if (providerTemplateId === undefined) return [];
  const quality = template.quality_score?.toUpperCase() ?? null;
  return [
    {
      providerTemplateId,
      name: template.name,
      language: template.language,
      category: template.category,
      status: template.status,
      parameterFormat: template.parameter_format === 'NAMED' ? 'named' : 'positional',
      components: template.components,
      quality: quality === 'UNKNOWN' ? null : quality,
      rejectedReason:
        template.rejected_reason === 'NONE' ? null : (template.rejected_reason ?? null),
    },
  ];
}
