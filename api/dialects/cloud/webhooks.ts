import { Router, type Request, type RequestHandler, type Response } from 'express';
import { senderOfCaller } from '../../../usecases/callerSender';
import {
  addDestinations,
  changeDestinations,
  getDestination,
  getDestinations,
  replaceDestinations,
  setDestination,
} from '../../../usecases/cloudWebhook';
import { callerOf, requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import { senderOf } from './place';
import { parseDestination, parseDestinations } from './webhookSchema';

const READ = requireScope('webhooks:read');
const WRITE = requireScope('webhooks:write');

/** 360dialog's configuration: of a number, of all numbers that the key speaks for, and further destinations of one. */
export function webhookRoutes(deps: DialectDeps, json: RequestHandler[]): Router {
  const router = Router();
  const body = [WRITE, ...json];
  const numberOf = async (request: Request, response: Response) =>
    (await senderOf(deps, request, response)).id;
  /** A key of one number sees its own alone: what hears others is neither its to read nor to change. */
  const all = async (_request: Request, response: Response) => {
    const caller = callerOf(response);
    return caller.senderId === null ? null : (await senderOfCaller(deps, caller)).id;
  };

  for (const [path, whose] of [
    ['/v1/configs/webhook', numberOf],
    ['/waba_webhook', all],
  ] as const) {
    router
      .route(path)
      .get(READ, async (request, response) => {
        const senderId = await whose(request, response);
        response.json(await getDestination(deps, callerOf(response), senderId));
      })
      .post(body, async (request: Request, response: Response) => {
        const senderId = await whose(request, response);
        const destination = parseDestination(request.body);
        response.json(await setDestination(deps, callerOf(response), senderId, destination));
      })
      .all(onlyMethods('GET', 'POST'));
  }

  router
    .route('/multi_webhook')
    .get(READ, async (request, response) => {
      const senderId = await numberOf(request, response);
      response.json(await getDestinations(deps, callerOf(response), senderId));
    })
    .post(body, async (request: Request, response: Response) => {
      const senderId = await numberOf(request, response);
      const { enabled = true, destinations = [] } = parseDestinations(request.body);
      await addDestinations(deps, callerOf(response), senderId, { enabled, destinations });
      response.json({ message: 'Webhook destinations created' });
    })
    .put(body, async (request: Request, response: Response) => {
      const senderId = await numberOf(request, response);
      const { enabled = true, destinations = [] } = parseDestinations(request.body);
      await replaceDestinations(deps, callerOf(response), senderId, { enabled, destinations });
      response.json({ message: 'Webhook destinations replaced' });
    })
    .patch(body, async (request: Request, response: Response) => {
      const senderId = await numberOf(request, response);
      const change = parseDestinations(request.body);
      await changeDestinations(deps, callerOf(response), senderId, change);
      response.json({ message: 'Webhook destinations changed' });
    })
    .all(onlyMethods('GET', 'POST', 'PUT', 'PATCH'));

  return router;
}
