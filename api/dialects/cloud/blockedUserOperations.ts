import { z } from 'zod';
import { json, operations, type Operations } from '../../openapi/operation';
import { numberParams, ofNumber } from './describe';
import { pageQuery, paging } from './page';
import type { Place } from './place';

const MOST = 1000;

export const blockSchema = z.object({
  messaging_product: z.literal('whatsapp'),
  block_users: z
    .array(
      z.object({
        user: z.string().meta({ description: 'A number, or a business-scoped user id.' }),
      }),
    )
    .min(1)
    .max(MOST),
});

const product = z.literal('whatsapp');
const ids = { wa_id: z.string().optional(), user_id: z.string().optional() };
const user = z.object({ input: z.string(), ...ids });
const failure = z.object({
  message: z.string(),
  code: z.int(),
  error_data: z.object({ details: z.string() }),
});

const blocked = z
  .object({
    messaging_product: product,
    block_users: z.object({
      added_users: z.array(user).optional(),
      removed_users: z.array(user).optional(),
      failed_users: z.array(z.object({ input: z.string(), errors: z.array(failure) })).optional(),
    }),
  })
  .meta({ id: 'CloudBlocked' });

export type BlockedAnswer = z.output<typeof blocked>;

const blockedList = z.object({
  data: z.array(z.object({ messaging_product: product, ...ids })),
  paging,
});

export type BlockedListAnswer = z.output<typeof blockedList>;

const NUMBER = [
  'message_sender_required',
  'message_sender_unknown',
  'sender_not_found',
  'not_found',
] as const;

const change = {
  scope: 'senders:write',
  params: numberParams,
  body: json(blockSchema),
  answers: { 200: json(blocked) },
  errors: [...NUMBER, 'provider_refused'],
} as const;

export const blockedUserOperations = (place: Place): Operations =>
  operations(
    'Cloud API blocked users',
    ofNumber(place, {
      'GET /block_users': {
        summary: 'List blocked users',
        description: 'Everybody to whom the number sends nothing, also those who opted out.',
        scope: 'senders:read',
        params: numberParams,
        query: z.object({ ...pageQuery, before: z.string().optional() }),
        answers: { 200: json(blockedList) },
        errors: NUMBER,
      },
      'POST /block_users': { ...change, summary: 'Block users', idempotent: true },
      'DELETE /block_users': { ...change, summary: 'Unblock users' },
    }),
  );
