import { z } from 'zod';
import type { DomainCode } from '../../../domain/errors';
import { ROW_PROBLEMS } from '../../../usecases/importRow';
import { EMPTY, operations } from '../../openapi/operation';
import {
  audienceSchema,
  changeSchema,
  contactSchema,
  MAX_CONTACTS,
  renameSchema,
} from './audienceSchema';
import { dateTime } from './date';
import { accountLink, channelFilter, data, list, nullableText, pageQuery } from './describe';

const audience = z
  .object({
    id: z.guid(),
    account_id: z.guid(),
    name: z.string(),
    channel: z.string(),
    contacts_count: z.int().min(0),
    create_date: dateTime,
    update_date: dateTime,
    links: z.object({ self: z.string(), account: accountLink, contacts: z.string() }),
  })
  .meta({ id: 'DexatelAudience' });

const contact = z
  .object({
    id: z.guid(),
    account_id: z.guid(),
    audience_id: z.guid(),
    number: nullableText.meta({ description: 'Null where WhatsApp hides it.' }),
    first_name: nullableText,
    last_name: nullableText,
    timestamp: nullableText.meta({ description: 'The older name of custom1.' }),
    date: nullableText.meta({ description: 'The older name of custom2.' }),
    custom1: nullableText,
    custom2: nullableText,
    tags: z.array(z.string()),
    time_zone: nullableText,
    attributes: z.record(z.string(), z.string()),
    create_date: dateTime,
    update_date: dateTime,
    links: z.object({ self: z.string(), account: accountLink, audience: z.string() }),
  })
  .meta({ id: 'DexatelContact' });

const report = z
  .object({
    accepted: z.int().min(0).meta({ description: 'Newly on the audience.' }),
    updated: z.int().min(0).meta({ description: 'On the audience before.' }),
    duplicates: z.int().min(0).meta({ description: 'Repeated in the file; the last row wins.' }),
    rejected: z.int().min(0),
    errors: z
      .array(z.object({ line: z.int(), code: z.enum(ROW_PROBLEMS), message: z.string() }))
      .meta({ description: 'The first 100 of the rejected.' }),
  })
  .meta({ id: 'DexatelImport' });

export type AudienceAnswer = z.output<typeof audience>;
export type ContactAnswer = z.output<typeof contact>;
export type ImportAnswer = z.output<typeof report>;

const contacts = z.array(contactSchema).max(MAX_CONTACTS);
const newAudience = audienceSchema.extend({ contacts: contacts.nullish() });
const newContacts = z.union([
  contactSchema,
  contacts.min(1),
  z.object({ contacts: contacts.min(1) }),
]);

const file = z.string().min(1);

const ONE = ['audience_not_found', 'audience_id_invalid'] as const;
const NAME = [
  'audience_name_required',
  'audience_name_invalid',
  'audience_name_too_long',
  'audience_name_taken',
] as const;
const ONE_CONTACT = [...ONE, 'contact_not_found', 'contact_id_invalid'] as const;
const CONTACT_FIELDS: readonly DomainCode[] = [
  'contact_number_required',
  'contact_number_invalid',
  'contact_number_too_long',
  'contact_first_name_too_long',
  'contact_last_name_too_long',
  'contact_custom1_too_long',
  'contact_custom2_too_long',
  'contact_time_zone_invalid',
  'contact_too_many_tags',
];

const lists = operations('Audiences', {
  'GET /v1/audiences': {
    summary: 'List audiences',
    scope: 'audiences:read',
    query: z.object({ 'filter[channel]': channelFilter, ...pageQuery.shape }),
    answers: { 200: list(audience) },
    errors: ['channel_invalid'],
  },
  'POST /v1/audiences': {
    summary: 'Create an audience',
    scope: 'audiences:write',
    body: data(newAudience),
    idempotent: true,
    answers: { 201: data(audience) },
    errors: [
      ...NAME,
      'audience_channel_required',
      'audience_channel_invalid',
      'too_many_contacts',
      'contact_exists',
      ...CONTACT_FIELDS,
    ],
  },
  'GET /v1/audiences/:id': {
    summary: 'Get an audience',
    scope: 'audiences:read',
    answers: { 200: data(audience) },
    errors: ONE,
  },
  'PUT /v1/audiences/:id': {
    summary: 'Rename an audience',
    scope: 'audiences:write',
    body: data(renameSchema),
    answers: { 200: data(audience) },
    errors: [...ONE, ...NAME],
  },
  'DELETE /v1/audiences/:id': {
    summary: 'Delete an audience',
    scope: 'audiences:write',
    answers: { 204: EMPTY },
    errors: ONE,
  },
  'POST /v1/audiences/:id/import': {
    summary: 'Import contacts',
    description:
      'A file of any size, streamed. CSV with a header row: number, first_name, last_name, custom1, custom2, ' +
      'time_zone, tags; other columns become attributes. Importing a file again changes nothing.',
    scope: 'audiences:write',
    body: { content: { 'text/csv': file, 'application/x-ndjson': file } },
    answers: { 200: data(report) },
    errors: [...ONE, 'import_format_unsupported', 'contact_number_required'],
  },
});

const members = operations('Contacts', {
  'GET /v1/audiences/:id/contacts': {
    summary: 'List contacts',
    scope: 'audiences:read',
    query: z.object({
      'filter[search]': z
        .string()
        .optional()
        .meta({ description: 'Part of a name or of a number.' }),
      ...pageQuery.shape,
    }),
    answers: { 200: list(contact) },
    errors: ONE,
  },
  'POST /v1/audiences/:id/contacts': {
    summary: 'Add contacts',
    scope: 'audiences:write',
    body: data(newContacts),
    idempotent: true,
    answers: {
      201: data(
        z.union([contact, z.array(contact)]),
        'One for one contact, a list for a list of them',
      ),
    },
    errors: [...ONE, ...CONTACT_FIELDS, 'too_many_contacts', 'contact_exists'],
  },
  'GET /v1/audiences/:id/contacts/:contactId': {
    summary: 'Get a contact',
    scope: 'audiences:read',
    answers: { 200: data(contact) },
    errors: ONE_CONTACT,
  },
  'PUT /v1/audiences/:id/contacts/:contactId': {
    summary: 'Change a contact',
    description:
      'Another number is another person: conversations and what campaigns sent stay with the old number, opt-outs ' +
      'hold for both.',
    scope: 'audiences:write',
    body: data(changeSchema),
    answers: { 200: data(contact) },
    errors: [...ONE_CONTACT, ...CONTACT_FIELDS, 'contact_exists'],
  },
  'DELETE /v1/audiences/:id/contacts/:contactId': {
    summary: 'Remove a contact',
    scope: 'audiences:write',
    answers: { 204: EMPTY },
    errors: ONE_CONTACT,
  },
});

export const audienceOperations = { ...lists, ...members };
