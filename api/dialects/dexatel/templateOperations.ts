import { z } from 'zod';
import { TEMPLATE_QUALITIES, TEMPLATE_STATUSES } from '../../../domain/template';
import { EMPTY, operations } from '../../openapi/operation';
import { commaList } from '../../openapi/shapes';
import { dateTime } from './date';
import { accountLink, channelFilter, data, list, nullableText, pageQuery } from './describe';
import { TEMPLATE_STATUS_NAMES, templateSchema } from './templateSchema';

const button = z.object({
  button_type: z.enum(['QUICK_REPLY', 'LINK', 'PHONE_CALL', 'COPY_CODE', 'FLOW', 'OTP']).nullable(),
  button_text: nullableText,
  button_value: nullableText,
});

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
    links: z.object({ self: z.string(), account: accountLink }),
    type: z.enum(['text', 'image', 'video', 'document', 'location']),
    url: nullableText,
    media_id: nullableText,
    filename: nullableText,
    ...button.shape,
    header: nullableText.meta({ description: 'The text of a header that is one.' }),
    language: z.string(),
    wa_category: z.string(),
    sender_id: z.guid().nullable(),
    footer: nullableText,
    buttons: z.array(button),
    placeholders: z.array(z.string()).meta({
      description: 'The values that a message brings: of the text, the header, the buttons.',
    }),
    examples: z.record(z.string(), z.string()),
    review: z.enum(TEMPLATE_STATUSES).meta({ description: 'The status in more detail.' }),
    status_reason: nullableText,
    quality: z.enum(TEMPLATE_QUALITIES).nullable(),
  })
  .meta({ id: 'DexatelTemplate' });

export type TemplateAnswer = z.output<typeof template>;
export type TemplateButtonAnswer = z.output<typeof button>;

const ONE = ['template_not_found', 'template_id_invalid'] as const;

export const templateOperations = operations('Templates', {
  'GET /v1/templates': {
    summary: 'List templates',
    scope: 'templates:read',
    query: z.object({
      'filter[name]': z.string().optional(),
      'filter[channel]': channelFilter,
      'filter[status]': z.string().optional().meta(commaList(TEMPLATE_STATUS_NAMES)),
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
      'template_data_required',
      'template_text_required',
      'template_text_invalid',
      'template_text_too_long',
      'template_category_invalid',
      'template_language_invalid',
      'template_type_invalid',
      'template_header_invalid',
      'template_footer_invalid',
      'template_buttons_invalid',
      'template_button_type_invalid',
      'template_button_text_required',
      'template_button_text_too_long',
      'template_button_value_invalid',
      'template_url_required',
      'template_url_too_long',
      'template_url_invalid',
      'template_filename_required',
      'template_filename_too_long',
      'template_filename_invalid',
      'template_image_invalid',
      'template_video_invalid',
      'template_document_invalid',
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
