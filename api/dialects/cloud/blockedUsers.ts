import type { Request, RequestHandler, Response, Router } from 'express';
import { parseBlockerAddress } from '../../../domain/identity';
import { phoneDigits } from '../../../domain/phone';
import { addBlocker, deleteBlocker, listBlockers } from '../../../usecases/blocker';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { DomainError } from '../../../domain/errors';
import { graphErrorBody } from '../../../wire/graphError';
import { shapeProblem } from '../../../wire/requestProblem';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { blockSchema, type BlockedAnswer, type BlockedListAnswer } from './blockedUserOperations';
import { pageOf, pagingOf } from './page';
import { placeRouter, senderOf, type Place } from './place';

const READ = requireScope('senders:read');
const WRITE = requireScope('senders:write');

/** Blocked users are the number's blockers: nothing is sent to them, whoever asks for it. */
export function blockedUserRoutes(deps: DialectDeps, json: RequestHandler[], place: Place): Router {
  const router = placeRouter();
  const body = [WRITE, ...json];
  router
    .route(place.ofNumber('/block_users'))
    .get(READ, async (request: Request, response: Response) => {
      const { id } = await senderOf(deps, request, response);
      const page = pageOf(request, ADDRESS);
      const { rows, next } = await listBlockers(deps, callerOf(response), id, page);
      const addresses = rows.map(({ phone }) => phone);
      const body: BlockedListAnswer = {
        data: addresses.map(renderBlocked),
        paging: pagingOf(request, deps.publicUrl, addresses, next !== null),
      };
      response.json(body);
    })
    .post(body, async (request: Request, response: Response) => {
      const { id } = await senderOf(deps, request, response);
      const { valid, failed } = usersOf(request.body);
      for (const { address } of valid) await addBlocker(deps, callerOf(response), id, address);
      answer(response, { added_users: valid.map(renderUser) }, failed);
    })
    .delete(body, async (request: Request, response: Response) => {
      const { id } = await senderOf(deps, request, response);
      const { valid, failed } = usersOf(request.body);
      for (const { address } of valid) {
        await deleteBlocker(deps, callerOf(response), id, address).catch(unlessAbsent);
      }
      answer(response, { removed_users: valid.map(renderUser) }, failed);
    })
    .all(onlyMethods('GET', 'POST', 'DELETE'));
  return router;
}

/** A number, or a business-scoped user id. */
const ADDRESS = /^[+.A-Za-z0-9]{1,140}$/;

interface User {
  input: string;
  address: string;
}

function usersOf(body: unknown): { valid: User[]; failed: string[] } {
  const parsed = blockSchema.safeParse(body);
  if (!parsed.success) throw providerRefusal(shapeProblem(parsed.error, body ?? {}));
  const valid: User[] = [];
  const failed: string[] = [];
  for (const { user: input } of parsed.data.block_users) {
    const address = parseBlockerAddress(input);
    if (address === null) failed.push(input);
    else valid.push({ input, address });
  }
  return { valid, failed };
}

function renderUser({ input, address }: User) {
  return address.startsWith('+')
    ? { input, wa_id: phoneDigits(address) }
    : { input, user_id: address };
}

/** Who was taken off before is off. */
function unlessAbsent(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'blocker_not_found') throw error;
}

const SOME_FAILED = 139100;
const INVALID_USER = 131021;

/** What was done is told with what could not be. */
function answer(
  response: Response,
  done: BlockedAnswer['block_users'],
  failed: readonly string[],
): void {
  const failures = failed.map((input) => {
    const details = 'The user is no number and no id of one.';
    return {
      input,
      errors: [{ message: 'Invalid user', code: INVALID_USER, error_data: { details } }],
    };
  });
  const body: BlockedAnswer = {
    messaging_product: 'whatsapp',
    block_users: { ...done, ...(failures.length > 0 && { failed_users: failures }) },
  };
  if (failures.length === 0) return void response.json(body);
  const error = graphErrorBody(
    {
      code: SOME_FAILED,
      details: 'Failed to block some users, see the block_users response list for details',
    },
    response.locals.requestId,
  );
  response.status(400).json({ ...body, ...error });
}

function renderBlocked(address: string): BlockedListAnswer['data'][0] {
  const id = address.startsWith('+') ? { wa_id: phoneDigits(address) } : { user_id: address };
  return { messaging_product: 'whatsapp', ...id };
}
