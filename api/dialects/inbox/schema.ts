import type { Request } from 'express';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { CONVERSATION_MODES, CONVERSATION_STATUSES } from '../../../domain/conversation';
import { DomainError } from '../../../domain/errors';
import { parseReference } from '../../../domain/reference';
import type { Place } from '../../../db/history';
import type { Steering } from '../../../db/inbox';
import type { Slice } from '../../../db/inboxSearch';
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

/** What the index of texts can find: less would have to be looked for in every message. */
const messageText = search.refine(
  (text) => text === undefined || /[\p{L}\p{N}]{3}/u.test(text),
  'must have three letters or digits in a row',
);

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

/** A date is a whole day in UTC: `from` its beginning, `to` its end. */
function instant(ofDate: (day: DateTime) => DateTime) {
  const error = 'must be an ISO 8601 time with its zone, or a date';
  return z
    .string({ error })
    .refine((text) => DATE.test(text) || INSTANT.test(text), { error, abort: true })
    .transform((text) => {
      const time = DateTime.fromISO(text, { zone: 'utc' });
      return DATE.test(text) ? ofDate(time) : time;
    })
    .refine((time) => time.isValid, { error, abort: true })
    .transform((time) => time.toJSDate());
}

const listSchema = z
  .object({
    status: parameter(oneOf(CONVERSATION_STATUSES)),
    mode: parameter(oneOf(CONVERSATION_MODES)),
    assigned: parameter(oneOf(['me', 'unassigned'])),
    search: parameter(search),
    text: parameter(messageText),
    from: parameter(instant((day) => day)),
    to: parameter(instant((day) => day.plus({ days: 1 }))),
    businessWhatsappNumberId: parameter(
      z
        .string({ error: 'must be a uuid' })
        .refine(isUuid, { error: 'must be a uuid' })
        .transform((id) => id.toLowerCase()),
    ),
    ...pageFields,
  })
  .refine(({ from, to }) => !from || !to || from < to, {
    path: ['to'],
    error: 'must be after from',
  });

const historySchema = z.object({
  before: parameter(
    z.string({ error: 'must be given once' }).transform((id, context) => {
      const entry = entryOf(id);
      if (entry) return entry;
      context.addIssue('must be the id of a message of this conversation');
      return z.NEVER;
    }),
  ),
});

function entryOf(id: string): Place['entry'] | null {
  return isUuid(id) ? { messageId: id.toLowerCase() } : parseReference(id);
}

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
  const { page, limit, businessWhatsappNumberId, ...rest } = parse(listSchema, request.query);
  const filter = { ...rest, senderId: businessWhatsappNumberId };
  return { filter, page: { page: page ?? 1, limit: limit ?? DEFAULT_LIMIT } };
}

export function parseHistory(request: Request): Place['entry'] | undefined {
  return parse(historySchema, request.query).before;
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
