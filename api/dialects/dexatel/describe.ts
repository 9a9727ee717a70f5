import { z } from 'zod';
import { json, type Body } from '../../openapi/operation';
import { anyCase } from '../../openapi/shapes';
import { CHANNELS } from './channel';
import { MAX_SIZE } from './page';

/** The envelopes and parameters that Dexatel's operations are described with. */

export function data(schema: z.ZodType, description?: string): Body {
  return json(z.object({ data: schema }), description);
}

/** A body that may be left out. */
export function optionalData(schema: z.ZodType): Body {
  return { ...data(schema), optional: true };
}

const pagination = z
  .object({
    number: z.int().min(1),
    size: z.int().min(1).max(MAX_SIZE),
    total: z.int().min(0),
    links: z.object({
      first: z.string().nullable(),
      current: z.string().nullable(),
      previous: z.string().nullable(),
      next: z.string().nullable(),
    }),
  })
  .meta({ id: 'DexatelPagination', description: 'Links are absolute paths.' });

export function list(schema: z.ZodType): Body {
  return json(z.object({ data: z.array(schema), pagination }));
}

export const pageQuery = z.object({
  page_token: z.string().optional().meta({ description: 'From the links of another page.' }),
  page_size: z.int().min(1).max(MAX_SIZE).optional().meta({ description: '20 unless told.' }),
});

/** Only WHATSAPP has senders. */
export const channelFilter = z
  .string()
  .optional()
  .meta(anyCase(CHANNELS, { empty: true }));

export const nullableText = z.string().nullable();

/** Dexatel's answers link to the account, which is no resource here. */
export const accountLink = z.null();
