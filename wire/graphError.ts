import { z } from 'zod';
import { failureRule } from '../domain/failure';
import type { RequestProblem } from './requestProblem';

/** Errors as the Graph API answers them, at times beside what could be done. */
export const graphErrorSchema = z
  .looseObject({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.int(),
      error_subcode: z.int().optional(),
      error_data: z
        .object({ messaging_product: z.literal('whatsapp'), details: z.string() })
        .optional(),
      fbtrace_id: z.string(),
    }),
  })
  .meta({ id: 'GraphError' });

export type GraphErrorBody = z.output<typeof graphErrorSchema>;

/** HTTP status by code as documented; codes that are not listed come as 400. */
const STATUS = new Map<number, number>([
  [0, 401],
  [190, 401],
  [10, 403],
  [368, 403],
  [130497, 403],
  [131005, 403],
  [131031, 403],
  [132001, 404],
  [3, 500],
  [131000, 500],
  [131016, 500],
  [131045, 500],
  [131057, 500],
  [2, 503],
  [133004, 503],
]);

export function graphErrorStatus(code: number): number {
  return STATUS.get(code) ?? 400;
}

/** What Meta calls the codes that clients see most; the others go by our own catalogue. */
const TITLES = new Map<number, string>([
  [100, 'Invalid parameter'],
  [190, 'Invalid OAuth access token'],
  [130429, 'Rate limit hit'],
  [131000, 'Something went wrong'],
  [131008, 'Required parameter is missing'],
  [131009, 'Parameter value is not valid'],
  [131016, 'Service unavailable'],
  [131026, 'Message undeliverable'],
  [131047, 'Re-engagement message'],
  [131050, 'User has stopped receiving marketing messages'],
  [131052, 'Media download error'],
  [131053, 'Media upload error'],
  [131056, '(Business Account, Consumer Account) pair rate limit hit'],
  [132000, 'Number of parameters does not match the expected number of params'],
  [132001, 'Template name does not exist in the translation'],
  [132005, 'Translated text too long'],
  [132012, 'Parameter format does not match format in the created template'],
  [132015, 'Template is paused'],
  [132016, 'Template is disabled'],
  [132018, 'Template parameters are not valid'],
  [139100, 'Failed to block/unblock users'],
]);

export function graphErrorTitle(code: number): string {
  return TITLES.get(code) ?? failureRule(code).title;
}

/** `traceId` is what support asks for; ours is the id of the request. */
export function graphErrorBody(
  { code, subcode, message, details }: RequestProblem,
  traceId: string,
): GraphErrorBody {
  return {
    error: {
      message: message ?? `(#${code}) ${graphErrorTitle(code)}`,
      type: 'OAuthException',
      code,
      ...(subcode !== undefined && { error_subcode: subcode }),
      ...(details !== undefined && { error_data: { messaging_product: 'whatsapp', details } }),
      fbtrace_id: traceId,
    },
  };
}
