import type { Request, RequestHandler, Response, Router } from 'express';
import { sendTemplateByName, sendToConversation } from '../../../usecases/directSend';
import { callerOf } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { renderSent } from './render';
import { pathId } from './schema';
import { parseTemplate, parseText } from './sendSchema';

/** What agents and programs say to customers. The answers wait a while for the provider's. */
export function sendRoutes(router: Router, deps: DialectDeps, body: RequestHandler[]): void {
  router
    .route('/v1/messaging/conversations/:id/messages')
    .post(body, async (request: Request, response: Response) => {
      const id = pathId(request);
      const content = { type: 'text' as const, body: parseText(request) };
      const message = await sendToConversation(deps, callerOf(response), id, content);
      response.status(201).json({ message: 'Message sent', data: renderSent(message) });
    })
    .all(onlyMethods('POST'));

  router
    .route('/v1/messaging/messages/template')
    .post(body, async (request: Request, response: Response) => {
      const message = await sendTemplateByName(deps, callerOf(response), parseTemplate(request));
      response.status(201).json({ message: 'Message sent', data: renderSent(message) });
    })
    .all(onlyMethods('POST'));
}
