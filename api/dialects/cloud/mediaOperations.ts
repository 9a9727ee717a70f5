import { z } from 'zod';
import { json, operations, type Operations } from '../../openapi/operation';
import { numberParams, ofNumber, PROVIDER_ERRORS, REFUSALS, success } from './describe';
import { MEDIA_ID, type Place } from './place';

export const media = z
  .object({
    messaging_product: z.literal('whatsapp'),
    url: z.string().meta({ description: 'Opens with the same key as this answer.' }),
    mime_type: z.string(),
    sha256: z.string(),
    file_size: z.int().min(0),
    id: z.string(),
  })
  .meta({ id: 'CloudMedia' });

export type MediaAnswer = z.output<typeof media>;

const form = z.looseObject({
  messaging_product: z.literal('whatsapp'),
  file: z.string().meta({ format: 'binary' }),
});

export const uploadOperations = (place: Place): Operations =>
  operations(
    'Cloud API media',
    ofNumber(place, {
      'POST /media': {
        summary: 'Upload a file',
        description: 'The form is passed on to the provider, which keeps the file for 30 days.',
        scope: 'messages:write',
        params: numberParams,
        body: { content: { 'multipart/form-data': form } },
        answers: { 200: json(z.object({ id: z.string() })), ...REFUSALS },
        errors: [...PROVIDER_ERRORS, 'payload_too_large'],
      },
    }),
  );

export const mediaQuery = z.object({
  phone_number_id: z
    .string()
    .optional()
    .meta({ description: 'Whose file it is; absent: of the number that the key belongs to.' }),
});

const byId = {
  params: z.object({ media_id: z.string().regex(MEDIA_ID) }),
  query: mediaQuery,
  errors: PROVIDER_ERRORS,
};

export const dialog360MediaOperations = operations('Cloud API media', {
  'GET /whatsapp_business/attachments': {
    summary: 'Download a file',
    description: "Also with a Bearer token, for the files of Meta's places.",
    scope: 'messages:read',
    query: z.object({ mid: z.string().regex(MEDIA_ID), ...mediaQuery.shape }),
    answers: { 200: { description: 'The file', content: { '*/*': z.unknown() } }, ...REFUSALS },
    errors: PROVIDER_ERRORS,
  },
  'GET /:media_id': {
    ...byId,
    summary: 'Get a file',
    scope: 'messages:read',
    answers: { 200: json(media), ...REFUSALS },
  },
  'DELETE /:media_id': {
    ...byId,
    summary: 'Delete a file',
    scope: 'messages:write',
    answers: { 200: json(success), ...REFUSALS },
  },
});
