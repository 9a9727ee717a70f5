import { z } from 'zod';
import { EMPTY, operations } from '../../openapi/operation';
import { dateTime } from './date';
import { accountLink, data, list, nullableText, pageQuery } from './describe';
import { changeSchema, createSchema, DELIVERY_STATUSES } from './webhookSchema';

const webhook = z
  .object({
    id: z.guid(),
    account_id: z.guid(),
    url: z.string(),
    secret: nullableText.meta({ description: 'In the answer to its creation; null ever after.' }),
    event: nullableText.meta({ description: 'Of the format dexatel: its one event.' }),
    create_date: dateTime,
    update_date: dateTime,
    links: z.object({ self: z.string(), account: accountLink, deliveries: z.string() }),
    format: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    status: z.enum(['active', 'down', 'disabled']),
    down_since: dateTime.nullable(),
    retry_date: dateTime
      .nullable()
      .meta({ description: 'When an endpoint that is down is tried again.' }),
  })
  .meta({ id: 'DexatelWebhook' });

export type WebhookAnswer = z.output<typeof webhook>;

const delivery = z
  .object({
    id: z.guid(),
    webhook_id: z.guid(),
    event_id: z.guid(),
    event: nullableText.meta({ description: 'In the words of the format; null once forgotten.' }),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.int(),
    http_status: z.int().nullable().meta({ description: 'Null: there was no answer.' }),
    error: nullableText,
    create_date: dateTime,
    attempt_date: dateTime.nullable(),
    next_attempt_date: dateTime.nullable(),
  })
  .meta({ id: 'DexatelWebhookDelivery' });

export type DeliveryAnswer = z.output<typeof delivery>;

const ONE = ['webhook_not_found', 'webhook_id_invalid'] as const;
const SETTINGS = [
  'webhook_data_required',
  'webhook_url_required',
  'webhook_url_too_long',
  'webhook_url_invalid',
  'webhook_event_invalid',
  'webhook_settings_invalid',
] as const;

export const webhookOperations = operations('Webhooks', {
  'GET /v1/webhooks': {
    summary: 'List webhooks',
    scope: 'webhooks:read',
    query: pageQuery,
    answers: { 200: list(webhook) },
  },
  'POST /v1/webhooks': {
    summary: 'Create a webhook',
    description:
      'Events are posted to the url, signed with the secret. Without one, a secret is made; it is shown in this answer only.',
    scope: 'webhooks:write',
    body: data(createSchema),
    idempotent: true,
    answers: { 201: data(webhook) },
    errors: [...SETTINGS, 'webhook_event_required'],
  },
  'GET /v1/webhooks/:id': {
    summary: 'Get a webhook',
    scope: 'webhooks:read',
    answers: { 200: data(webhook) },
    errors: ONE,
  },
  'PATCH /v1/webhooks/:id': {
    summary: 'Change a webhook',
    description: 'What waits for it is tried at once.',
    scope: 'webhooks:write',
    body: data(changeSchema),
    answers: { 200: data(webhook) },
    errors: [...ONE, ...SETTINGS],
  },
  'DELETE /v1/webhooks/:id': {
    summary: 'Delete a webhook',
    scope: 'webhooks:write',
    answers: { 204: EMPTY },
    errors: ONE,
  },
  'GET /v1/webhooks/:id/deliveries': {
    summary: 'List deliveries of a webhook',
    scope: 'webhooks:read',
    query: z.object({ status: z.enum(DELIVERY_STATUSES).optional(), ...pageQuery.shape }),
    answers: { 200: list(delivery) },
    errors: ONE,
  },
  'POST /v1/webhooks/:id/deliveries/:deliveryId/resend': {
    summary: 'Deliver an event again',
    description: 'From the beginning, under the same event id, whatever became of it.',
    scope: 'webhooks:write',
    answers: { 200: data(delivery) },
    errors: [...ONE, 'webhook_delivery_not_found', 'webhook_delivery_id_invalid'],
  },
});
