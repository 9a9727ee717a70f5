/** JSON text that may hold what PostgreSQL stores neither as text nor as jsonb: NUL, or half of a surrogate pair. */
const MAYBE_UNSTORABLE = /\\u0000|\\ud[89a-f]/i;

const UNSTORABLE = /[\0\p{Cs}]/gu;

/** The same JSON with a replacement character for what cannot be stored: one odd message must not hold up others. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storableText(key), storable(inner)]),
  );
}

/** Whether `storable` would leave it as it is. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.search(UNSTORABLE) === -1;
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
}

/** `storable` for text. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, '\ufffd');
}

/** Reads JSON that somebody else wrote, and that is to be stored. Throws a SyntaxError. */
export function parseStorable(text: string): unknown {
  const json: unknown = JSON.parse(text);
  return MAYBE_UNSTORABLE.test(text) ? storable(json) : json;
}
