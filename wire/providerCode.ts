import { z } from 'zod';

/**
 * An error code as a number, or as a number in text. Nothing else is coerced: an absent code must not
 * become 0, which stops the sender.
 */
export const providerCode = z.union([
  z.number().int(),
  z.string().regex(/^\d+$/).transform(Number),
]);
