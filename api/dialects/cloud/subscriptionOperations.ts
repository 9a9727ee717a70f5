import { z } from 'zod';
import { json, operations } from '../../openapi/operation';
import { businessParams, success } from './describe';

export const subscriptionSchema = z.object({
  override_callback_uri: z.string(),
  verify_token: z.string().max(512).optional(),
});

const subscribed = z
  .object({
    success: z.literal(true),
    secret: z.string().optional().meta({
      description: 'What webhooks are signed with, like an app secret; shown this once.',
    }),
  })
  .meta({ id: 'CloudSubscribed' });

export type SubscribedAnswer = z.output<typeof subscribed>;

const subscriptions = z.object({
  data: z.array(
    z.object({
      whatsapp_business_api_data: z.object({ id: z.string(), name: z.string() }),
      override_callback_uri: z.string(),
    }),
  ),
});

export type SubscriptionsAnswer = z.output<typeof subscriptions>;

export const subscriptionOperations = operations('Cloud API webhooks', {
  'GET /:version/:waba_id/subscribed_apps': {
    summary: 'List subscriptions',
    scope: 'webhooks:read',
    params: businessParams,
    answers: { 200: json(subscriptions) },
    errors: ['sender_not_found', 'not_found'],
  },
  'POST /:version/:waba_id/subscribed_apps': {
    summary: 'Subscribe to webhooks',
    description: 'The callback is asked to echo a challenge first, with the verify token.',
    scope: 'webhooks:write',
    params: businessParams,
    body: json(subscriptionSchema),
    idempotent: true,
    answers: { 200: json(subscribed) },
    errors: ['sender_not_found', 'not_found', 'webhook_url_invalid', 'provider_refused'],
  },
  'DELETE /:version/:waba_id/subscribed_apps': {
    summary: 'Unsubscribe from webhooks',
    scope: 'webhooks:write',
    params: businessParams,
    answers: { 200: json(success) },
    errors: ['sender_not_found', 'not_found'],
  },
});
