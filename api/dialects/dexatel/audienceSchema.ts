import { z } from 'zod';
import type { ContactInput } from '../../../domain/contact';
import { DomainError } from '../../../domain/errors';
import type { CreateAudience } from '../../../usecases/audience';
import { AUDIENCE_CHANNELS } from './channel';
import { anyCase, PHONE, PHONE_NUMBER } from '../../openapi/shapes';
import { isStorable, lengthOf, optionalText, parse, requiredText } from './input';

const NAME = /^[\p{L}\p{N}_-]+$/u;
const NAME_MAX = 45;
export const MAX_CONTACTS = 1000;

const attributes = z
  .record(
    z.string().refine(isStorable, { error: 'has a name that is not valid text' }),
    z.string().refine(isStorable, { error: 'is not valid text' }),
  )
  .nullish()
  .transform((map) => map ?? undefined);

const number = z
  .union([z.string().meta(PHONE), z.number().meta(PHONE_NUMBER).transform(String)], {
    error: (issue) =>
      issue.input === undefined || issue.input === null
        ? 'contact_number_required'
        : 'contact_number_invalid',
  })
  .refine((text) => isStorable(text), { error: 'contact_number_invalid' });

const optional = {
  first_name: optionalText('contact_first_name_too_long', 32),
  last_name: optionalText('contact_last_name_too_long', 32),
  custom1: optionalText('contact_custom1_too_long', 32),
  timestamp: optionalText('contact_custom1_too_long', 32),
  custom2: optionalText('contact_custom2_too_long', 70),
  date: optionalText('contact_custom2_too_long', 70),
  time_zone: optionalText('contact_time_zone_invalid'),
  tags: z
    .array(z.string().refine(isStorable, { error: 'contact_too_many_tags' }), {
      error: 'contact_too_many_tags',
    })
    .nullish()
    .transform((tags) => tags ?? undefined),
  attributes,
};

function toInput(given: z.output<typeof changeSchema>): ContactInput {
  return {
    number: given.number,
    firstName: given.first_name,
    lastName: given.last_name,
    custom1: given.custom1 ?? given.timestamp,
    custom2: given.custom2 ?? given.date,
    timeZone: given.time_zone,
    tags: given.tags,
    attributes: given.attributes,
  };
}

export const contactSchema = z.object(
  { number, ...optional },
  { error: 'contact_number_required' },
);
export const changeSchema = z.object({ number: number.optional(), ...optional });

const contactList = z
  .array(z.unknown(), { error: 'contact_number_required' })
  .max(MAX_CONTACTS, { error: 'too_many_contacts' });

export const audienceSchema = z.object({
  name: requiredText('audience_name_required', 'audience_name_invalid')
    .refine((name) => lengthOf(name) <= NAME_MAX, { error: 'audience_name_too_long', abort: true })
    .refine((name) => NAME.test(name), { error: 'audience_name_invalid' })
    .meta({ maxLength: NAME_MAX, pattern: NAME.source }),
  channel: requiredText('audience_channel_required', 'audience_channel_invalid')
    .transform((channel) => channel.toUpperCase())
    .refine((channel) => AUDIENCE_CHANNELS.includes(channel), {
      error: 'audience_channel_invalid',
    })
    .meta(anyCase(AUDIENCE_CHANNELS)),
  contacts: contactList.nullish(),
});

export function parseCreateAudience(data: unknown): CreateAudience {
  const { name, channel, contacts } = parse(audienceSchema, data);
  return { name, channel, contacts: (contacts ?? []).map(parseContact) };
}

export const renameSchema = audienceSchema.pick({ name: true });

export function parseAudienceChange(data: unknown): { name: string } {
  return parse(renameSchema, data);
}

function parseContact(data: unknown): ContactInput {
  return toInput(parse(contactSchema, data));
}

/** One contact, a list of them, or `{contacts: [...]}`; `single` says which form the answer has. */
export function parseContacts(data: Record<string, unknown> | unknown[]): {
  single: boolean;
  contacts: ContactInput[];
} {
  const given: unknown = Array.isArray(data) ? data : data['contacts'];
  if (given === undefined) return { single: true, contacts: [parseContact(data)] };
  const list = parse(contactList, given);
  if (list.length === 0) {
    throw new DomainError('contact_number_required', 'There is no contact in the list.');
  }
  return { single: false, contacts: list.map(parseContact) };
}

export function parseContactChange(data: unknown): ContactInput {
  return toInput(parse(changeSchema, data));
}
