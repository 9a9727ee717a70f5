import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Deps } from '../../../usecases/deps';
import {
  createTemplate,
  deleteTemplate,
  getTemplate,
  listTemplates,
} from '../../../usecases/template';
import { callerOf, requireScope } from '../../auth';
import { parseChannelFilter } from './channel';
import { dataOf, onlyMethods, pathId } from './input';
import { pageOf, paginationOf, queryText } from './page';
import { renderTemplate } from './templateRender';
import { parseCreateTemplate, parseTemplateStatuses } from './templateSchema';

const READ = requireScope('templates:read');
const WRITE = requireScope('templates:write');

export function templateRoutes(deps: Deps, json: RequestHandler[]): Router {
  const router = Router();

  router
    .route('/v1/templates')
    .get(READ, async (request, response) => {
      const page = pageOf(request);
      const result = await listTemplates(deps, callerOf(response), {
        limit: page.size,
        after: page.after,
        name: queryText(request, 'filter[name]') || undefined,
        channel: parseChannelFilter(queryText(request, 'filter[channel]')),
        statuses: parseTemplateStatuses(queryText(request, 'filter[status]')),
      });
      response.json({
        data: result.rows.map(renderTemplate),
        pagination: paginationOf(request, page, result),
      });
    })
    .post([WRITE, ...json], async (request: Request, response: Response) => {
      const input = parseCreateTemplate(dataOf(request, 'template_data_required'));
      const template = await createTemplate(deps, callerOf(response), input);
      response.status(201).json({ data: renderTemplate(template) });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/templates/:id')
    .get(READ, async (request, response) => {
      const template = await getTemplate(deps, callerOf(response), idOf(request));
      response.json({ data: renderTemplate(template) });
    })
    .delete(WRITE, async (request, response) => {
      await deleteTemplate(deps, callerOf(response), idOf(request));
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'DELETE'));

  return router;
}

function idOf(request: Request): string {
  return pathId(request, 'id', 'template_id_invalid');
}
