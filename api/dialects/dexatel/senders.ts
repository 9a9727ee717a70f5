import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { SenderView } from '../../../db/sender';
import { phoneDigits } from '../../../domain/phone';
import {
  changeSender,
  createSender,
  deleteSender,
  getSender,
  listSenders,
  resumeSender,
} from '../../../usecases/sender';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { parseChannelFilter } from './channel';
import { dexatelDate } from './date';
import { dataOf, onlyMethods, pathId } from './input';
import { pageOf, paginationOf, queryText, type PageRequest } from './page';
import type { SenderAnswer } from './senderOperations';
import { parseCreateSender, parseHealth, parseSenderChange } from './senderSchema';

const READ = requireScope('senders:read');
const WRITE = requireScope('senders:write');

/** Of Dexatel's types of senders, the one that WhatsApp has: a number. */
const TYPE = 'NUMERIC';

export function senderRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  const body = [WRITE, ...json];
  const render = (sender: SenderView) => renderSender(sender, deps.publicUrl);

  router
    .route('/v1/senders')
    .get(READ, async (request, response) => {
      const page = pageOf(request);
      const filter = filterOf(request, page);
      const type = queryText(request, 'filter[type]') || TYPE;
      const result =
        type.toUpperCase() === TYPE
          ? await listSenders(deps, callerOf(response), filter)
          : { rows: [], total: 0, next: null };
      response.json({
        data: result.rows.map(render),
        pagination: paginationOf(request, page, result),
      });
    })
    .post(body, async (request: Request, response: Response) => {
      const input = parseCreateSender(dataOf(request, 'sender_data_required'));
      const sender = await createSender(deps, callerOf(response), input);
      response.status(201).json({ data: render(sender) });
    })
    .all(onlyMethods('GET', 'POST'));

  router
    .route('/v1/senders/:id')
    .get(READ, async (request, response) => {
      const sender = await getSender(deps, callerOf(response), idOf(request));
      response.json({ data: render(sender) });
    })
    .patch(body, async (request: Request, response: Response) => {
      const id = idOf(request);
      const change = parseSenderChange(dataOf(request, 'sender_data_required'));
      const sender = await changeSender(deps, callerOf(response), id, change);
      response.json({ data: render(sender) });
    })
    .delete(WRITE, async (request, response) => {
      await deleteSender(deps, callerOf(response), idOf(request));
      response.status(204).end();
    })
    .all(onlyMethods('GET', 'PATCH', 'DELETE'));

  router
    .route('/v1/senders/:id/resume')
    .post(body, async (request: Request, response: Response) => {
      const sender = await resumeSender(deps, callerOf(response), idOf(request));
      response.json({ data: render(sender) });
    })
    .all(onlyMethods('POST'));

  return router;
}

function filterOf(request: Request, page: PageRequest) {
  return {
    limit: page.size,
    after: page.after,
    name: queryText(request, 'filter[name]') || undefined,
    channel: parseChannelFilter(queryText(request, 'filter[channel]')),
    health: parseHealth(queryText(request, 'filter[status]')),
  };
}

function idOf(request: Request): string {
  return pathId(request, 'id', 'sender_id_invalid');
}

const HEALTH_NAMES = { active: 'ACTIVE', slowed: 'SLOWED', halted: 'HALTED' } as const;

/** Secrets are write-only: only whether one is set can be seen. */
function renderSender(sender: SenderView, publicUrl: string): SenderAnswer {
  return {
    id: sender.id,
    account_id: sender.account_id,
    name: sender.name,
    code: phoneDigits(sender.phone),
    channel: sender.channel,
    type: TYPE,
    status: sender.slowed && sender.health === 'active' ? 'SLOWED' : HEALTH_NAMES[sender.health],
    create_date: dexatelDate(sender.created_at),
    update_date: dexatelDate(sender.updated_at),
    links: { self: `/v1/senders/${sender.id}`, account: null },
    phone: phoneDigits(sender.phone),
    hook_url: `${publicUrl}/hooks/whatsapp/${sender.hook_key}`,
    provider: {
      kind: sender.provider_kind,
      base_url: sender.provider_base_url,
      version: sender.provider_version,
      phone_number_id: sender.phone_number_id,
      waba_id: sender.waba_id,
      has_app_secret: sender.sealed_app_secret !== null,
      has_verify_token: sender.sealed_verify_token !== null,
    },
    rate_per_second: sender.rate_per_second,
    daily_limit: sender.daily_limit,
    window_policy: sender.window_policy,
    quiet_hours: sender.quiet_hours,
    status_reason: sender.health_reason,
  };
}
