import { Router, type Request, type RequestHandler, type Response } from 'express';
import { sendToNumbers } from '../../../usecases/directSend';
import { deleteMessage, getMessage, listMessages } from '../../../usecases/message';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { dataOf, onlyMethods, pathId } from './input';
import { parseMessage } from './messageContent';
import { parseMessageFilter } from './messageFilter';
import { renderMessage } from './messageRender';
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
      const message = await getMessage(deps, callerOf(response), idOf(request));
      response.json({ data: renderMessage(message) });
    })
    .delete(WRITE, async (request, response) => {
      await deleteMessage(deps, callerOf(response), idOf(request));
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'DELETE'));

  return router;
}

function idOf(request: Request): string {
  return pathId(request, 'id', 'message_id_invalid');
}
