import type { RequestHandler } from 'express';
import { DomainError } from '../domain/errors';

export { lengthOf } from '../domain/text';

/** NUL and lone surrogates: PostgreSQL stores neither. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const CONTROL = /\p{Cc}/u;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Storable, and nothing that would break a line or a terminal. */
export function isPlain(text: string): boolean {
  return isStorable(text) && !CONTROL.test(text);
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The last handler of a route: whatever method is left is not offered. */
export function onlyMethods(...methods: string[]): RequestHandler {
  return (_request, response) => {
    response.set('Allow', methods.join(', '));
    throw new DomainError('method_not_allowed', 'This method is not allowed here');
  };
}
