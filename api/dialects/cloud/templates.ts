import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { TemplateFilter } from '../../../db/template';
import { senderOfBusiness } from '../../../usecases/callerSender';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { createTemplate, deleteTemplatesByName, listTemplates } from '../../../usecases/template';
import { invalidParameter } from '../../../wire/requestProblem';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { limitOf, pageOf, pagingOf, textIn } from './page';
import { placeRouter, senderOf } from './place';
import {
  filtersOf,
  parseTemplate,
  renderDialog360Template,
  renderTemplate,
} from './templateSchema';

const READ = requireScope('templates:read');
const WRITE = requireScope('templates:write');

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** At Meta, templates belong to the business account. */
export function metaTemplateRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = placeRouter();
  const businessOf = (request: Request, response: Response) =>
    senderOfBusiness(deps, callerOf(response), String(request.params['waba_id']));

  router
    .route('/:version/:waba_id/message_templates')
    .get(READ, async (request: Request, response: Response) => {
      const sender = await businessOf(request, response);
      const filter = { ...filtersOf(request), ...pageOf(request, ID) };
      const { rows, next } = await list(deps, response, sender.id, filter);
      const keys = rows.map(({ id }) => id);
      response.json({
        data: rows.map(renderTemplate),
        paging: pagingOf(request, deps.publicUrl, keys, next !== null),
      });
    })
    .post([WRITE, ...json], async (request: Request, response: Response) => {
      const { id: senderCode } = await businessOf(request, response);
      const input = { ...parseTemplate(request.body), senderCode };
      const { id, status, category } = renderTemplate(
        await createTemplate(deps, callerOf(response), input),
      );
      response.json({ id, status, category });
    })
    .delete(WRITE, async (request: Request, response: Response) => {
      const sender = await businessOf(request, response);
      await remove(deps, request, response, { senderId: sender.id, name: textIn(request, 'name') });
    })
    .all(onlyMethods('GET', 'POST', 'DELETE'));
  return router;
}

export function dialog360TemplateRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  router
    .route('/v1/configs/templates')
    .get(READ, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      const [limit, offset] = [limitOf(request), offsetOf(request)];
      const filter = { ...filtersOf(request), limit, offset };
      const { rows, total } = await list(deps, response, sender.id, filter);
      const templates = rows.map(renderDialog360Template);
      response.json({ count: rows.length, limit, offset, total, waba_templates: templates });
    })
    .post([WRITE, ...json], async (request: Request, response: Response) => {
      const { id: senderCode } = await senderOf(deps, request, response);
      const input = { ...parseTemplate(request.body), senderCode };
      const template = await createTemplate(deps, callerOf(response), input);
      response.status(201).json(renderDialog360Template(template));
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/configs/templates/:name')
    .delete(WRITE, async (request: Request, response: Response) => {
      const { id: senderId } = await senderOf(deps, request, response);
      await remove(deps, request, response, { senderId, name: String(request.params['name']) });
    })
    .all(onlyMethods('DELETE'));

  router
    .route('/message_templates')
    .delete(WRITE, async (request: Request, response: Response) => {
      const { id: senderId } = await senderOf(deps, request, response);
      await remove(deps, request, response, { senderId, name: textIn(request, 'name') });
    })
    .all(onlyMethods('DELETE'));
  return router;
}

function list(deps: DialectDeps, response: Response, senderId: string, filter: TemplateFilter) {
  return listTemplates(deps, callerOf(response), { channel: 'WHATSAPP', senderId, ...filter });
}

/** In all languages, or the one with this id alone. */
async function remove(
  deps: DialectDeps,
  request: Request,
  response: Response,
  { senderId, name }: { senderId: string; name: string | undefined },
): Promise<void> {
  if (name === undefined)
    throw providerRefusal(invalidParameter('The parameter name is required.'));
  const id = textIn(request, 'hsm_id');
  await deleteTemplatesByName(deps, callerOf(response), { senderId, name, ...(id && { id }) });
  response.json({ success: true });
}

function offsetOf(request: Request): number {
  const text = textIn(request, 'offset') ?? '0';
  if (/^[0-9]{1,7}$/.test(text)) return Number(text);
  throw providerRefusal(invalidParameter('Param offset must be an integer.'));
}
