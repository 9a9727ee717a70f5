import type { Request } from 'express';
import type { z } from 'zod';
import { DomainError } from '../../../domain/errors';
import { parsePhone, type E164 } from '../../../domain/phone';
import { isStorable } from '../../../domain/storable';

/** Nothing is guessed from other formats. */
const PHONE = /^\+?[0-9]+$/;

/** Throws `recipient_invalid` (WA001) for anything but E.164, with or without its plus. */
export function phoneOf(given: unknown): E164 {
  const phone = typeof given === 'string' ? parsePhoneDigits(given) : null;
  if (phone !== null) return phone;
  throw new DomainError(
    'recipient_invalid',
    'The phone number must have 8 to 15 digits in E.164 format, as in 233244000000.',
  );
}

export function parsePhoneDigits(given: string): E164 | null {
  return PHONE.test(given) ? parsePhone(given) : null;
}

/** The body, which must be an object that can be stored. Throws `data_missing` or `fields_invalid`. */
export function bodyOf(request: Request): object {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new DomainError('data_missing', 'The body must be a JSON object.');
  }
  if (!isStorable(body)) {
    throw new DomainError('fields_invalid', 'The body holds characters that are not text.');
  }
  return body;
}

/** Throws `fields_invalid` with the first problem, told with its place in the request. */
export function parse<T extends z.ZodType>(schema: T, data: unknown): z.output<T> {
  const result = schema.safeParse(data, { error: sayRequired });
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const field = path.join('.');
  throw new DomainError('fields_invalid', `${field}: ${message}`, { [field]: message });
}

function sayRequired({ code, input }: z.core.$ZodRawIssue): string | undefined {
  const absent = input === undefined && (code === 'invalid_type' || code === 'invalid_union');
  return absent ? 'is required' : undefined;
}
