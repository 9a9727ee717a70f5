import { Router, type Request, type RequestHandler, type Response } from 'express';
import { DomainError } from '../../../domain/errors';
import * as audiences from '../../../usecases/audience';
import * as contacts from '../../../usecases/contact';
import type { Deps } from '../../../usecases/deps';
import { importContacts, type ImportFormat } from '../../../usecases/import';
import { callerOf, requireScope } from '../../auth';
import { renderAudience, renderContact, renderImport } from './audienceRender';
import {
  parseAudienceChange,
  parseContactChange,
  parseContacts,
  parseCreateAudience,
} from './audienceSchema';
import { parseChannelFilter } from './channel';
import { anyDataOf, dataOf, onlyMethods, pathId } from './input';
import { pageOf, paginationOf, queryText } from './page';

const READ = requireScope('audiences:read');
const WRITE = requireScope('audiences:write');

export function audienceRoutes(deps: Deps, json: RequestHandler[]): Router {
  const router = Router();
  const body = [WRITE, ...json];

  router
    .route('/v1/audiences')
    .get(READ, async (request, response) => {
      const page = pageOf(request);
      const channel = parseChannelFilter(queryText(request, 'filter[channel]'));
      const result = await audiences.listAudiences(deps, callerOf(response), {
        limit: page.size,
        after: page.after,
        channel,
      });
      response.json({
        data: result.rows.map(renderAudience),
        pagination: paginationOf(request, page, result),
      });
    })
    .post(body, async (request: Request, response: Response) => {
      const input = parseCreateAudience(dataOf(request));
      const audience = await audiences.createAudience(deps, callerOf(response), input);
      response.status(201).json({ data: renderAudience(audience) });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/audiences/:id')
    .get(READ, async (request, response) => {
      const audience = await audiences.getAudience(deps, callerOf(response), idOf(request));
      response.json({ data: renderAudience(audience) });
    })
    .put(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const { name } = parseAudienceChange(dataOf(request));
      const audience = await audiences.renameAudience(deps, callerOf(response), id, name);
      response.json({ data: renderAudience(audience) });
    })
    .delete(WRITE, async (request, response) => {
      await audiences.deleteAudience(deps, callerOf(response), idOf(request));
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'PUT', 'DELETE'));

  // The body is a stream: no JSON parser and no Idempotency-Key here, since importing twice is harmless.
  router
    .route('/v1/audiences/:id/import')
    .post(WRITE, async (request, response) => {
      const caller = callerOf(response);
      const { id } = await audiences.getAudience(deps, caller, idOf(request));
      const file = { format: formatOf(request), content: request };
      const report = await importContacts(deps, caller, id, file);
      response.json({ data: renderImport(report) });
    })
    .all(onlyMethods('POST'));

  contactRoutes(router, deps, body);
  return router;
}

function contactRoutes(router: Router, deps: Deps, body: RequestHandler[]): void {
  router
    .route('/v1/audiences/:id/contacts')
    .get(READ, async (request, response) => {
      const id = idOf(request);
      const page = pageOf(request);
      const search = queryText(request, 'filter[search]')?.trim();
      const result = await contacts.listContacts(deps, callerOf(response), id, {
        limit: page.size,
        after: page.after,
        search: search === '' ? undefined : search,
      });
      response.json({
        data: result.rows.map((contact) => renderContact(contact, id)),
        pagination: paginationOf(request, page, result),
      });
    })
    .post(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const input = parseContacts(anyDataOf(request));
      const added = await contacts.addContacts(deps, callerOf(response), id, input.contacts);
      const rendered = added.map((contact) => renderContact(contact, id));
      response.status(201).json({ data: input.single ? rendered[0] : rendered });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/audiences/:id/contacts/:contactId')
    .get(READ, async (request, response) => {
      const id = idOf(request);
      const contactId = contactIdOf(request);
      const contact = await contacts.getContact(deps, callerOf(response), id, contactId);
      response.json({ data: renderContact(contact, id) });
    })
    .put(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const contactId = contactIdOf(request);
      const change = parseContactChange(dataOf(request));
      const caller = callerOf(response);
      const contact = await contacts.changeContact(deps, caller, id, contactId, change);
      response.json({ data: renderContact(contact, id) });
    })
    .delete(WRITE, async (request, response) => {
      const contactId = contactIdOf(request);
      await contacts.removeContact(deps, callerOf(response), idOf(request), contactId);
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'PUT', 'DELETE'));
}

function idOf(request: Request): string {
  return pathId(request, 'id', 'audience_id_invalid');
}

function contactIdOf(request: Request): string {
  return pathId(request, 'contactId', 'contact_id_invalid');
}

/** By content type, parameters ignored. Compressed bodies are refused: their size could not be bounded. */
function formatOf(request: Request): ImportFormat {
  if (request.get('Content-Encoding') === undefined) {
    if (request.is('text/csv')) return 'csv';
    if (request.is(['application/x-ndjson', 'application/ndjson'])) return 'ndjson';
  }
  throw new DomainError(
    'import_format_unsupported',
    'The body must be text/csv or application/x-ndjson, not compressed.',
  );
}
