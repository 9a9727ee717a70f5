import { z } from 'zod';

/** What providers tell of templates. Unlike messages, these carry the time in their entry and name no number. */
export type TemplateUpdate =
  TemplateStatusUpdate | TemplateQualityUpdate | TemplateCategoryUpdate | TemplateContentUpdate;

interface TemplateNews {
  /** Meta sends a JSON number, exact up to 2^53; name and language identify a template as well. */
  providerTemplateId: string;
  name: string;
  /** With an underscore, `en_US`, whatever the provider wrote. */
  language: string;
  wabaId: string | null;
  /** By the provider's clock, or the time of receipt where it gave none. */
  at: Date;
}

export interface TemplateStatusUpdate extends TemplateNews {
  kind: 'template_status';
  /** Upper case: APPROVED, REJECTED, PAUSED, DISABLED … */
  event: string;
  reason: string | null;
}

export interface TemplateQualityUpdate extends TemplateNews {
  kind: 'template_quality';
  /** Upper case: GREEN, YELLOW, RED, UNKNOWN. */
  quality: string;
}

export interface TemplateCategoryUpdate extends TemplateNews {
  kind: 'template_category';
  /** Upper case. What it is now; an announced change is told again when it happens. */
  category: string;
}

/** Somebody edited the template at the provider. */
export interface TemplateContentUpdate extends TemplateNews {
  kind: 'template_content';
}

const text = z.union([z.string().min(1), z.number()]).transform(String);
const word = z.string().transform((value) => value.toUpperCase());

const news = z.looseObject({
  message_template_id: text,
  message_template_name: text,
  message_template_language: text,
  event: word.optional().catch(undefined),
  reason: z.string().min(1).nullish().catch(null),
  new_quality_score: word.optional().catch(undefined),
  new_category: word.optional().catch(undefined),
});

export const TEMPLATE_FIELDS: ReadonlySet<string> = new Set([
  'message_template_status_update',
  'message_template_quality_update',
  'message_template_components_update',
  'template_category_update',
]);

/**
 * Null for what tells nothing of the kind. Meta's page on quality shows its news under the field of statuses, so that
 * the content decides between these two.
 */
export function readTemplateUpdate(
  field: string,
  value: unknown,
  { wabaId, at }: { wabaId: string | null; at: Date },
): TemplateUpdate | null {
  const parsed = news.safeParse(value);
  if (!parsed.success) return null;
  const { event, reason, new_quality_score: quality, new_category: category } = parsed.data;
  const template: TemplateNews = {
    providerTemplateId: parsed.data.message_template_id,
    name: parsed.data.message_template_name,
    language: parsed.data.message_template_language.replaceAll('-', '_'),
    wabaId,
    at,
  };
  if (field === 'message_template_components_update') {
    return { kind: 'template_content', ...template };
  }
  if (field === 'template_category_update') {
    return category === undefined ? null : { kind: 'template_category', category, ...template };
  }
  if (quality !== undefined) return { kind: 'template_quality', quality, ...template };
  return event === undefined
    ? null
    : { kind: 'template_status', event, reason: reason ?? null, ...template };
}
