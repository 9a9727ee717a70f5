import type { Request } from 'express';
import { z } from 'zod';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { invalidParameter } from '../../../wire/requestProblem';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

/** Pages as Graph has them: between cursors, which are what rows are sorted by, in base64. */
export interface PageRequest {
  limit: number;
  after?: string;
  before?: string;
}

/** `cursor` is what a cursor looks like inside. Throws `provider_refused`. */
export function pageOf(request: Request, cursor: RegExp): PageRequest {
  const [after, before] = ['after', 'before'].map((name) => cursorIn(request, name, cursor));
  return { limit: limitOf(request), ...(after && { after }), ...(before && { before }) };
}

/** As many as are asked for, up to a hundred. */
export function limitOf(request: Request): number {
  const text = textIn(request, 'limit') ?? String(DEFAULT_LIMIT);
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Math.min(Number(text), MAX_LIMIT);
  throw providerRefusal(invalidParameter('Param limit must be a positive integer.'));
}

/** A parameter that is there once, with something in it. */
export function textIn(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && !value.includes('\0')) return value;
  throw providerRefusal(invalidParameter(`Param ${name} must be a string.`));
}

const INVALID_CURSOR = 131059;

function cursorIn(request: Request, name: string, pattern: RegExp): string | undefined {
  const text = textIn(request, name);
  if (text === undefined) return undefined;
  const cursor = Buffer.from(text, 'base64url').toString('latin1');
  if (pattern.test(cursor)) return cursor;
  throw providerRefusal({ code: INVALID_CURSOR, details: `The cursor in ${name} is not valid.` });
}

export const paging = z
  .object({
    cursors: z.object({ before: z.string(), after: z.string() }).optional(),
    next: z.string().optional().meta({ description: 'The address of the next page.' }),
  })
  .meta({ id: 'CloudPaging' });

/** `keys` are what the rows of the page are sorted by. */
export function pagingOf(
  request: Request,
  publicUrl: string,
  keys: readonly string[],
  more: boolean,
): z.output<typeof paging> {
  const [first, last] = [keys.at(0), keys.at(-1)];
  if (first === undefined || last === undefined) return {};
  const cursors = { before: encoded(first), after: encoded(last) };
  if (!more) return { cursors };
  const [path, query] = request.originalUrl.split('?');
  const parameters = new URLSearchParams(query);
  parameters.delete('before');
  parameters.set('after', cursors.after);
  return { cursors, next: `${publicUrl}${path}?${parameters.toString()}` };
}

function encoded(key: string): string {
  return Buffer.from(key, 'latin1').toString('base64url');
}

/** How the reference describes it. */
export const pageQuery = {
  limit: z.int().min(1).optional().meta({ description: '25 unless told, 100 at most.' }),
  after: z.string().optional(),
};
