import { createHash } from 'node:crypto';
import type { Json } from './variants';

/** 100,000 characters that nothing makes shorter: what an index takes has a limit after compression. */
export const INCOMPRESSIBLE = Array.from({ length: 2_273 }, (_, n) =>
  createHash('sha256').update(String(n)).digest('base64'),
).join('');

/** Values that no field expects: none of them may be our fault. */
export const NASTY: unknown[] = [
  null,
  '',
  ' ',
  '\0',
  'a\ud800',
  INCOMPRESSIBLE,
  '\u202e',
  0,
  -1,
  1e300,
  Number.MAX_SAFE_INTEGER,
  true,
  [],
  [[]],
  {},
  { a: { b: [] } },
  '00000000-0000-0000-0000-00000000000g',
  '9999-99-99 99:99:99',
  "'; DROP TABLE campaigns; --",
];

/** What any part of well-formed JSON may turn out to be. */
export const ODD: readonly Json[] = [
  null,
  true,
  -1,
  1e308,
  '',
  INCOMPRESSIBLE.slice(0, 12_000),
  'a\u0000b',
  '\ud800',
  [],
  [[]],
  {},
];
