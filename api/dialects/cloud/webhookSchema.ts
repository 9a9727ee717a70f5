import { z } from 'zod';
import { DomainError } from '../../../domain/errors';
import type { Destination, Destinations } from '../../../usecases/cloudWebhook';

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const HEADER_VALUE = /^[\x20-\x7e]{0,1000}$/;
/** What the request itself says about its body and its connection. */
const OURS = /^(host|content-.*|transfer-encoding|connection|expect|upgrade|te|trailer)$/i;
const MOST_HEADERS = 20;

const headers = z
  .record(
    z.string().regex(HEADER_NAME),
    z.string().regex(HEADER_VALUE, 'must be printable ASCII of 1000 characters at most'),
  )
  .refine((all) => Object.keys(all).length <= MOST_HEADERS, `may be ${MOST_HEADERS} at most`)
  .refine((all) => !Object.keys(all).some((name) => OURS.test(name)), 'may not be about the body');

export const destinationSchema = z.object({ url: z.string(), headers: headers.optional() });

const named = z.object({
  name: z.string().regex(/^[\x20-\x7e]{1,100}$/),
  ...destinationSchema.shape,
});

export const destinationsSchema = z.object({
  enabled: z.boolean().optional(),
  destinations: z.array(named).optional(),
});

export const answeredDestination = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()),
});

export const answeredDestinations = z.object({
  enabled: z.boolean(),
  destinations: z.array(z.object({ name: z.string(), ...answeredDestination.shape })),
});

export const answeredMessage = z.object({ message: z.string() });

/** Throws `invalid_request` or `webhook_settings_invalid`. */
export function parseDestination(body: unknown): Destination {
  const { url, headers: given = {} } = parse(destinationSchema, body);
  return { url: url.trim(), headers: given };
}

/** Throws `invalid_request` or `webhook_settings_invalid`. */
export function parseDestinations(body: unknown): Partial<Destinations> {
  const { enabled, destinations } = parse(destinationsSchema, body);
  return {
    ...(enabled !== undefined && { enabled }),
    ...(destinations && {
      destinations: destinations.map(({ name, ...rest }) => ({ name, ...parseDestination(rest) })),
    }),
  };
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new DomainError('webhook_settings_invalid', `${path.join('.') || 'The body'}: ${message}`);
}
