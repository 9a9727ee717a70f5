import { Router, type Request, type RequestHandler } from 'express';
import { credentialFrom } from '../../auth';
import type { Dialect, DialectDeps } from '../../dialect';
import { idempotency } from '../../idempotency';
import { blockedUserRoutes } from './blockedUsers';
import { storableBody } from './body';
import {
  DIALOG360_ERRORS,
  dialog360Error,
  dialog360ErrorAnswer,
  ERRORS,
  graphError,
  graphErrorAnswer,
} from './errors';
import { ATTACHMENTS, dialog360MediaRoutes, uploadRoutes } from './media';
import { messageRoutes } from './messages';
import { nodeRoutes } from './nodes';
import { dialog360HealthRoutes } from './numbers';
import { dialog360Operations, metaOperations } from './operations';
import { DIALOG360, META, type Place } from './place';
import { subscriptionRoutes } from './subscriptions';
import { dialog360TemplateRoutes, metaTemplateRoutes } from './templates';
import { resumableUploadRoutes } from './uploads';
import { webhookRoutes } from './webhooks';

const EDGES = [
  'messages',
  'marketing_messages',
  'media',
  'block_users',
  'message_templates',
  'subscribed_apps',
];

/** Meta's Cloud API, at Meta's paths. */
export const cloud: Dialect = {
  name: 'cloud',
  security: { type: 'http', scheme: 'bearer' },
  operations: metaOperations,
  errors: ERRORS,
  errorBody: graphErrorAnswer,
  mounts: [/^\/v\d+\.\d+(?=\/|$)/],
  // With an odd version. `/v1` belongs to others.
  resembles: new RegExp(`^/([^/]+/[^/]+/(${EDGES.join('|')})|(?!v1/)[^/]+/[^/]+)/?$`),
  rateRules: ({ cloud: limit }) => [{ limit, seconds: 1 }],
  credential: (request) => credentialFrom(request, 'Bearer'),
  renderError: graphError,
  routes(deps, jsonBody) {
    const json = jsonOf(deps, jsonBody);
    const router = Router();
    router.use(numberRoutes(deps, json, META));
    router.use(metaTemplateRoutes(deps, json));
    router.use(subscriptionRoutes(deps, json));
    router.use(nodeRoutes(deps));
    return router;
  },
};

/** 360dialog's Messaging API: the Cloud API behind one key per number. */
export const dialog360: Dialect = {
  name: 'dialog360',
  security: { type: 'apiKey', in: 'header', name: 'D360-API-KEY' },
  operations: dialog360Operations,
  errors: DIALOG360_ERRORS,
  errorBody: dialog360ErrorAnswer,
  mounts: [
    '/messages',
    '/marketing_messages',
    '/media',
    '/block_users',
    '/health_status',
    '/message_templates',
    '/multi_webhook',
    '/waba_webhook',
    '/uploads',
    /^\/upload:[^/]+(?=\/|$)/,
    '/v1/configs',
    ATTACHMENTS,
    // Files go by their ids alone.
    /^\/\d+\/?$/,
  ],
  resembles: /^\/[^/]+\/?$/,
  rateRules: ({ cloud: limit }) => [{ limit, seconds: 1 }],
  credential: secretIn,
  renderError: dialog360Error,
  routes(deps, jsonBody) {
    const json = jsonOf(deps, jsonBody);
    const router = Router();
    router.use(numberRoutes(deps, json, DIALOG360));
    router.use(dialog360TemplateRoutes(deps, json));
    router.use(webhookRoutes(deps, json));
    router.use(dialog360HealthRoutes(deps));
    router.use(resumableUploadRoutes(deps));
    router.use(dialog360MediaRoutes(deps));
    return router;
  },
};

/** Clients of either place download files from one path, each with the header it knows. */
function secretIn(request: Request): string | null {
  const key = credentialFrom(request, 'D360-API-KEY');
  return key ?? (request.baseUrl === ATTACHMENTS ? credentialFrom(request, 'Bearer') : null);
}

function numberRoutes(deps: DialectDeps, json: RequestHandler[], place: Place): Router {
  const router = Router();
  router.use(messageRoutes(deps, json, place));
  router.use(uploadRoutes(deps, place));
  router.use(blockedUserRoutes(deps, json, place));
  return router;
}

function jsonOf(deps: DialectDeps, jsonBody: RequestHandler[]): RequestHandler[] {
  return [...jsonBody, storableBody, idempotency(deps)];
}
