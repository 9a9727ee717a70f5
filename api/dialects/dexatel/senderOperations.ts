import { z } from 'zod';
import { EMPTY, operations } from '../../openapi/operation';
import { anyCase } from '../../openapi/shapes';
import { dateTime } from './date';
import { accountLink, channelFilter, data, list, nullableText, pageQuery } from './describe';
import { changeSchema, createSchema } from './senderSchema';

const HEALTH = ['ACTIVE', 'SLOWED', 'HALTED'] as const;

const sender = z
  .object({
    id: z.guid(),
    account_id: z.guid(),
    name: z.string(),
    code: z.string(),
    channel: z.string(),
    type: z.literal('NUMERIC'),
    status: z.enum(HEALTH).meta({
      description:
        'SLOWED for some seconds after WhatsApp said that it was too fast; HALTED while WhatsApp refuses it.',
    }),
    create_date: dateTime,
    update_date: dateTime,
    links: z.object({ self: z.string(), account: accountLink }),
    phone: z.string(),
    hook_url: z.string().meta({ description: 'Where the provider sends its webhooks.' }),
    provider: z.object({
      kind: z.enum(['cloud_api', '360dialog']),
      base_url: z.string(),
      version: nullableText,
      phone_number_id: nullableText,
      waba_id: nullableText,
      has_app_secret: z.boolean(),
      has_verify_token: z.boolean(),
    }),
    rate_per_second: z.number(),
    daily_limit: z.int().nullable(),
    window_policy: z.enum(['customer_message', 'template_delivered']),
    quiet_hours: z.object({ start: z.string(), end: z.string() }).nullable(),
    status_reason: nullableText,
  })
  .meta({ id: 'DexatelSender' });

export type SenderAnswer = z.output<typeof sender>;

const ONE = ['sender_not_found', 'sender_id_invalid'] as const;
const SETTINGS = [
  'sender_data_required',
  'sender_name_required',
  'sender_name_invalid',
  'sender_name_too_long',
  'sender_name_taken',
  'sender_settings_invalid',
] as const;

export const senderOperations = operations('Senders', {
  'GET /v1/senders': {
    summary: 'List senders',
    scope: 'senders:read',
    query: z.object({
      'filter[name]': z.string().optional(),
      'filter[channel]': channelFilter,
      'filter[type]': z
        .string()
        .optional()
        .meta({ description: 'WhatsApp has no senders but NUMERIC ones.' }),
      'filter[status]': z
        .string()
        .optional()
        .meta(anyCase(HEALTH, { empty: true })),
      ...pageQuery.shape,
    }),
    answers: { 200: list(sender) },
    errors: ['channel_invalid', 'sender_status_invalid'],
  },
  'POST /v1/senders': {
    summary: 'Create a sender',
    description: 'Secrets are write-only.',
    scope: 'senders:write',
    body: data(createSchema),
    idempotent: true,
    answers: { 201: data(sender) },
    errors: [...SETTINGS, 'sender_channel_invalid'],
  },
  'GET /v1/senders/:id': {
    summary: 'Get a sender',
    scope: 'senders:read',
    answers: { 200: data(sender) },
    errors: ONE,
  },
  'PATCH /v1/senders/:id': {
    summary: 'Change a sender',
    scope: 'senders:write',
    body: data(changeSchema),
    answers: { 200: data(sender) },
    errors: [...ONE, ...SETTINGS],
  },
  'POST /v1/senders/:id/resume': {
    summary: 'Resume a sender',
    description:
      'Says that the number is fine again: what waits for it is tried at once. Campaigns that paused are resumed one by one.',
    scope: 'senders:write',
    idempotent: true,
    answers: { 200: data(sender) },
    errors: ONE,
  },
  'DELETE /v1/senders/:id': {
    summary: 'Delete a sender',
    scope: 'senders:write',
    answers: { 204: EMPTY },
    errors: [...ONE, 'sender_in_use'],
  },
});
