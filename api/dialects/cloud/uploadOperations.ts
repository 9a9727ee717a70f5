import { z } from 'zod';
import { json, operations } from '../../openapi/operation';
import { PROVIDER_ERRORS, REFUSALS } from './describe';

const id = z.string().meta({ example: 'upload:MTphdHRhY2htZW50OmI' });
const state = z.object({ id, file_offset: z.int().min(0) });
const finished = z.object({
  h: z.string().meta({ description: 'For `example.header_handle` of a template.' }),
});

export type UploadAnswer = z.output<typeof state> | z.output<typeof finished>;

const ONE = {
  params: z.object({
    session: z.string().meta({ description: 'What follows `upload:` in its id.' }),
  }),
  errors: [...PROVIDER_ERRORS, 'payload_too_large'],
} as const;

export const resumableUploadOperations = operations('Cloud API media', {
  'POST /uploads': {
    summary: 'Begin to upload a sample of a template',
    scope: 'templates:write',
    query: z.object({
      file_name: z.string().optional(),
      file_length: z.int().min(1).meta({ description: 'Bytes; 100 MB at most.' }),
      file_type: z.string().meta({ example: 'image/png' }),
    }),
    answers: { 200: json(z.object({ id })), ...REFUSALS },
    errors: ONE.errors,
  },
  'GET /upload\\::session': {
    ...ONE,
    summary: 'Get how much of a sample is there',
    scope: 'templates:read',
    answers: { 200: json(state), ...REFUSALS },
  },
  'POST /upload\\::session': {
    ...ONE,
    summary: 'Upload a part of a sample',
    description:
      'The header `file_offset` says where it begins. The last part is answered with the handle.',
    scope: 'templates:write',
    body: { content: { 'application/octet-stream': z.string().meta({ format: 'binary' }) } },
    answers: { 200: json(z.union([finished, state])), ...REFUSALS },
  },
});
