import { graphErrorStatus } from '../wire/graphError';
import { errorBody, type GraphError } from './graphError';

/** How the server ends a request: with an answer, by cutting the connection, or never. */
export type Answer =
  | {
      kind: 'answer';
      status: number;
      /** Text is HTML; bytes say their own type in the headers. */
      body: object | string | Buffer;
      headers?: Record<string, string>;
    }
  | { kind: 'reset' }
  | { kind: 'hang' };

export function ok(body: object): Answer {
  return { kind: 'answer', status: 200, body };
}

export const SUCCESS = ok({ success: true });

export function refuse(error: GraphError): Answer {
  return { kind: 'answer', status: graphErrorStatus(error.code), body: errorBody(error) };
}

export function readJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
