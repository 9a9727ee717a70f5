import { graphErrorBody, graphErrorTitle } from '../wire/graphError';
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

/** The error body of a synchronous answer. */
export function errorBody(problem: GraphError): { error: object } {
  const { error } = graphErrorBody(problem, 'simulated');
  const { userMessage } = problem;
  return { error: { ...error, ...(userMessage !== undefined && { error_user_msg: userMessage }) } };
}

/** The error inside a failed status. */
export function statusError(code: number, details?: string): object {
  const title = graphErrorTitle(code);
  return {
    code,
    title,
    message: title,
    error_data: { details: details ?? `Simulated: ${title}.` },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}
