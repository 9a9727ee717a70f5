import { failureRule } from '../domain/failure';
import type { RequestProblem } from '../wire/requestProblem';

/** What the simulated provider answers instead of accepting. */
export interface GraphError extends RequestProblem {
  /** A sentence for people, which the template endpoints give instead of details. */
  userMessage?: string;
}

/** A path or a method that a node does not have, or a node that is not there or belongs to somebody else. */
export const UNSUPPORTED: GraphError = {
  code: 100,
  subcode: 33,
  details: 'Unsupported request.',
};

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

/** What Meta calls the codes that clients see most; the others go by our own catalogue. */
const TITLES = new Map<number, string>([
  [100, 'Invalid parameter'],
  [190, 'Invalid OAuth access token'],
  [130429, 'Rate limit hit'],
  [131008, 'Required parameter is missing'],
  [131009, 'Parameter value is not valid'],
  [131026, 'Message undeliverable'],
  [131047, 'Re-engagement message'],
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

export function errorStatus(code: number): number {
  return STATUS.get(code) ?? 400;
}

export function titleOf(code: number): string {
  return TITLES.get(code) ?? failureRule(code).title;
}

/** The error body of a synchronous answer. */
export function errorBody(error: GraphError): { error: object } {
  const { code, details, subcode, message, userMessage } = error;
  return {
    error: {
      message: message ?? `(#${code}) ${titleOf(code)}`,
      type: 'OAuthException',
      code,
      ...(details !== undefined && { error_data: { messaging_product: 'whatsapp', details } }),
      ...(subcode !== undefined && { error_subcode: subcode }),
      ...(userMessage !== undefined && { error_user_msg: userMessage }),
      fbtrace_id: 'simulated',
    },
  };
}

/** The error inside a failed status. */
export function statusError(code: number, details?: string): object {
  const title = titleOf(code);
  return {
    code,
    title,
    message: title,
    error_data: { details: details ?? `Simulated: ${title}.` },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}
