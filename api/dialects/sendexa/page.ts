import type { Request } from 'express';
import { z } from 'zod';
import { parse } from './input';

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;
const MAX_PAGE = 1_000_000;

export interface PageRequest {
  page: number;
  pageSize: number;
}

const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,7}$/, { error: `must be a whole number from 1 to ${most}`, abort: true })
    .transform(Number)
    .refine((number) => number >= 1 && number <= most, {
      error: `must be a whole number from 1 to ${most}`,
    });

const pageSchema = z.object({
  page: wholeNumber(MAX_PAGE).default(1),
  pageSize: wholeNumber(MAX_SIZE).default(DEFAULT_SIZE),
});

/** How the reference describes it. */
export const pageQuery = z.object({
  page: z.int().min(1).max(MAX_PAGE).optional().meta({ description: '1 unless told.' }),
  pageSize: z.int().min(1).max(MAX_SIZE).optional().meta({ description: '20 unless told.' }),
});

/** Throws `fields_invalid`. */
export function pageOf({ query }: Request): PageRequest {
  return parse(pageSchema, {
    page: query['page'] || undefined,
    pageSize: query['pageSize'] || undefined,
  });
}

export function sliceOf({ page, pageSize }: PageRequest): { limit: number; offset: number } {
  return { limit: pageSize, offset: (page - 1) * pageSize };
}
