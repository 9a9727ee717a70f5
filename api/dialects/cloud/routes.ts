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
  operations: cloudOperations(DIALOG360),
  errors: ERRORS,
  errorBody: dialog360ErrorAnswer,
  mounts: ['/messages', '/marketing_messages'],
  rateRules: ({ cloud: limit }) => [{ limit, seconds: 1 }],
  credential: (request) => credentialFrom(request, 'D360-API-KEY'),
  renderError: dialog360Error,
  routes: (deps, jsonBody) => routesAt(DIALOG360, deps, jsonBody),
};

function routesAt(place: Place, deps: DialectDeps, jsonBody: RequestHandler[]): Router {
  const json = [...jsonBody, storableBody, idempotency(deps.db)];
  const router = Router();
  router.use(messageRoutes(deps, json, place));
  return router;
}
