import { Router, type RequestHandler } from 'express';
import { credentialFrom } from '../../auth';
import type { Dialect, DialectDeps } from '../../dialect';
import { idempotency } from '../../idempotency';
import { storableBody } from './body';
import {
  dialog360Error,
  dialog360ErrorAnswer,
  ERRORS,
  graphError,
  graphErrorAnswer,
} from './errors';
import { messageRoutes } from './messages';
import { cloudOperations } from './operations';
import { DIALOG360, META, type Place } from './place';
import { webhookOperations } from './webhookOperations';
import { webhookRoutes } from './webhooks';

/** Meta's Cloud API, at Meta's paths. */
export const cloud: Dialect = {
  name: 'cloud',
  security: { type: 'http', scheme: 'bearer' },
  operations: cloudOperations(META),
  errors: ERRORS,
  errorBody: graphErrorAnswer,
  mounts: [/^\/v\d+\.\d+(?=\/|$)/],
  rateRules: ({ cloud: limit }) => [{ limit, seconds: 1 }],
  credential: (request) => credentialFrom(request, 'Bearer'),
  renderError: graphError,
  routes: (deps, jsonBody) => routesAt(META, deps, jsonBody),
};

/** 360dialog's Messaging API: the Cloud API behind one key per number. */
export const dialog360: Dialect = {
  name: 'dialog360',
  security: { type: 'apiKey', in: 'header', name: 'D360-API-KEY' },
  operations: { ...cloudOperations(DIALOG360), ...webhookOperations },
  errors: ERRORS,
  errorBody: dialog360ErrorAnswer,
  mounts: [
    '/messages',
    '/marketing_messages',
    '/v1/configs/webhook',
    '/waba_webhook',
    '/multi_webhook',
  ],
  rateRules: ({ cloud: limit }) => [{ limit, seconds: 1 }],
  credential: (request) => credentialFrom(request, 'D360-API-KEY'),
  renderError: dialog360Error,
  routes(deps, jsonBody) {
    const router = routesAt(DIALOG360, deps, jsonBody);
    router.use(webhookRoutes(deps, jsonOf(deps, jsonBody)));
    return router;
  },
};

function routesAt(place: Place, deps: DialectDeps, jsonBody: RequestHandler[]): Router {
  const json = jsonOf(deps, jsonBody);
  const router = Router();
  router.use(messageRoutes(deps, json, place));
  return router;
}

function jsonOf(deps: DialectDeps, jsonBody: RequestHandler[]): RequestHandler[] {
  return [...jsonBody, storableBody, idempotency(deps)];
}
