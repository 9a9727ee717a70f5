import { z } from 'zod';
import { TEMPLATE_QUALITIES } from '../../../domain/template';
import { json, operations } from '../../openapi/operation';
import { envelope, plain } from './describe';
import { pageQuery } from './page';
import { category, statusName, templateSchema } from './templateSchema';
import { instant } from './time';

const id = z.string().meta({ example: 'tpl_wa_0193a1f00000700080000000000000aa' });

const template = z
  .object({
    id,
    name: z.string(),
    status: statusName,
    category,
    language: z.string(),
    components: z.array(z.looseObject({ type: z.string() })),
    createdAt: instant,
    updatedAt: instant,
    reason: z.string().nullable().meta({ description: 'Why it was rejected, paused or disabled.' }),
    quality: z.enum(TEMPLATE_QUALITIES).nullable(),
  })
  .meta({ id: 'SendexaTemplate' });

/** Components as WhatsApp has them. */
export type TemplateAnswer = Omit<z.output<typeof template>, 'components'> & {
  components: object[];
};

const page = z.object({
  templates: z.array(template),
  total: z.int().min(0),
  page: z.int().min(1),
  pageSize: z.int().min(1),
});

const ONE = { params: z.object({ id }) };

export const templateOperations = operations('WhatsApp templates', {
  'GET /v1/whatsapp/templates': {
    summary: 'List templates',
    description: 'Newest first.',
    scope: 'templates:read',
    query: z.object({
      status: statusName.optional(),
      category: category.optional(),
      language: z.string().optional(),
      name: z.string().optional(),
      ...pageQuery.shape,
    }),
    answers: { 200: plain(page) },
    errors: ['fields_invalid'],
  },
  'POST /v1/whatsapp/templates': {
    summary: 'Create a template',
    description: 'It is handed to WhatsApp for review.',
    scope: 'templates:write',
    body: json(templateSchema),
    idempotent: true,
    answers: { 201: envelope(template) },
    errors: [
      'fields_invalid',
      'template_components_invalid',
      'template_name_taken',
      'message_sender_required',
      'message_sender_unknown',
    ],
  },
  'GET /v1/whatsapp/templates/:id': {
    ...ONE,
    summary: 'Get a template',
    scope: 'templates:read',
    answers: { 200: plain(template) },
    errors: ['template_not_found'],
  },
  'DELETE /v1/whatsapp/templates/:id': {
    ...ONE,
    summary: 'Delete a template',
    description: 'Also at WhatsApp, as soon as no running campaign sends it.',
    scope: 'templates:write',
    answers: { 200: envelope(z.object({ id, name: z.string() })) },
    errors: ['template_not_found', 'template_in_review'],
  },
});
