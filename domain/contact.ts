import { IANAZone } from 'luxon';
import { DomainError, type DomainCode } from './errors';
import { parsePhone } from './phone';

/** A contact as clients and import files write it; absent fields leave what is known of the contact. */
export interface ContactInput {
  number?: string;
  firstName?: string;
  lastName?: string;
  custom1?: string;
  custom2?: string;
  timeZone?: string;
  tags?: readonly string[];
  attributes?: Readonly<Record<string, string>>;
}

/** A contact that passed the rules: `phone` is E.164. */
export interface ValidContact {
  phone: string;
  firstName: string | null;
  lastName: string | null;
  custom1: string | null;
  custom2: string | null;
  timeZone: string | null;
  tags: readonly string[] | null;
  attributes: Readonly<Record<string, string>> | null;
}

const MAX_NUMBER = 45;
const MAX_NAME = 32;
const MAX_TAGS = 10;
const MAX_TAG = 45;
const MAX_ATTRIBUTES = 50;
const MAX_ATTRIBUTE = 1000;
/** NUL and lone surrogates, which PostgreSQL does not store. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/**
 * The rules of a contact. Throws the code of the first broken one. Lengths count characters as people do.
 * `zones` remembers the zones that were looked up: a file names few of them a million times.
 */
export function validateContact(
  input: ContactInput,
  zones: Map<string, string | null>,
): ValidContact {
  return {
    phone: phoneOf(input.number),
    firstName: limited(input.firstName, MAX_NAME, 'contact_first_name_too_long'),
    lastName: limited(input.lastName, MAX_NAME, 'contact_last_name_too_long'),
    custom1: limited(input.custom1, 32, 'contact_custom1_too_long'),
    custom2: limited(input.custom2, 70, 'contact_custom2_too_long'),
    timeZone: zoneOf(input.timeZone, zones),
    tags: tagsOf(input.tags),
    attributes: attributesOf(input.attributes),
  };
}

/** A name that somebody was given elsewhere, cut to what a contact may have; null without one. */
export function firstNameOf(name: string | null | undefined): string | null {
  const characters = Array.from(name?.trim() ?? '');
  return characters.slice(0, MAX_NAME).join('') || null;
}

function phoneOf(number: string | undefined): string {
  const text = number?.trim() ?? '';
  if (text === '') throw new DomainError('contact_number_required', "'number' is required");
  if (text.length > MAX_NUMBER) throw new DomainError('contact_number_too_long', 'Too long');
  const phone = parsePhone(text);
  if (phone === null) throw new DomainError('contact_number_invalid', 'Not a phone number');
  return phone;
}

function limited(text: string | undefined, max: number, tooLong: DomainCode): string | null {
  if (text === undefined || text === '') return null;
  refuseUnstorable(text);
  if (text.length > max && Array.from(text).length > max) {
    throw new DomainError(tooLong, `Longer than ${max} characters`);
  }
  return text;
}

function zoneOf(text: string | undefined, zones: Map<string, string | null>): string | null {
  if (text === undefined || text === '') return null;
  const known = zones.get(text);
  const zone = known === undefined ? canonicalZone(text) : known;
  if (zones.size < 1000) zones.set(text, zone);
  if (zone === null) throw new DomainError('contact_time_zone_invalid', 'Not an IANA time zone');
  return zone;
}

const ZONES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']);

/**
 * The zone's own name. Of others, PostgreSQL and we know different ones, and read some differently (IST, BST); offsets
 * such as +02:00 do not know summer time, and PostgreSQL reads their sign reversed.
 */
function canonicalZone(text: string): string | null {
  if (!/^[A-Za-z]/.test(text) || !IANAZone.isValidZone(text)) return null;
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions();
  return ZONES.has(timeZone) ? timeZone : null;
}

function tagsOf(tags: readonly string[] | undefined): readonly string[] | null {
  if (tags === undefined) return null;
  if (tags.length > MAX_TAGS || tags.some((tag) => tag.length > MAX_TAG)) {
    throw new DomainError('contact_too_many_tags', `More than ${MAX_TAGS} tags, or one too long`);
  }
  tags.forEach(refuseUnstorable);
  return tags;
}

function attributesOf(
  attributes: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | null {
  if (attributes === undefined) return null;
  const entries = Object.entries(attributes);
  if (
    entries.length > MAX_ATTRIBUTES ||
    entries.some(([, value]) => value.length > MAX_ATTRIBUTE)
  ) {
    throw new DomainError('invalid_request', 'Too many attributes, or one is too long');
  }
  for (const [key, value] of entries) {
    refuseUnstorable(key);
    refuseUnstorable(value);
  }
  return attributes;
}

function refuseUnstorable(text: string): void {
  if (UNSTORABLE.test(text)) throw new DomainError('invalid_request', 'Text that is not valid');
}
