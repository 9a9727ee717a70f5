import { once } from 'node:events';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import * as campaigns from '../../../usecases/campaign';
import * as controls from '../../../usecases/campaignControl';
import * as reports from '../../../usecases/campaignReport';
import type { ControlResult } from '../../../usecases/campaignTypes';
import type { Caller, Deps } from '../../../usecases/deps';
import { callerOf, requireScope } from '../../auth';
import {
  recipientCsvHeader,
  recipientCsvLine,
  renderAnalytics,
  renderCampaign,
  renderControl,
  renderPreflight,
  renderRecipient,
} from './campaignRender';
import {
  parseCampaignChange,
  parseCreateCampaign,
  parseDuplicate,
  parsePreflight,
  parseRecipientState,
  parseStatuses,
} from './campaignSchema';
import { parseChannelFilter } from './channel';
import { dataOf, onlyMethods, pathId } from './input';
import { pageOf, paginationOf, queryText } from './page';

const READ = requireScope('campaigns:read');
const WRITE = requireScope('campaigns:write');

/** Recipients per query while a CSV is streamed. */
const CSV_PAGE = 1000;

export function campaignRoutes(deps: Deps, json: RequestHandler[]): Router {
  const router = Router();
  const body = [WRITE, ...json];

  router
    .route('/v1/campaigns')
    .get(READ, async (request, response) => {
      const page = pageOf(request);
      const channel = parseChannelFilter(queryText(request, 'filter[channel]'));
      const statuses = parseStatuses(queryText(request, 'filter[statuses]'));
      const result = await campaigns.listCampaigns(deps, callerOf(response), {
        limit: page.size,
        ...(page.after !== undefined && { after: page.after }),
        ...(channel !== undefined && { channel }),
        ...(statuses !== undefined && { statuses }),
      });
      response.json({
        data: result.rows.map(renderCampaign),
        pagination: paginationOf(request, page, result),
      });
    })
    .post(body, async (request: Request, response: Response) => {
      const input = parseCreateCampaign(dataOf(request));
      const view = await campaigns.createCampaign(deps, callerOf(response), input);
      response.status(201).json({ data: renderCampaign(view) });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/campaigns/:id')
    .get(READ, async (request, response) => {
      const view = await campaigns.getCampaign(deps, callerOf(response), idOf(request));
      response.json({ data: renderCampaign(view) });
    })
    .put(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const change = parseCampaignChange(dataOf(request));
      const view = await campaigns.changeCampaign(deps, callerOf(response), id, change);
      response.json({ data: renderCampaign(view) });
    })
    .delete(WRITE, async (request, response) => {
      await campaigns.deleteCampaign(deps, callerOf(response), idOf(request));
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'PUT', 'DELETE'));

  controlRoutes(router, deps, body);
  reportRoutes(router, deps, body);
  return router;
}

/** Verbs on a running campaign, and what makes another run of it. Their bodies are optional. */
function controlRoutes(router: Router, deps: Deps, body: RequestHandler[]): void {
  type Verb = (deps: Deps, caller: Caller, id: string) => Promise<ControlResult>;
  const verbs: Record<string, Verb> = {
    pause: controls.pauseCampaign,
    resume: controls.resumeCampaign,
    cancel: controls.cancelCampaign,
  };
  for (const [name, verb] of Object.entries(verbs)) {
    router
      .route(`/v1/campaigns/:id/${name}`)
      .post(body, async (request: Request, response: Response) => {
        response.json({ data: renderControl(await verb(deps, callerOf(response), idOf(request))) });
      })
      .all(onlyMethods('POST'));
  }
  router
    .route('/v1/campaigns/:id/retry-failed')
    .post(body, async (request: Request, response: Response) => {
      const result = await controls.retryFailed(deps, callerOf(response), idOf(request));
      response.json({ data: { ...renderControl(result), requeued: result.requeued } });
    })
    .all(onlyMethods('POST'));
  router
    .route('/v1/campaigns/:id/duplicate')
    .post(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const input = parseDuplicate(optionalData(request));
      const view = await campaigns.duplicateCampaign(deps, callerOf(response), id, input);
      response.status(201).json({ data: renderCampaign(view) });
    })
    .all(onlyMethods('POST'));
}

function reportRoutes(router: Router, deps: Deps, body: RequestHandler[]): void {
  router
    .route('/v1/campaigns/:id/preflight')
    .post(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const input = parsePreflight(optionalData(request));
      const result = await reports.preflightCampaign(deps, callerOf(response), id, input);
      response.json({ data: renderPreflight(result) });
    })
    .all(onlyMethods('POST'));
  router
    .route('/v1/campaigns/:id/analytics')
    .get(READ, async (request, response) => {
      const result = await reports.campaignAnalytics(deps, callerOf(response), idOf(request));
      response.json({ data: renderAnalytics(result) });
    })
    .all(onlyMethods('GET'));
  router
    .route('/v1/campaigns/:id/recipients')
    .get(READ, async (request, response) => {
      const csv = request.accepts(['application/json', 'text/csv']) === 'text/csv';
      return csv
        ? streamRecipients(deps, request, response)
        : listRecipients(deps, request, response);
    })
    .all(onlyMethods('GET'));
}

async function listRecipients(deps: Deps, request: Request, response: Response): Promise<void> {
  const id = idOf(request);
  const caller = callerOf(response);
  const page = pageOf(request, 'position');
  const state = parseRecipientState(queryText(request, 'state'));
  const { rows, next } = await reports.listRecipients(deps, caller, id, {
    limit: page.size,
    ...(page.after !== undefined && { after: Number(page.after) }),
    ...(state !== undefined && { state }),
  });
  const { progress } = await campaigns.getCampaign(deps, caller, id);
  const total = progress[state ?? 'total'];
  response.json({
    data: rows.map(renderRecipient),
    pagination: paginationOf(request, page, { total, next }),
  });
}

/** All recipients, page after page, never faster than the client reads. */
async function streamRecipients(deps: Deps, request: Request, response: Response): Promise<void> {
  const id = idOf(request);
  const caller = callerOf(response);
  const state = parseRecipientState(queryText(request, 'state'));
  const filter = { limit: CSV_PAGE, ...(state !== undefined && { state }) };
  let page = await reports.listRecipients(deps, caller, id, filter);
  response.type('text/csv').attachment(`campaign-${id}.csv`);
  response.write(recipientCsvHeader());
  for (;;) {
    const flushed = response.write(page.rows.map(recipientCsvLine).join(''));
    if (page.next === null || response.destroyed) break;
    if (!flushed) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    page = await reports.listRecipients(deps, caller, id, { ...filter, after: page.next });
  }
  response.end();
}

function idOf(request: Request): string {
  return pathId(request, 'id', 'campaign_id_invalid');
}

/** The verbs may be posted without a body. */
function optionalData(request: Request): Record<string, unknown> {
  return request.body === undefined ? {} : dataOf(request);
}
