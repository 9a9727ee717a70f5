import type { Request } from 'express';
import { z } from 'zod';
import { CONVERSATION_MODES, CONVERSATION_STATUSES } from '../../../domain/conversation';
import { DomainError } from '../../../domain/errors';
import type { Slice, Steering } from '../../../db/inbox';
import type { ConversationFilter } from '../../../usecases/inbox';
import { isPlain, isStorable, isUuid, lengthOf } from '../../input';
import { PLAIN, UUID } from '../../openapi/shapes';

const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;
export const MAX_PAGE = 1_000_000;
export const SEARCH_MAX = 100;
const AGENT_NAME_MAX = 100;

export interface PageRequest {
  page: number;
  limit: number;
}

/** One of these words, or a message that names them. */
function oneOf<const T extends readonly string[]>(words: T) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** A query parameter without a value is as good as absent. */
function parameter<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
}

function wholeNumber(max: number) {
  const error = `must be a whole number from 1 to ${max}`;
  return z
    .string({ error })
    .regex(/^[0-9]{1,7}$/, { error, abort: true })
    .transform(Number)
    .refine((number) => number >= 1 && number <= max, { error });
}

const pageFields = {
  page: parameter(wholeNumber(MAX_PAGE)),
  limit: parameter(wholeNumber(MAX_LIMIT)),
};

const search = z
  .string({ error: 'must be given once' })
  .refine(isStorable, { error: 'is not valid text', abort: true })
  .refine((text) => lengthOf(text) <= SEARCH_MAX, {
    error: `must have at most ${SEARCH_MAX} characters`,
  })
  .transform((text) => text.trim() || undefined);

const listSchema = z.object({
  status: parameter(oneOf(CONVERSATION_STATUSES)),
  mode: parameter(oneOf(CONVERSATION_MODES)),
  assigned: parameter(oneOf(['me', 'unassigned'])),
  search: parameter(search),
  ...pageFields,
});

const pageSchema = z.object(pageFields);

export const changeSchema = z.object({
  status: oneOf(CONVERSATION_STATUSES).optional(),
  mode: oneOf(CONVERSATION_MODES).optional(),
  assignee_id: z
    .string({ error: 'must be the id of an agent, or null' })
    .refine(isUuid, { error: 'must be the id of an agent, or null' })
    .transform((id) => id.toLowerCase())
    .meta(UUID)
    .nullable()
    .optional(),
});

export const agentSchema = z.object({
  name: z
    .string({ error: 'is required' })
    .transform((name) => name.trim())
    .refine((name) => name !== '', { error: 'is required', abort: true })
    .refine(isPlain, { error: 'is not valid text', abort: true })
    .refine((name) => lengthOf(name) <= AGENT_NAME_MAX, {
      error: `must have at most ${AGENT_NAME_MAX} characters`,
    })
    .meta({ ...PLAIN, maxLength: AGENT_NAME_MAX }),
});

export function parseList(request: Request): { filter: ConversationFilter; page: PageRequest } {
  const { page, limit, ...filter } = parse(listSchema, request.query);
  return { filter, page: { page: page ?? 1, limit: limit ?? DEFAULT_LIMIT } };
}

export function parsePage(request: Request): PageRequest {
  const { page = 1, limit = DEFAULT_LIMIT } = parse(pageSchema, request.query);
  return { page, limit };
}

export function sliceOf({ page, limit }: PageRequest): Slice {
  return { limit, offset: (page - 1) * limit };
}

export function parseChange(request: Request): Steering {
  const change = parse(changeSchema, objectOf(request));
  if (Object.values(change).every((value) => value === undefined)) {
    throw new DomainError('invalid_request', 'One of status, mode and assignee_id is required.');
  }
  return change;
}

export function parseAgent(request: Request): string {
  return parse(agentSchema, objectOf(request)).name;
}

/** The id of the path. What cannot be one belongs to nothing. */
export function pathId(request: Request): string {
  const { id } = request.params;
  if (typeof id !== 'string' || !isUuid(id)) {
    throw new DomainError('conversation_not_found', 'There is no conversation with this id.');
  }
  return id.toLowerCase();
}

export function objectOf(request: Request): object {
  const body: unknown = request.body;
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new DomainError('invalid_request', 'The body must be a JSON object.');
}

/** Throws `fields_invalid` with the first problem of each field. */
export function parse<T extends z.ZodType>(schema: T, data: unknown): z.output<T> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const problems = new Map<string, string>();
  for (const { path, message } of result.error.issues) {
    const field = path.join('.');
    if (!problems.has(field)) problems.set(field, message);
  }
  const sentence = [...problems].map(([field, message]) => `${field} ${message}`).join('; ');
  throw new DomainError('fields_invalid', `${sentence}.`, Object.fromEntries(problems));
}
