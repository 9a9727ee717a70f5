import type { Request } from 'express';
import { z } from 'zod';
import { DOMAIN_CODES, DomainError, type DomainCode } from '../../../domain/errors';
import { isPlain, isStorable, isUuid, lengthOf, onlyMethods } from '../../input';
import { PLAIN, UUID } from '../../openapi/shapes';

export { isPlain, isStorable, isUuid, lengthOf, onlyMethods };

function absent(input: unknown): boolean {
  return input === undefined || input === null || input === '';
}

/** A text field with a code for "not there" and one for "not usable". */
export function requiredText(missing: DomainCode, invalid: DomainCode) {
  return z
    .string({ error: (issue) => (absent(issue.input) ? missing : invalid) })
    .refine((text) => text.trim() !== '', { error: missing, abort: true })
    .refine(isPlain, { error: invalid })
    .meta(PLAIN);
}

export function requiredUuid(missing: DomainCode, invalid: DomainCode) {
  return requiredText(missing, invalid)
    .refine(isUuid, { error: invalid })
    .meta(UUID)
    .transform((id) => id.toLowerCase());
}

/** Text that may be absent or null; both read as undefined. `maxLength` is told, the domain checks it. */
export function optionalText(invalid: DomainCode, maxLength?: number) {
  return z
    .string({ error: invalid })
    .refine(isStorable, { error: invalid })
    .meta({ maxLength })
    .nullish()
    .transform((text) => text ?? undefined);
}

/** The `data` object of a body. Throws `missing`, for which some nouns have a code of their own. */
export function dataOf(
  request: Request,
  missing: DomainCode = 'data_missing',
): Record<string, unknown> {
  const data = anyDataOf(request, missing);
  if (Array.isArray(data)) throw new DomainError(missing, "'data' must be an object");
  return data;
}

/** `data` as an object or a list. Throws `missing`. */
export function anyDataOf(
  request: Request,
  missing: DomainCode = 'data_missing',
): Record<string, unknown> | unknown[] {
  const body: unknown = request.body;
  const data = isObject(body) ? body['data'] : undefined;
  if (Array.isArray(data) || isObject(data)) return data;
  throw new DomainError(missing, "'data' is required");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const CODES: ReadonlySet<string> = new Set(DOMAIN_CODES);

function isDomainCode(text: string): text is DomainCode {
  return CODES.has(text);
}

/**
 * Validates with a schema whose messages are domain codes; the first issue, in the order of the schema's fields, is
 * thrown. A message that is no code (a detail of an extension field) becomes `otherwise`, with the field's name.
 */
export function parse<T extends z.ZodType>(
  schema: T,
  data: unknown,
  otherwise: DomainCode = 'invalid_request',
): z.output<T> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = ['data', ...issue.path].join('.');
  if (isDomainCode(issue.message)) {
    throw new DomainError(issue.message, `'${field}' is missing or invalid`, { field });
  }
  throw new DomainError(otherwise, `'${field}': ${issue.message}`, { field });
}

/** An id of the path, in lower case. Throws `invalid` when it is no uuid. */
export function pathId(request: Request, name: string, invalid: DomainCode): string {
  const value: unknown = request.params[name];
  if (typeof value !== 'string' || !isUuid(value)) {
    throw new DomainError(invalid, `'${name}' is not a uuid`);
  }
  return value.toLowerCase();
}
