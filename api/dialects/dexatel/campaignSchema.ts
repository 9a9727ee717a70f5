import { z } from 'zod';
import { CAMPAIGN_STATUSES, type CampaignStatus } from '../../../domain/campaign';
import { DomainError } from '../../../domain/errors';
import { parsePhone } from '../../../domain/phone';
import { RECIPIENT_STATES, type RecipientState } from '../../../domain/recipient';
import type { GivenHeader } from '../../../domain/templateForm';
import type { VariableSource } from '../../../db/schema';
import type { CampaignChange, CreateCampaign } from '../../../usecases/campaignTypes';
import { anyCase, PHONE, PLAIN } from '../../openapi/shapes';
import { dateShape, parseDexatelDate } from './date';
import { isPlain, isStorable, lengthOf, parse, requiredText, requiredUuid } from './input';

const NAME_MAX = 45;
const VARIABLE_MAX = 1024;
const VARIABLES_MAX = 100;
/** `{first_name}`: filled from the contact. Any other text is a literal. */
const FIELD_REFERENCE = /^\{\s*([A-Za-z0-9_]{1,64})\s*\}$/;

const name = z
  .string({ error: 'campaign_name_invalid' })
  .transform((text) => text.trim())
  .refine((text) => isPlain(text) && lengthOf(text) >= 1 && lengthOf(text) <= NAME_MAX, {
    error: 'campaign_name_invalid',
  })
  .meta({ ...PLAIN, maxLength: NAME_MAX })
  .nullish();

const schedule = z.string({ error: 'schedule_format' }).meta(dateShape).nullish();

const literal = z.string().max(VARIABLE_MAX).refine(isStorable, { error: 'is not valid text' });

const variable = z
  .union([
    literal,
    z.number().transform(String),
    z.object({ field: z.string().regex(/^[A-Za-z0-9_]{1,64}$/) }),
    z.object({ value: literal }),
  ])
  .transform((given): VariableSource => {
    if (typeof given !== 'string') return given;
    const field = FIELD_REFERENCE.exec(given)?.[1];
    return field === undefined ? { value: given } : { field };
  });

/** By placeholder, or a list in the order of the numbers {{1}}, {{2}}, …. */
const variables = z.union([
  z
    .record(z.string().regex(/^[A-Za-z0-9_]{1,64}$/), variable)
    .refine((map) => Object.keys(map).length <= VARIABLES_MAX, { error: 'has too many entries' }),
  z
    .array(variable)
    .max(VARIABLES_MAX)
    .transform((list) =>
      Object.fromEntries(list.map((source, index) => [String(index + 1), source])),
    ),
]);

const media = z
  .strictObject({
    url: z
      .string()
      .max(2083)
      .regex(/^https:\/\/\S+$/i)
      .refine(isPlain)
      .nullish(),
    media_id: z
      .string()
      .regex(/^[\w:.=-]{1,512}$/)
      .nullish(),
    filename: z.string().max(240).refine(isPlain).nullish(),
  })
  .refine(({ url, media_id }) => (url ?? null) !== null || (media_id ?? null) !== null, {
    error: 'needs a url or a media_id',
  })
  .transform(({ url, media_id, filename }): GivenHeader => ({
    ...(url ? { link: url } : { id: media_id ?? '' }),
    ...(filename && { filename }),
  }));

const place = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: z.string().max(VARIABLE_MAX).refine(isStorable).optional(),
  address: z.string().max(VARIABLE_MAX).refine(isStorable).optional(),
});

export const createSchema = z.object({
  from: requiredText('sender_required', 'sender_invalid'),
  audience: requiredUuid('audience_required', 'audience_invalid'),
  template: requiredUuid('template_required', 'template_invalid'),
  channel: z
    .string({ error: 'channel_invalid' })
    .refine((text) => text.toUpperCase() === 'WHATSAPP', { error: 'channel_invalid' })
    .meta(anyCase(['whatsapp'])),
  name,
  schedule,
  variables: variables.nullish(),
  header: z.union([media, place]).nullish(),
  send_at_local: z.boolean().nullish(),
  on_unknown: z.enum(['keep', 'resend']).nullish(),
  rate_per_second: z.number().positive().max(1_000_000).nullish(),
});

export function parseCreateCampaign(data: unknown): CreateCampaign {
  const given = parse(createSchema, data);
  return {
    senderName: given.from,
    audienceId: given.audience,
    templateId: given.template,
    schedule: typeof given.schedule === 'string' ? parseDexatelDate(given.schedule) : null,
    ...(given.name && { name: given.name }),
    ...(given.variables && { variables: given.variables }),
    ...(given.header && { header: given.header }),
    ...(given.send_at_local && { sendAtLocal: given.send_at_local }),
    ...(given.on_unknown && { onUnknown: given.on_unknown }),
    ...(given.rate_per_second && { ratePerSecond: given.rate_per_second }),
  };
}

export const changeSchema = z.object({
  status: z.literal('canceled', { error: 'campaign_status_conflict' }).nullish(),
  name,
  schedule,
});

export function parseCampaignChange(data: unknown): CampaignChange {
  const given = parse(changeSchema, data);
  return {
    ...(given.name && { name: given.name }),
    ...(typeof given.schedule === 'string' && { schedule: parseDexatelDate(given.schedule) }),
    ...(given.status && { cancel: true }),
  };
}

export const duplicateSchema = z.object({ name });

export function parseDuplicate(data: unknown): { name?: string } {
  const given = parse(duplicateSchema, data);
  return given.name ? { name: given.name } : {};
}

export const preflightSchema = z.object({
  test_number: z.string({ error: 'contact_number_invalid' }).meta(PHONE).nullish(),
});

export function parsePreflight(data: unknown): { testNumber?: string } {
  const given = parse(preflightSchema, data).test_number;
  if (given === null || given === undefined) return {};
  const testNumber = parsePhone(given);
  if (testNumber === null) throw new DomainError('contact_number_invalid', 'Invalid number');
  return { testNumber };
}

/** `in_progress` covers what Dexatel has no word for: a paused campaign. */
export function parseStatuses(text: string | undefined): CampaignStatus[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return text.split(',').flatMap((part) => {
    const wanted = part.trim().toLowerCase();
    const status = CAMPAIGN_STATUSES.find((known) => known === wanted);
    if (status === undefined) {
      throw new DomainError('invalid_request', "'filter[statuses]' has an unknown status");
    }
    return status === 'in_progress' ? ['in_progress', 'paused'] : [status];
  });
}

export function parseRecipientState(text: string | undefined): RecipientState | undefined {
  if (text === undefined || text === '') return undefined;
  const state = RECIPIENT_STATES.find((known) => known === text.toLowerCase());
  if (state === undefined) throw new DomainError('recipient_state_invalid', 'Unknown state');
  return state;
}
