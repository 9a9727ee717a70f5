import { z } from 'zod';
import { EMPTY, operations } from '../../openapi/operation';
import { PHONE, PHONE_NUMBER } from '../../openapi/shapes';
import { dateTime } from './date';
import { data, list, pageQuery } from './describe';

const blocker = z
  .object({ sender_id: z.guid(), number: z.string(), create_date: dateTime })
  .meta({ id: 'DexatelBlocker' });

export type BlockerAnswer = z.output<typeof blocker>;

/** Or what the list shows of users whose number is hidden. */
const ADDRESS = {
  pattern: `${PHONE.pattern}|^[A-Z]{2}\\.[.A-Za-z0-9]+$`,
  examples: PHONE.examples,
};

/** What the route reads by hand: a number as text or as a JSON number. */
const newBlocker = z.object({
  number: z.union([z.string().meta(ADDRESS), z.number().meta(PHONE_NUMBER)]),
});

const SENDER = ['sender_not_found', 'sender_id_invalid'] as const;

export const blockerOperations = operations('Blocked numbers', {
  'GET /v1/senders/:id/blockers': {
    summary: 'List blocked numbers',
    scope: 'senders:read',
    query: pageQuery,
    answers: { 200: list(blocker) },
    errors: SENDER,
  },
  'POST /v1/senders/:id/blockers': {
    summary: 'Block a number',
    description:
      'Nothing is sent to it from this sender any more, a running campaign included. A BSUID whose number is known ' +
      'counts as the number.',
    scope: 'senders:write',
    body: data(newBlocker),
    idempotent: true,
    answers: { 200: data(blocker, 'It was blocked already'), 201: data(blocker) },
    errors: [...SENDER, 'blocker_number_invalid'],
  },
  'DELETE /v1/senders/:id/blockers/:number': {
    summary: 'Unblock a number',
    scope: 'senders:write',
    params: z.object({ number: z.string().meta({ examples: PHONE.examples }) }),
    answers: { 204: EMPTY },
    errors: [...SENDER, 'blocker_number_invalid', 'blocker_not_found'],
  },
});
