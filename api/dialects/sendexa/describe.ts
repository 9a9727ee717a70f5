import { z } from 'zod';
import { json, type Body } from '../../openapi/operation';

/** The envelopes that Sendexa's operations are described with. */

export function envelope(data: z.ZodType, description?: string): Body {
  return json(z.object({ success: z.literal(true), message: z.string(), data }), description);
}

export function plain(data: z.ZodType): Body {
  return json(z.object({ success: z.literal(true), data }));
}

/** Why a message failed. */
export const failed = z.object({
  code: z.string().meta({ example: 'WA002' }),
  message: z.string(),
});
