import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Blocker } from '../../../db/blocker';
import { DomainError } from '../../../domain/errors';
import { parseBlockerAddress } from '../../../domain/identity';
import { phoneDigits } from '../../../domain/phone';
import { addBlocker, deleteBlocker, listBlockers } from '../../../usecases/blocker';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import type { BlockerAnswer } from './blockerOperations';
import { dexatelDate } from './date';
import { dataOf, onlyMethods, pathId } from './input';
import { pageOf, paginationOf } from './page';

const READ = requireScope('senders:read');
const WRITE = requireScope('senders:write');

export function blockerRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  const body = [WRITE, ...json];

  router
    .route('/v1/senders/:id/blockers')
    .get(READ, async (request, response) => {
      const senderId = senderIdOf(request);
      const page = pageOf(request, 'address');
      const result = await listBlockers(deps, callerOf(response), senderId, {
        limit: page.size,
        after: page.after,
      });
      response.json({
        data: result.rows.map(renderBlocker),
        pagination: paginationOf(request, page, result),
      });
    })
    .post(body, async (request: Request, response: Response) => {
      const senderId = senderIdOf(request);
      const address = addressOf(dataOf(request).number);
      const { blocker, added } = await addBlocker(deps, callerOf(response), senderId, address);
      response.status(added ? 201 : 200).json({ data: renderBlocker(blocker) });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/senders/:id/blockers/:number')
    .delete(WRITE, async (request, response) => {
      const address = addressOf(request.params.number);
      await deleteBlocker(deps, callerOf(response), senderIdOf(request), address);
      response.status(204).end();
    })
    .all(onlyMethods('DELETE'));

  return router;
}

function senderIdOf(request: Request): string {
  return pathId(request, 'id', 'sender_id_invalid');
}

/** A number as text or as a JSON number; also what the list shows for users whose number is hidden. */
function addressOf(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  const address = typeof text === 'string' ? parseBlockerAddress(text) : null;
  if (address === null) throw new DomainError('blocker_number_invalid', 'Not a phone number');
  return address;
}

function renderBlocker(blocker: Blocker): BlockerAnswer {
  return {
    sender_id: blocker.sender_id,
    number: phoneDigits(blocker.phone),
    create_date: dexatelDate(blocker.created_at),
  };
}
