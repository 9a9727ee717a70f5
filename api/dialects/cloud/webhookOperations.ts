import { json, operations, type Operation } from '../../openapi/operation';
import {
  answeredDestination,
  answeredDestinations,
  answeredMessage,
  destinationSchema,
  destinationsSchema,
} from './webhookSchema';

const NUMBER = ['message_sender_required', 'message_sender_unknown'] as const;
const SETTINGS = ['webhook_settings_invalid', 'webhook_url_invalid'] as const;

const HEADERS =
  'The headers are sent with every webhook: the only thing that shows where it comes from.';
const OF_ALL =
  'With a key that is bound to a number it is the webhook of that number, as at `/v1/configs/webhook`.';

const reading = (summary: string, schema: typeof answeredDestination): Operation => ({
  summary,
  scope: 'webhooks:read',
  answers: { 200: json(schema) },
  errors: NUMBER,
});

const setting = (summary: string): Operation => ({
  summary,
  description: HEADERS,
  scope: 'webhooks:write',
  body: json(destinationSchema),
  idempotent: true,
  answers: { 200: json(answeredDestination) },
  errors: [...NUMBER, ...SETTINGS],
});

const several = (summary: string): Operation => ({
  summary,
  scope: 'webhooks:write',
  body: json(destinationsSchema),
  answers: { 200: json(answeredMessage) },
  errors: [...NUMBER, ...SETTINGS, 'webhook_exists'],
});

export const webhookOperations = operations('360dialog webhooks', {
  'GET /v1/configs/webhook': reading("Get the number's webhook", answeredDestination),
  'POST /v1/configs/webhook': setting("Set the number's webhook"),
  'GET /waba_webhook': {
    ...reading('Get the webhook of all numbers', answeredDestination),
    description: OF_ALL,
  },
  'POST /waba_webhook': {
    ...setting('Set the webhook of all numbers'),
    description: `${OF_ALL} ${HEADERS}`,
  },
  'GET /multi_webhook': {
    summary: 'List further destinations',
    scope: 'webhooks:read',
    answers: { 200: json(answeredDestinations) },
    errors: NUMBER,
  },
  'POST /multi_webhook': { ...several('Create further destinations'), idempotent: true },
  'PUT /multi_webhook': several('Replace further destinations'),
  'PATCH /multi_webhook': several('Change further destinations'),
});
