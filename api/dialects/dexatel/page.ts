import type { Request } from 'express';
import { DomainError } from '../../../domain/errors';

const DEFAULT_SIZE = 20;
export const MAX_SIZE = 100;
/** Pages a token remembers for its `previous` links; beyond that a walk goes forward only. */
const REMEMBERED = 20;

/** What a list's cursors look like: the id of a row, its position, or an address (a number or a BSUID). */
const CURSORS = {
  id: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  position: /^[0-9]{1,9}$/,
  address: /^[+.A-Za-z0-9]{1,140}$/,
} as const;

/** Where a page starts. `trail` holds the cursors of the pages before this one, nearest last; '' is the first page. */
export interface PageRequest {
  number: number;
  size: number;
  /** Id (or position, or address) of the last row of the page before; undefined on the first page. */
  after: string | undefined;
  trail: readonly string[];
}

/** Reads `page_token` and `page_size`. Tokens are opaque: they come from the links of another page. */
export function pageOf(request: Request, cursor: keyof typeof CURSORS = 'id'): PageRequest {
  const size = sizeOf(queryText(request, 'page_size'));
  const token = queryText(request, 'page_token');
  if (token === undefined || token === '') return { number: 1, size, after: undefined, trail: [] };
  const [number, ...cursors] = Buffer.from(token, 'base64url').toString('latin1').split(' ');
  const after = cursors.pop();
  const wellFormed =
    /^[1-9][0-9]{0,8}$/.test(number ?? '') &&
    after !== undefined &&
    [...cursors, after].every((text) => text === '' || CURSORS[cursor].test(text));
  if (!wellFormed) throw new DomainError('invalid_request', "'page_token' is invalid");
  return { number: Number(number), size, after: after === '' ? undefined : after, trail: cursors };
}

function sizeOf(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_SIZE;
  const size = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (size < 1 || size > MAX_SIZE) {
    throw new DomainError('invalid_request', `'page_size' must be 1 to ${MAX_SIZE}`);
  }
  return size;
}

export interface Pagination {
  number: number;
  size: number;
  total: number;
  links: Record<'first' | 'current' | 'previous' | 'next', string | null>;
}

/** The pagination object; links are absolute paths that keep the request's filters. */
export function paginationOf(
  request: Request,
  page: PageRequest,
  result: { total: number; next: string | number | null },
): Pagination {
  const here = page.after ?? '';
  const trail = [...page.trail, here].slice(-REMEMBERED);
  const before = page.trail.at(-1);
  return {
    number: page.number,
    size: page.size,
    total: result.total,
    links: {
      first: link(request, null),
      current: link(request, page.after === undefined ? null : [page.number, ...page.trail, here]),
      previous: before === undefined ? null : link(request, [page.number - 1, ...page.trail]),
      next:
        result.next === null
          ? null
          : link(request, [page.number + 1, ...trail, String(result.next)]),
    },
  };
}

function link(request: Request, token: readonly (string | number)[] | null): string {
  const [path, query = ''] = request.originalUrl.split('?');
  const parameters = new URLSearchParams(query);
  parameters.delete('page_token');
  if (token !== null && !(token[0] === 1)) {
    parameters.set('page_token', Buffer.from(token.join(' '), 'latin1').toString('base64url'));
  }
  const text = parameters.toString();
  return text === '' ? path! : `${path}?${text}`;
}

/** One query parameter as text; a repeated one counts as a comma list. NUL never reaches the database. */
export function queryText(request: Request, name: string): string | undefined {
  const value: unknown = request.query[name];
  const text = Array.isArray(value) ? value.join(',') : value;
  if (typeof text !== 'string') return undefined;
  if (text.includes('\0')) throw new DomainError('invalid_request', `'${name}' is invalid`);
  return text;
}
