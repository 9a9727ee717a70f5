import type { Request } from 'express';
import { z } from 'zod';
import type { E164 } from '../../../domain/phone';
import { bodyOf, parse, phoneOf } from './input';

export const MOST_NUMBERS = 1_000;

const querySchema = z.object({ phone: z.string() });

/** The plus of a number reads as a space where it was not escaped. Throws `recipient_invalid` (WA001). */
export function parseCheck({ query }: Request): E164 {
  const { phone } = parse(querySchema, query);
  return phoneOf(phone.replace(/^ /, '+'));
}

export const bulkSchema = z.object({ phones: z.array(z.string()).min(1).max(MOST_NUMBERS) });

/** Throws `recipient_invalid` (WA001) when one of them is no number. */
export function parseBulk(request: Request): E164[] {
  return parse(bulkSchema, bodyOf(request)).phones.map(phoneOf);
}
