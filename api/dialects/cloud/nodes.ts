import type { Request, Response, Router } from 'express';
import { DomainError } from '../../../domain/errors';
import { findNumber } from '../../../usecases/callerSender';
import { getTemplate } from '../../../usecases/template';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { isUuid, onlyMethods } from '../../input';
import { answerMedia, removeMedia } from './media';
import { answerNumber } from './numbers';
import { textIn } from './page';
import { MEDIA_ID, placeRouter, senderOf } from './place';
import { renderTemplate } from './templateSchema';

const READ = requireScope('messages:read');
const WRITE = requireScope('messages:write');

/** What has an id of its own at Meta: numbers, templates and files. */
export function nodeRoutes(deps: DialectDeps): Router {
  const router = placeRouter();
  router
    .route('/:version/:node')
    .get(READ, async (request: Request, response: Response) => {
      const node = String(request.params['node']);
      const caller = callerOf(response);
      const number = await findNumber(deps, caller, node);
      if (number) {
        response.json(await answerNumber(deps, number, fieldsOf(request)));
      } else if (isUuid(node)) {
        response.json(renderTemplate(await getTemplate(deps, caller, node.toLowerCase())));
      } else {
        const sender = await senderOf(deps, request, response);
        response.json(await answerMedia(deps, sender, mediaIdOf(node)));
      }
    })
    .delete(WRITE, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      const id = mediaIdOf(String(request.params['node']));
      response.json(await removeMedia(deps, sender, id));
    })
    .all(onlyMethods('GET', 'DELETE'));
  return router;
}

/** A comma list; what is nested in a field (`health_status{entities}`) comes whole. */
function fieldsOf(request: Request): string[] | undefined {
  const text = textIn(request, 'fields')?.replace(/\{[^}]*\}/g, '');
  return text?.split(',').map((field) => field.trim());
}

function mediaIdOf(node: string): string {
  if (MEDIA_ID.test(node)) return node;
  throw new DomainError('not_found', 'There is nothing with this id.');
}
