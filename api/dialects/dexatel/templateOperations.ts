import { z } from 'zod';
import { TEMPLATE_STATUSES } from '../../../domain/template';
import { EMPTY, operations } from '../../openapi/operation';
import { dateTime } from './date';
import { channelFilter, data, list, nullableText, pageQuery } from './describe';
import { TEMPLATE_STATUS_NAMES, templateSchema } from './templateSchema';

const template = z
  .object({
    id: z.guid(),
    account_id: z.guid(),
    name: z.string(),
    text: z.string(),
    channel: z.string(),
    status: z.enum(TEMPLATE_STATUS_NAMES),
    create_date: dateTime,
    update_date: dateTime,
    links: z.object({ self: z.string() }),
    type: z.literal('text'),
    language: z.string(),
    wa_category: z.string(),
    sender_id: z.guid().nullable(),
    placeholders: z.array(z.string()),
    review: z.enum(TEMPLATE_STATUSES).meta({ description: 'The status in more detail.' }),
    status_reason: nullableText,
  })
  .meta({ id: 'DexatelTemplate' });

export type TemplateAnswer = z.output<typeof template>;

const ONE = ['template_not_found', 'template_id_invalid'] as const;

export const templateOperations = operations('Templates', {
  'GET /v1/templates': {
    summary: 'List templates',
    scope: 'templates:read',
    query: z.object({
      'filter[name]': z.string().optional(),
      'filter[channel]': channelFilter,
      'filter[status]': z
        .string()
        .optional()
        .meta({ description: 'A comma list of IN_PROCESS, COMPLETED and CANCELED.' }),
      ...pageQuery.shape,
    }),
    answers: { 200: list(template) },
    errors: ['channel_invalid'],
  },
  'POST /v1/templates': {
    summary: 'Create a template',
    description: 'It is handed to the provider for review.',
    scope: 'templates:write',
    body: data(templateSchema),
    idempotent: true,
    answers: { 201: data(template) },
    errors: [
      'template_sender_required',
      'template_channel_required',
      'template_channel_invalid',
      'template_name_required',
      'template_name_invalid',
      'template_name_too_long',
      'template_name_taken',
      'template_text_required',
      'template_text_invalid',
      'template_text_too_long',
      'template_category_invalid',
    ],
  },
  'GET /v1/templates/:id': {
    summary: 'Get a template',
    scope: 'templates:read',
    answers: { 200: data(template) },
    errors: ONE,
  },
  'DELETE /v1/templates/:id': {
    summary: 'Delete a template',
    scope: 'templates:write',
    answers: { 204: EMPTY },
    errors: [...ONE, 'template_in_review'],
  },
});
