import { z } from 'zod';
import { json, operations } from '../../openapi/operation';
import { plain } from './describe';
import { bulkSchema } from './numberSchema';
import { instant } from './time';

const known = {
  phone: z.string().meta({ example: '233244000000' }),
  isWhatsApp: z.boolean().nullable().meta({ description: 'Null: nobody knows.' }),
  type: z.enum(['individual', 'business']).nullable(),
  checkedAt: instant.nullable().meta({ description: 'When it was so.' }),
  source: z.enum(['provider', 'memory', 'unknown']).meta({
    description:
      'provider: WhatsApp was asked just now. memory: from an earlier check, or from messages to and from the number. unknown: neither.',
  }),
};

const check = z
  .object({ ...known, displayName: z.string().nullable() })
  .meta({ id: 'SendexaCheckedNumber' });

const bulk = z.object({
  results: z.array(z.object(known)),
  total: z.int(),
  registered: z.int(),
  notRegistered: z.int(),
  unknown: z.int(),
});

const own = z
  .object({
    id: z.string().meta({ example: 'wba_num_0193a1f00000700080000000000000aa' }),
    phone: z.string(),
    displayName: z.string(),
    verifiedName: z.string().nullable().meta({
      description: 'Null where the provider does not tell it, as 360dialog.',
    }),
    status: z.enum(['CONNECTED', 'RESTRICTED']),
    qualityRating: z.string().nullable().meta({ example: 'GREEN' }),
    messagingLimit: z.string().nullable().meta({ example: 'TIER_10K' }),
    webhookUrl: z.string().nullable(),
    connectedAt: instant,
  })
  .meta({ id: 'SendexaNumber' });

export type CheckAnswer = z.output<typeof check>;
export type OwnNumberAnswer = z.output<typeof own>;

const ERRORS = [
  'fields_invalid',
  'recipient_invalid',
  'message_sender_required',
  'message_sender_unknown',
] as const;

export const numberOperations = operations('WhatsApp numbers', {
  'GET /v1/whatsapp/numbers': {
    summary: 'List the own numbers',
    scope: 'senders:read',
    answers: { 200: plain(z.object({ numbers: z.array(own), total: z.int() })) },
  },
  'GET /v1/whatsapp/numbers/check': {
    summary: 'Check a number',
    scope: 'messages:read',
    query: z.object({ phone: z.string().meta({ example: '233244000000' }) }),
    answers: { 200: plain(check) },
    errors: ERRORS,
  },
  'POST /v1/whatsapp/numbers/bulk-check': {
    summary: 'Check many numbers',
    description: 'At most 1,000. Each of them counts towards the 50,000 of a day.',
    scope: 'messages:read',
    body: json(bulkSchema),
    answers: { 200: plain(bulk) },
    errors: ERRORS,
  },
});
