import type { Request } from 'express';
import { z } from 'zod';
import {
  TEMPLATE_CATEGORIES,
  type TemplateCategory,
  type TemplateStatus,
} from '../../../domain/template';
import type { CreateTemplate } from '../../../usecases/template';
import { readTemplateComponents } from '../../../wire/templateReading';
import { bodyOf, parse } from './input';

/** Sendexa's words, which are WhatsApp's. */
export const STATUS_NAMES = {
  in_review: 'PENDING',
  approved: 'APPROVED',
  rejected: 'REJECTED',
  paused: 'PAUSED',
  disabled: 'DISABLED',
} as const satisfies Record<TemplateStatus, string>;

type StatusName = (typeof STATUS_NAMES)[TemplateStatus];

const STATUSES: Readonly<Record<StatusName, TemplateStatus>> = {
  PENDING: 'in_review',
  APPROVED: 'approved',
  REJECTED: 'rejected',
  PAUSED: 'paused',
  DISABLED: 'disabled',
};

export const statusName = z.enum(['PENDING', 'APPROVED', 'REJECTED', 'PAUSED', 'DISABLED']);
export const category = z.enum(TEMPLATE_CATEGORIES);

/** Components are as at WhatsApp's own API; what they must hold is checked part by part. */
export const templateSchema = z.object({
  name: z.string(),
  category,
  language: z.string(),
  components: z.array(z.looseObject({ type: z.string() })).min(1),
});

/** Throws `fields_invalid` or `template_components_invalid`; WhatsApp's rules are the use case's. */
export function parseCreate(request: Request): CreateTemplate {
  const { components, ...rest } = parse(templateSchema, bodyOf(request));
  return { ...rest, ...readTemplateComponents(components) };
}

const filterSchema = z.object({
  status: z.preprocess(inUpperCase, statusName.optional()),
  category: z.preprocess(inUpperCase, category.optional()),
  language: z.string().optional(),
  name: z.string().optional(),
});

export interface TemplateQuery {
  statuses?: TemplateStatus[];
  category?: TemplateCategory;
  language?: string;
  name?: string;
}

/** A parameter without a value is as good as absent. Throws `fields_invalid`. */
export function parseFilter({ query }: Request): TemplateQuery {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  const { status, ...rest } = parse(filterSchema, Object.fromEntries(given));
  return { ...rest, ...(status && { statuses: [STATUSES[status]] }) };
}

function inUpperCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toUpperCase() : value;
}
