import { Router, type Request, type RequestHandler, type Response } from 'express';
import { parseReference } from '../../../domain/reference';
import type { Caller } from '../../../usecases/deps';
import { sendToNumbers } from '../../../usecases/directSend';
import {
  deleteMessage,
  getCampaignMessage,
  getMessage,
  listMessages,
} from '../../../usecases/message';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { dataOf, onlyMethods, pathId } from './input';
import { parseMessage } from './messageContent';
import { parseMessageFilter } from './messageFilter';
import type { MessageAnswer } from './messageOperations';
import { renderCampaignMessage, renderMessage } from './messageRender';
import { pageOf, paginationOf } from './page';

const READ = requireScope('messages:read');
const WRITE = requireScope('messages:write');

export function messageRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();

  router
    .route('/v1/messages')
    .get(READ, async (request, response) => {
      const page = pageOf(request);
      const filter = { ...parseMessageFilter(request), limit: page.size, after: page.after };
      const result = await listMessages(deps, callerOf(response), filter);
      response.json({
        data: result.rows.map(renderMessage),
        pagination: paginationOf(request, page, result),
      });
    })
    .post([WRITE, ...json], async (request: Request, response: Response) => {
      const input = parseMessage(dataOf(request));
      const messages = await sendToNumbers(deps, callerOf(response), input);
      response.status(201).json({ data: messages.map(renderMessage) });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/messages/:id')
    .get(READ, async (request, response) => {
      response.json({ data: await readMessage(deps, request, callerOf(response)) });
    })
    .delete(WRITE, async (request, response) => {
      await deleteMessage(deps, callerOf(response), idOf(request));
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'DELETE'));

  return router;
}

/** Webhooks also name what campaigns sent, which is listed with the campaign and can be read here. */
async function readMessage(
  deps: DialectDeps,
  request: Request,
  caller: Caller,
): Promise<MessageAnswer> {
  const reference = parseReference(String(request.params['id']).toLowerCase());
  return reference === null
    ? renderMessage(await getMessage(deps, caller, idOf(request)))
    : renderCampaignMessage(await getCampaignMessage(deps, caller, reference));
}

function idOf(request: Request): string {
  return pathId(request, 'id', 'message_id_invalid');
}
