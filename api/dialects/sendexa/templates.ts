import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Template } from '../../../db/schema';
import { DomainError } from '../../../domain/errors';
import { senderOfCaller } from '../../../usecases/callerSender';
import {
  createTemplate,
  deleteTemplate,
  getTemplate,
  listTemplates,
} from '../../../usecases/template';
import { templateComponents } from '../../../wire/templateComponents';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { limit } from '../../rateLimit';
import { sendexaId, parseSendexaId } from '../../../wire/sendexaId';
import { LIMITS } from './limits';
import { pageOf, sliceOf } from './page';
import type { TemplateAnswer } from './templateOperations';
import { parseCreate, parseFilter, STATUS_NAMES } from './templateSchema';
import { instantOf } from './time';

const READ = requireScope('templates:read');
const WRITE = requireScope('templates:write');

export function templateRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  const reading = limit(deps, 'sendexa templates', LIMITS.reading);
  const creating = limit(deps, 'sendexa create template', LIMITS.createTemplate);

  router
    .route('/v1/whatsapp/templates')
    .get(READ, reading, async (request, response) => {
      const caller = callerOf(response);
      const page = pageOf(request);
      const { rows, total } = await listTemplates(deps, caller, {
        ...parseFilter(request),
        ...sliceOf(page),
        channel: 'WHATSAPP',
        ...(caller.senderId !== null && { senderId: caller.senderId }),
      });
      response.json({
        success: true,
        data: { templates: rows.map(renderTemplate), total, ...page },
      });
    })
    .post([WRITE, creating, ...json], async (request: Request, response: Response) => {
      const caller = callerOf(response);
      const input = parseCreate(request);
      const { id: senderCode } = await senderOfCaller(deps, caller);
      const template = await createTemplate(deps, caller, { ...input, senderCode });
      response.status(201).json({
        success: true,
        message: 'Template submitted for review',
        data: renderTemplate(template),
      });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/whatsapp/templates/:id')
    .get(READ, reading, async (request, response) => {
      const template = await getTemplate(deps, callerOf(response), idOf(request));
      response.json({ success: true, data: renderTemplate(template) });
    })
    .delete(WRITE, reading, async (request, response) => {
      const { id, name } = await getTemplate(deps, callerOf(response), idOf(request));
      await deleteTemplate(deps, callerOf(response), id);
      response.json({
        success: true,
        message: 'Template deleted',
        data: { id: sendexaId('tpl_wa', id), name },
      });
    })
    .all(onlyMethods('GET', 'DELETE'));

  return router;
}

function idOf(request: Request): string {
  const id = parseSendexaId('tpl_wa', String(request.params['id']));
  if (id !== null) return id;
  throw new DomainError('template_not_found', 'There is no template with this id.');
}

/** The documented fields first, then ours. */
function renderTemplate(template: Template): TemplateAnswer {
  return {
    id: sendexaId('tpl_wa', template.id),
    name: template.name,
    status: STATUS_NAMES[template.status],
    category: template.category,
    language: template.language,
    components: templateComponents(template, template.examples),
    createdAt: instantOf(template.created_at),
    updatedAt: instantOf(template.updated_at),
    reason: template.status_reason,
    quality: template.quality,
  };
}
