import type { Request } from 'express';
import { z } from 'zod';
import type { TemplateToPhone } from '../../../usecases/directSend';
import { isPlain, isStorable, isUuid, lengthOf } from '../../input';
import { objectOf, parse } from './schema';

const TEXT_MAX = 4096;
const NAME_MAX = 100;
const KEY_MAX = 512;
const VARIABLES_MAX = 100;
/** Nothing but the plus and the digits, as the vendor asks for. */
const E164 = /^\+[1-9][0-9]{7,14}$/;

/** What is wrong with a field that is not there, or not of its kind. */
function problem(otherwise: string) {
  return ({ input }: { input?: unknown }): string =>
    input === undefined || input === null ? 'is required' : otherwise;
}

/** A text of this length at most; the length counts blanks, but there must be something else. */
function text(max: number) {
  return z
    .string({ error: problem('must be text') })
    .refine((given) => given.trim() !== '', { error: 'is required', abort: true })
    .refine(isStorable, { error: 'is not valid text', abort: true })
    .refine((given) => lengthOf(given) <= max, { error: `must have at most ${max} characters` });
}

export const textSchema = z.object({ text: text(TEXT_MAX) });

const number = z
  .string({ error: problem('must be a uuid') })
  .refine(isUuid, { error: 'must be a uuid' })
  .transform((id) => id.toLowerCase());

const phone = z
  .string({ error: problem('must be text') })
  .regex(E164, { error: 'must be a number in E.164, such as +2348012345678' });

const variable = z.union([z.string().refine(isStorable), z.number().transform(String)], {
  error: 'must be text',
});

export const templateSchema = z.object({
  business_whatsapp_number_id: number,
  phone,
  template_key: text(KEY_MAX),
  customer_name: text(NAME_MAX).refine(isPlain, { error: 'is not valid text' }).nullish(),
  variables: z
    .record(z.string(), variable, { error: 'must be an object of texts by placeholder' })
    .refine((values) => Object.keys(values).length <= VARIABLES_MAX, {
      error: `must have at most ${VARIABLES_MAX} entries`,
    })
    .nullish(),
});

export function parseText(request: Request): string {
  return parse(textSchema, objectOf(request)).text;
}

export function parseTemplate(request: Request): TemplateToPhone {
  const given = parse(templateSchema, objectOf(request));
  return {
    senderId: given.business_whatsapp_number_id,
    phone: given.phone,
    templateName: given.template_key,
    values: given.variables ?? {},
    ...(given.customer_name && { customerName: given.customer_name }),
  };
}
