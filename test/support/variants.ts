/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The value with each of its parts, and itself, replaced by each odd one, one at a time. */
export function* variants(value: Json, odd: readonly Json[]): Generator<Json> {
  yield* odd;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      for (const other of variants(item, odd)) yield value.with(index, other);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value))
      for (const other of variants(item, odd)) yield { ...value, [key]: other };
  }
}
