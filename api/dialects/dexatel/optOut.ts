import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { OptOutSettings } from '../../../db/schema';
import {
  changeOptOutSettings,
  getOptOutSettings,
  type OptOutChange,
} from '../../../usecases/optOutSettings';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { operations } from '../../openapi/operation';
import { dateTime, dexatelDate } from './date';
import { data } from './describe';
import { dataOf, isPlain, isStorable, lengthOf, onlyMethods, parse } from './input';

const MOST_WORDS = 200;
const LONGEST_WORD = 100;
const LONGEST_CONFIRMATION = 1000;

const words = z
  .array(
    z
      .string()
      .transform((word) => word.trim())
      .refine((word) => word !== '' && isPlain(word) && lengthOf(word) <= LONGEST_WORD, {
        error: `must have 1 to ${LONGEST_WORD} characters`,
      }),
  )
  .max(MOST_WORDS);

const confirmation = z
  .string()
  .refine((text) => isStorable(text) && text.trim() !== '', { error: 'is not valid text' })
  .refine((text) => lengthOf(text) <= LONGEST_CONFIRMATION, {
    error: `must have at most ${LONGEST_CONFIRMATION} characters`,
  })
  .nullable();

const changeSchema = z.object({
  built_in_words: z.boolean().optional(),
  stop_words: words.optional(),
  start_words: words.optional(),
  stop_confirmation: confirmation.optional(),
  start_confirmation: confirmation.optional(),
});

const answer = z
  .object({
    built_in_words: z.boolean().meta({
      description: 'Whether STOP, START and their like in many languages count.',
    }),
    stop_words: z.array(z.string()),
    start_words: z.array(z.string()),
    stop_confirmation: z.string().nullable(),
    start_confirmation: z.string().nullable(),
    update_date: dateTime,
  })
  .meta({ id: 'DexatelOptOutSettings' });

export const optOutOperations = operations('Blocked numbers', {
  'GET /v1/opt-out': {
    summary: 'Get the words of opting out',
    scope: 'senders:read',
    answers: { 200: data(answer) },
  },
  'PATCH /v1/opt-out': {
    summary: 'Change the words of opting out',
    description:
      'A word counts when it is the whole message; case, accents and punctuation do not matter. A confirmation is sent ' +
      'once to whoever opted out (or in again) by a message, inside the window that this message opened.',
    scope: 'senders:write',
    body: data(changeSchema),
    answers: { 200: data(answer) },
  },
});

/** Our extension: what an account's customers say to opt out, and what they are told. */
export function optOutRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  router
    .route('/v1/opt-out')
    .get(requireScope('senders:read'), async (_request, response) => {
      response.json({ data: render(await getOptOutSettings(deps, callerOf(response))) });
    })
    .patch(
      [requireScope('senders:write'), ...json],
      async (request: Request, response: Response) => {
        const settings = await changeOptOutSettings(deps, callerOf(response), parseChange(request));
        response.json({ data: render(settings) });
      },
    )
    .all(onlyMethods('GET', 'PATCH'));
  return router;
}

function parseChange(request: Request): OptOutChange {
  const given = Object.entries(parse(changeSchema, dataOf(request)));
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function render({
  account_id: _account,
  updated_at,
  ...settings
}: OptOutSettings): z.output<typeof answer> {
  return { ...settings, update_date: dexatelDate(updated_at) };
}
