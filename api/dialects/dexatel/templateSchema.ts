import { z } from 'zod';
import { DomainError } from '../../../domain/errors';
import { TEMPLATE_CATEGORIES, type TemplateStatus } from '../../../domain/template';
import type { CreateTemplate } from '../../../usecases/template';
import { anyCase, NOT_BLANK } from '../../openapi/shapes';
import { isPlain, isStorable, lengthOf, parse, requiredText } from './input';
import { buttonsShape, headerShape, readButtons, readHeader } from './templateParts';

const NAME_MAX = 45;
const TEXT_MAX = 1000;
/** WhatsApp's own rule: the name is what messages refer to at the provider. */
const NAME = /^[a-z0-9_]+$/;

export const templateSchema = z.object({
  wa_sender_code: requiredText('template_sender_required', 'template_sender_required'),
  channel: requiredText('template_channel_required', 'template_channel_invalid')
    .refine((channel) => channel.toUpperCase() === 'WHATSAPP', {
      error: 'template_channel_invalid',
    })
    .meta(anyCase(['WHATSAPP'])),
  name: requiredText('template_name_required', 'template_name_invalid')
    .refine((name) => lengthOf(name) <= NAME_MAX, { error: 'template_name_too_long', abort: true })
    .refine((name) => NAME.test(name), { error: 'template_name_invalid' })
    .meta({ maxLength: NAME_MAX, pattern: NAME.source }),
  text: z
    .string({
      error: ({ input }) =>
        input === undefined || input === null ? 'template_text_required' : 'template_text_invalid',
    })
    .refine((text) => text.trim() !== '', { error: 'template_text_required', abort: true })
    .refine(isStorable, { error: 'template_text_invalid' })
    .refine((text) => lengthOf(text) <= TEXT_MAX, { error: 'template_text_too_long' })
    .meta({ ...NOT_BLANK, maxLength: TEXT_MAX }),
  wa_category: z
    .string({ error: 'template_category_invalid' })
    .meta(anyCase(TEMPLATE_CATEGORIES))
    .transform((category) => category.toUpperCase())
    .pipe(z.enum(TEMPLATE_CATEGORIES, { error: 'template_category_invalid' })),
  language: z
    .string({ error: 'template_language_invalid' })
    .refine(isPlain, { error: 'template_language_invalid' })
    .nullish(),
  ...headerShape,
  footer: z
    .string({ error: 'template_footer_invalid' })
    .refine(isStorable, { error: 'template_footer_invalid' })
    .nullish(),
  ...buttonsShape,
  /** By placeholder: what reviewers see in its place. */
  examples: z
    .record(z.string().regex(/^[A-Za-z0-9_]{1,64}$/), z.string().max(TEXT_MAX).refine(isStorable))
    .nullish(),
});

export function parseCreateTemplate(data: unknown): CreateTemplate {
  const given = parse(templateSchema, data);
  return {
    name: given.name,
    language: given.language ?? 'en_US',
    category: given.wa_category,
    header: readHeader(given),
    body: given.text,
    footer: given.footer ?? null,
    buttons: readButtons(given),
    examples: given.examples ?? {},
    senderCode: given.wa_sender_code.trim(),
  };
}

export const TEMPLATE_STATUS_NAMES = ['IN_PROCESS', 'COMPLETED', 'CANCELED'] as const;

type TemplateStatusName = (typeof TEMPLATE_STATUS_NAMES)[number];

/** Only approved templates are COMPLETED: a paused one cannot be sent, and Dexatel has no word for "not now". */
const STATUS_NAMES: Readonly<Record<TemplateStatus, TemplateStatusName>> = {
  in_review: 'IN_PROCESS',
  approved: 'COMPLETED',
  rejected: 'CANCELED',
  paused: 'CANCELED',
  disabled: 'CANCELED',
};

export function templateStatusName(status: TemplateStatus): TemplateStatusName {
  return STATUS_NAMES[status];
}

const STATUSES: Readonly<Record<string, readonly TemplateStatus[]>> = {
  IN_PROCESS: ['in_review'],
  COMPLETED: ['approved'],
  CANCELED: ['rejected', 'paused', 'disabled'],
};

/** A comma list of Dexatel's names. */
export function parseTemplateStatuses(text: string | undefined): TemplateStatus[] | undefined {
  if (text === undefined || text === '') return undefined;
  return text.split(',').flatMap((part) => {
    const name = part.trim().toUpperCase();
    if (!Object.hasOwn(STATUSES, name)) {
      throw new DomainError('invalid_request', "'filter[status]' has an unknown status");
    }
    return STATUSES[name]!;
  });
}
