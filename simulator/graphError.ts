import { failureRule } from '../domain/failure';

/** What the simulated provider answers instead of accepting. */
export interface GraphError {
  code: number;
  details: string;
  subcode?: number;
}

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

export function errorStatus(code: number): number {
  return STATUS.get(code) ?? 400;
}

/** The error body of a synchronous answer. */
export function errorBody({ code, details, subcode }: GraphError): object {
  return {
    error: {
      message: `(#${code}) ${failureRule(code).title}`,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details },
      ...(subcode !== undefined && { error_subcode: subcode }),
      fbtrace_id: 'simulated',
    },
  };
}

/** The error inside a failed status. */
export function statusError(code: number): object {
  const { title } = failureRule(code);
  return {
    code,
    title,
    message: title,
    error_data: { details: `Simulated: ${title}.` },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}
