/**
 * What went wrong, in a sentence. A name with several addresses fails with several errors and no message of its own.
 * Not by `instanceof`: test runners load modules in realms of their own.
 */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('errors' in error && Array.isArray(error.errors))
    return error.errors.map(reasonOf).join('; ');
  return 'message' in error && typeof error.message === 'string'
    ? error.message
    : JSON.stringify(error);
}
