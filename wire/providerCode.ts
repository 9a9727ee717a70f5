import { z } from 'zod';

const LARGEST = 2 ** 31 - 1;

/**
 * An error code as a number, or as a number in text. Nothing else is coerced: an absent code must not
 * become 0, which stops the sender; and what is too large to be stored is none.
 */
export const providerCode = z
  .union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)])
  .refine((code) => Math.abs(code) <= LARGEST);
