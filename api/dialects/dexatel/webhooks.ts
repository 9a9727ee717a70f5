import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { WebhookEndpoint } from '../../../db/schema';
import type { ListedDelivery } from '../../../db/webhookDelivery';
import { DOWN_AFTER } from '../../../domain/webhook';
import { formatOf } from '../../../outbound/formats/registry';
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  getEndpoint,
  listDeliveries,
  listEndpoints,
  resendDelivery,
} from '../../../usecases/webhookEndpoint';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { dexatelDate, dexatelDateOrNull } from './date';
import { dataOf, onlyMethods, pathId } from './input';
import { pageOf, paginationOf } from './page';
import type { DeliveryAnswer, WebhookAnswer } from './webhookOperations';
import { parseCreateWebhook, parseDeliveryStatus, parseWebhookChange } from './webhookSchema';

const READ = requireScope('webhooks:read');
const WRITE = requireScope('webhooks:write');

export function webhookRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  const body = [WRITE, ...json];

  router
    .route('/v1/webhooks')
    .get(READ, async (request, response) => {
      const page = pageOf(request);
      const slice = { limit: page.size, after: page.after };
      const result = await listEndpoints(deps, callerOf(response), slice);
      response.json({
        data: result.rows.map((endpoint) => renderWebhook(endpoint)),
        pagination: paginationOf(request, page, result),
      });
    })
    .post(body, async (request: Request, response: Response) => {
      const input = parseCreateWebhook(dataOf(request, 'webhook_data_required'));
      const { endpoint, secret } = await createEndpoint(deps, callerOf(response), input);
      response.status(201).json({ data: renderWebhook(endpoint, secret) });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/webhooks/:id')
    .get(READ, async (request, response) => {
      const endpoint = await getEndpoint(deps, callerOf(response), idOf(request));
      response.json({ data: renderWebhook(endpoint) });
    })
    .patch(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const change = parseWebhookChange(dataOf(request, 'webhook_data_required'));
      const endpoint = await changeEndpoint(deps, callerOf(response), id, change);
      response.json({ data: renderWebhook(endpoint) });
    })
    .delete(WRITE, async (request, response) => {
      await deleteEndpoint(deps, callerOf(response), idOf(request));
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'PATCH', 'DELETE'));

  deliveryRoutes(router, deps);
  return router;
}

function deliveryRoutes(router: Router, deps: DialectDeps): void {
  router
    .route('/v1/webhooks/:id/deliveries')
    .get(READ, async (request, response) => {
      const id = idOf(request);
      const page = pageOf(request);
      const { endpoint, ...result } = await listDeliveries(deps, callerOf(response), id, {
        limit: page.size,
        after: page.after,
        status: parseDeliveryStatus(request),
      });
      response.json({
        data: result.rows.map((delivery) => renderDelivery(endpoint, delivery)),
        pagination: paginationOf(request, page, result),
      });
    })
    .all(onlyMethods('GET'));

  router
    .route('/v1/webhooks/:id/deliveries/:deliveryId/resend')
    .post(WRITE, async (request, response) => {
      const id = idOf(request);
      const deliveryId = pathId(request, 'deliveryId', 'webhook_delivery_id_invalid');
      const result = await resendDelivery(deps, callerOf(response), id, deliveryId);
      response.json({ data: renderDelivery(result.endpoint, result.delivery) });
    })
    .all(onlyMethods('POST'));
}

function idOf(request: Request): string {
  return pathId(request, 'id', 'webhook_id_invalid');
}

/** The secret is known at the creation only. */
function renderWebhook(endpoint: WebhookEndpoint, secret: string | null = null): WebhookAnswer {
  const { id, enabled, failures, events } = endpoint;
  const isDown = failures >= DOWN_AFTER;
  return {
    id,
    account_id: endpoint.account_id,
    url: endpoint.url,
    secret,
    event: endpoint.format === 'dexatel' ? (events[0] ?? null) : null,
    create_date: dexatelDate(endpoint.created_at),
    update_date: dexatelDate(endpoint.updated_at),
    links: {
      self: `/v1/webhooks/${id}`,
      account: null,
      deliveries: `/v1/webhooks/${id}/deliveries`,
    },
    format: endpoint.format,
    events,
    enabled,
    status: !enabled ? 'disabled' : isDown ? 'down' : 'active',
    down_since: isDown ? dexatelDateOrNull(endpoint.failing_since) : null,
    retry_date: dexatelDateOrNull(endpoint.retry_at),
  };
}

function renderDelivery({ format }: WebhookEndpoint, delivery: ListedDelivery): DeliveryAnswer {
  const { kind, status } = delivery;
  return {
    id: delivery.id,
    webhook_id: delivery.endpoint_id,
    event_id: delivery.event_id,
    event: kind === null ? null : formatOf(format).nameOf(kind),
    status,
    attempts: delivery.attempts,
    http_status: delivery.answer,
    error: delivery.error,
    create_date: dexatelDate(delivery.created_at),
    attempt_date: dexatelDateOrNull(delivery.attempted_at),
    next_attempt_date: status === 'pending' ? dexatelDate(delivery.next_attempt_at) : null,
  };
}
