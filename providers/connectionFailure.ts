/** What a failed request says about whether the other side saw it. */

const BEFORE_CONNECT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  // Of the outbound guard: the name leads inside.
  'ENOTPUBLIC',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
]);

/**
 * True only for failures to connect. Codes such as ETIMEDOUT and EHOSTUNREACH also strike after sending, so
 * they count only when the failing call was `connect` itself. Hosts with several addresses fail with
 * an AggregateError of one error per address.
 */
export function neverSent(error: unknown): boolean {
  const { code, syscall, errors } = readFailure(error);
  if (code !== undefined && BEFORE_CONNECT.has(code)) return true;
  if (syscall === 'connect') return true;
  return errors.length > 0 && errors.every(neverSent);
}

/** By shape, not by class: errors of Node's core and of undici are not always instances of this realm's Error. */
function readFailure(error: unknown): {
  code?: string;
  syscall?: string;
  message: string;
  errors: unknown[];
} {
  if (typeof error !== 'object' || error === null) return { message: String(error), errors: [] };
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const code = 'code' in error ? text(error.code) : undefined;
  const syscall = 'syscall' in error ? text(error.syscall) : undefined;
  return {
    ...(code !== undefined && { code }),
    ...(syscall !== undefined && { syscall }),
    message: ('message' in error ? text(error.message) : undefined) ?? '',
    errors: 'errors' in error && Array.isArray(error.errors) ? error.errors : [],
  };
}

export function describe(error: unknown): string {
  const { code, message } = readFailure(error);
  return [code, message].filter((part) => part !== undefined && part !== '').join(': ');
}
