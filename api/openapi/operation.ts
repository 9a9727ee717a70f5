import type { z } from 'zod';
import type { DomainCode } from '../../domain/errors';
import type { Scope } from '../../domain/scope';
import type { ApiCode, ErrorEntry } from '../errors';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A method and a path as Express has it: `GET /v1/campaigns/:id`. */
export type Route = `${Method} /${string}`;

/** An answer, or a request's body, by media type. No content: an empty body. */
export interface Body {
  description?: string;
  content: Readonly<Record<string, z.ZodType>>;
  /** Of a request's body: it may be left out. */
  optional?: boolean;
}

/**
 * What one route takes and gives, for the reference. Declared beside the route; tests compare the two: every mounted
 * route has its operation, every operation its route, its scope is the one that is asked for, and whatever the tests of
 * the API get as an answer is as declared here.
 */
export interface Operation {
  /** Unique within its API: the operation's id is made from it. */
  summary: string;
  description?: string;
  /** What a key needs. Absent: the route asks for no key. */
  scope?: Scope;
  /** Path parameters; what is not described is an id. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: Body;
  /** Whether the Idempotency-Key is honoured. */
  idempotent?: true;
  /** What can be answered when all is well, by status. */
  answers: Readonly<Record<number, Body>>;
  /** What can be wrong, beside what can be wrong with every request of this kind (`commonErrors`). */
  errors?: readonly DomainCode[];
}

export interface TaggedOperation extends Operation {
  /** The chapter of the reference. */
  tag: string;
}

export type Operations = Readonly<Record<Route, TaggedOperation>>;

/** One of the APIs that are described together. */
export interface DescribedApi {
  name: string;
  /** How its clients authenticate, as an OpenAPI security scheme; absent where no key is asked for. */
  security?: Readonly<Record<string, string>>;
  operations: Operations;
  errors: Readonly<Record<ApiCode, ErrorEntry>>;
  /** The body of an error that has one of these codes. */
  errorBody: (codes: readonly ErrorEntry['code'][]) => z.ZodType;
}

/** The operations of one chapter. */
export function operations(tag: string, list: Readonly<Record<Route, Operation>>): Operations {
  return Object.fromEntries(
    Object.entries(list).map(([route, operation]) => [route, { ...operation, tag }]),
  );
}

export function json(schema: z.ZodType, description?: string): Body {
  return { ...(description && { description }), content: { 'application/json': schema } };
}

export const EMPTY: Body = { content: {} };

/** What can be wrong with any request of its kind, before the use case has a say. */
export function commonErrors({ scope, body, idempotent }: Operation): DomainCode[] {
  return [
    'invalid_request',
    ...(scope ? KEY_ERRORS : []),
    ...(body && 'application/json' in body.content ? JSON_ERRORS : []),
    ...(idempotent ? (['idempotency_key_reused', 'request_in_progress'] as const) : []),
  ];
}

const KEY_ERRORS = [
  'unauthorized',
  'key_expired',
  'missing_scope',
  'ip_not_allowed',
  'origin_not_allowed',
  'rate_limited',
] as const;

const JSON_ERRORS = [
  'body_not_json',
  'data_missing',
  'payload_too_large',
  'import_format_unsupported',
] as const;
