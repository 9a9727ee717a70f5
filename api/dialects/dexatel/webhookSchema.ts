import type { Request } from 'express';
import { z } from 'zod';
import { DomainError } from '../../../domain/errors';
import type { WebhookDelivery } from '../../../db/schema';
import { URL_MAX } from '../../../outbound/guard';
import type { ChangeEndpoint, CreateEndpoint } from '../../../usecases/webhookEndpoint';
import { isPlain, parse, requiredText } from './input';
import { queryText } from './page';

const SECRET_MAX = 255;
const EVENTS_MAX = 20;

const url = requiredText('webhook_url_required', 'webhook_url_invalid')
  .transform((text) => text.trim())
  .refine((text) => text.length <= URL_MAX, { error: 'webhook_url_too_long' })
  .meta({ maxLength: URL_MAX });

const secret = z
  .string()
  .min(1)
  .max(SECRET_MAX)
  .refine(isPlain, { error: 'must not contain control characters' });

/** In any case; the formats write theirs in lower case. */
const event = z.string({ error: 'webhook_event_invalid' }).transform((name) => name.toLowerCase());

const listening = z.object({
  event: event.nullish(),
  events: z.array(event).max(EVENTS_MAX).nullish(),
  include_read: z.boolean().nullish(),
});

export const createSchema = z.object({
  url,
  ...listening.shape,
  secret: secret.nullish(),
  format: z.string().nullish(),
  enabled: z.boolean().nullish(),
});

export const changeSchema = z.object({
  url: url.optional(),
  ...listening.shape,
  secret: secret.optional(),
  enabled: z.boolean().optional(),
});

const DEXATEL = 'dexatel';

/** Dexatel's webhooks have one event each; those of the other formats may have several, or what is usual. */
export function parseCreateWebhook(data: unknown): CreateEndpoint {
  const given = parse(createSchema, data, 'webhook_settings_invalid');
  const format = given.format ?? DEXATEL;
  const events = eventsOf(given);
  if (format === DEXATEL && events === undefined) {
    throw new DomainError('webhook_event_required', "'data.event' is required");
  }
  return {
    format,
    url: given.url,
    ...(events && { events }),
    ...(given.secret && { secret: given.secret }),
    enabled: given.enabled ?? true,
  };
}

export function parseWebhookChange(data: unknown): ChangeEndpoint {
  const given = parse(changeSchema, data, 'webhook_settings_invalid');
  const events = eventsOf(given);
  return {
    ...(given.url !== undefined && { url: given.url }),
    ...(events && { events }),
    ...(given.secret !== undefined && { secret: given.secret }),
    ...(given.enabled !== undefined && { enabled: given.enabled }),
  };
}

/** `delivery` with `include_read` also tells that a message was read. */
function eventsOf({
  event: one,
  events,
  include_read,
}: z.output<typeof listening>): string[] | undefined {
  const named = events ?? (one === undefined || one === null ? undefined : [one]);
  return named && include_read ? [...named, 'read'] : named;
}

export const DELIVERY_STATUSES = [
  'pending',
  'delivered',
  'failed',
] as const satisfies readonly WebhookDelivery['status'][];

export function parseDeliveryStatus(request: Request): WebhookDelivery['status'] | undefined {
  const text = queryText(request, 'status');
  if (text === undefined || text === '') return undefined;
  const status = DELIVERY_STATUSES.find((known) => known === text);
  if (status) return status;
  throw new DomainError('invalid_request', `'status' must be one of ${DELIVERY_STATUSES.join()}`);
}
