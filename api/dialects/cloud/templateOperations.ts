import { z } from 'zod';
import { json, operations } from '../../openapi/operation';
import { businessParams, success } from './describe';
import { pageQuery, paging } from './page';
import { dialog360Template, metaTemplate, templateSchema } from './templateSchema';

const filters = {
  name: z.string().optional(),
  language: z.string().optional(),
  category: z.string().optional(),
  status: z.string().optional(),
};
const deletion = z.object({
  name: z.string(),
  hsm_id: z.string().optional().meta({ description: 'One language alone; else all.' }),
});

const NUMBER = ['message_sender_required', 'message_sender_unknown'] as const;
const CREATION = [
  'template_components_invalid',
  'template_name_taken',
  'provider_refused',
] as const;

const creating = {
  description:
    "It is handed to the provider for review. The id is this API's. One of WhatsApp's library is PENDING until the " +
    'provider has listed what it says.',
  scope: 'templates:write',
  body: json(templateSchema),
  idempotent: true,
} as const;

export const metaTemplateOperations = operations('Cloud API templates', {
  'GET /:version/:waba_id/message_templates': {
    summary: 'List templates',
    description: 'Newest first.',
    scope: 'templates:read',
    params: businessParams,
    query: z.object({ ...filters, ...pageQuery }),
    answers: { 200: json(z.object({ data: z.array(metaTemplate), paging })) },
    errors: ['sender_not_found', 'not_found', 'provider_refused'],
  },
  'POST /:version/:waba_id/message_templates': {
    ...creating,
    summary: 'Create a template',
    params: businessParams,
    answers: {
      200: json(z.object({ id: z.string(), status: z.string(), category: z.string() })),
    },
    errors: ['sender_not_found', 'not_found', ...CREATION],
  },
  'DELETE /:version/:waba_id/message_templates': {
    summary: 'Delete a template',
    scope: 'templates:write',
    params: businessParams,
    query: deletion,
    answers: { 200: json(success) },
    errors: ['sender_not_found', 'not_found', 'template_not_found', 'provider_refused'],
  },
});

const page = z.object({
  count: z.int(),
  limit: z.int(),
  offset: z.int(),
  total: z.int(),
  waba_templates: z.array(dialog360Template),
});

export const dialog360TemplateOperations = operations('360dialog templates', {
  'GET /v1/configs/templates': {
    summary: 'List templates',
    description: 'Newest first.',
    scope: 'templates:read',
    query: z.object({
      ...filters,
      limit: pageQuery.limit,
      offset: z.int().min(0).optional(),
    }),
    answers: { 200: json(page) },
    errors: [...NUMBER, 'provider_refused'],
  },
  'POST /v1/configs/templates': {
    ...creating,
    summary: 'Create a template',
    answers: { 201: json(dialog360Template) },
    errors: [...NUMBER, ...CREATION],
  },
  'DELETE /v1/configs/templates/:name': {
    summary: 'Delete a template by name',
    description: 'In all its languages.',
    scope: 'templates:write',
    params: z.object({ name: z.string() }),
    answers: { 200: json(success) },
    errors: ['template_not_found'],
  },
  'DELETE /message_templates': {
    summary: 'Delete a template',
    scope: 'templates:write',
    query: deletion,
    answers: { 200: json(success) },
    errors: ['template_not_found', 'provider_refused'],
  },
});
