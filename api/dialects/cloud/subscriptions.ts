import type { Request, RequestHandler, Response, Router } from 'express';
import { senderOfBusiness } from '../../../usecases/callerSender';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { findSubscription, subscribe, unsubscribe } from '../../../usecases/subscription';
import { invalidParameter, shapeProblem } from '../../../wire/requestProblem';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { placeRouter } from './place';
import {
  subscriptionSchema,
  type SubscribedAnswer,
  type SubscriptionsAnswer,
} from './subscriptionOperations';

const READ = requireScope('webhooks:read');
const WRITE = requireScope('webhooks:write');

/** The webhooks of a business account. There is one app: whoever holds the keys of the account. */
export function subscriptionRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = placeRouter();
  /** The id, once it is known to be that of an account of the caller's. */
  const accountOf = async (request: Request, response: Response) => {
    const id = String(request.params['waba_id']);
    await senderOfBusiness(deps, callerOf(response), id);
    return id;
  };

  router
    .route('/:version/:waba_id/subscribed_apps')
    .get(READ, async (request: Request, response: Response) => {
      const id = await accountOf(request, response);
      const endpoint = await findSubscription(deps, callerOf(response), id);
      const app = { id: callerOf(response).accountId, name: 'Casement' };
      const body: SubscriptionsAnswer = {
        data: endpoint
          ? [{ whatsapp_business_api_data: app, override_callback_uri: endpoint.url }]
          : [],
      };
      response.json(body);
    })
    .post([WRITE, ...json], async (request: Request, response: Response) => {
      const id = await accountOf(request, response);
      const { secret } = await subscribe(deps, callerOf(response), id, callbackOf(request.body));
      const body: SubscribedAnswer = { success: true, ...(secret !== null && { secret }) };
      response.json(body);
    })
    .delete(WRITE, async (request: Request, response: Response) => {
      const id = await accountOf(request, response);
      await unsubscribe(deps, callerOf(response), id);
      response.json({ success: true });
    })
    .all(onlyMethods('GET', 'POST', 'DELETE'));
  return router;
}

function callbackOf(body: unknown): { url: string; verifyToken: string } {
  const parsed = subscriptionSchema.safeParse(body ?? {});
  if (!parsed.success) throw providerRefusal(shapeProblem(parsed.error, body ?? {}));
  const { override_callback_uri: url, verify_token: verifyToken = '' } = parsed.data;
  if (url.trim() === '')
    throw providerRefusal(invalidParameter('The parameter override_callback_uri is required.'));
  return { url: url.trim(), verifyToken };
}
