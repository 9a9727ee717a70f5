import { DomainError, type DomainCode } from '../domain/errors';

/** What a dialect has to render: a domain error, or the news that the fault is ours. */
export type ApiError = DomainError | { readonly code: 'internal_error'; readonly message: string };

export type ApiCode = DomainCode | 'internal_error';

/** One error in a dialect's terms. */
export interface ErrorEntry {
  status: number;
  /** What the dialect's clients tell errors apart by. */
  code: number | string;
  /** The dialect's text. Absent: the error's own message, which names the value. */
  text?: string;
}

/** Errors of Express and its body parser carry an HTTP status; below 500 they are the caller's. */
const BY_STATUS: Readonly<Record<number, DomainCode>> = {
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'import_format_unsupported',
};

/** Anything thrown while a request was handled, as something a dialect can answer. */
export function toDomainError(thrown: unknown): ApiError {
  if (thrown instanceof DomainError) return thrown;
  const status = statusOf(thrown);
  if (status >= 400 && status < 500) {
    const code = BY_STATUS[status] ?? 'invalid_request';
    return new DomainError(code, thrown instanceof Error ? thrown.message : 'Invalid request.');
  }
  return { code: 'internal_error', message: 'Something went wrong on our side.' };
}

function statusOf(thrown: unknown): number {
  if (!(thrown instanceof Error) || !('status' in thrown)) return 500;
  return typeof thrown.status === 'number' ? thrown.status : 500;
}
