import { z } from 'zod';

/** Degrees: documented as text and shown as numbers, so both are read. */
const degrees = z
  .union([z.number(), z.string().regex(/^\s*[-+]?\d+(\.\d+)?\s*$/)])
  .transform(Number);

export const locationShape = z.strictObject({
  latitude: degrees,
  longitude: degrees,
  name: z.string().optional(),
  address: z.string().optional(),
});
