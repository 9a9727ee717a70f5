import { Router } from 'express';
import { credentialFrom } from '../../auth';
import type { Dialect } from '../../dialect';
import { idempotency } from '../../idempotency';
import { audienceRoutes } from './audiences';
import { blockerRoutes } from './blockers';
import { campaignRoutes } from './campaigns';
import { errorBody, ERRORS, renderError } from './errors';
import { messageRoutes } from './messages';
import { dexatelOperations } from './operations';
import { optOutRoutes } from './optOut';
import { senderRoutes } from './senders';
import { templateRoutes } from './templates';
import { webhookRoutes } from './webhooks';

/** Dexatel's HTTP API, with our extensions beside the documented paths. */
export const dexatel: Dialect = {
  name: 'dexatel',
  security: { type: 'apiKey', in: 'header', name: 'X-Dexatel-Key' },
  operations: dexatelOperations,
  errors: ERRORS,
  errorBody,
  rateRules: ({ dexatel: limit }) => [{ limit, seconds: 60 }],
  mounts: [
    '/v1/campaigns',
    '/v1/senders',
    '/v1/audiences',
    '/v1/templates',
    '/v1/messages',
    '/v1/opt-out',
    '/v1/webhooks',
  ],
  credential: (request) => credentialFrom(request, 'X-Dexatel-Key'),
  renderError,
  routes(deps, jsonBody) {
    const json = [...jsonBody, idempotency(deps)];
    const router = Router();
    router.use(campaignRoutes(deps, json));
    router.use(audienceRoutes(deps, json));
    router.use(templateRoutes(deps, json));
    router.use(senderRoutes(deps, json));
    router.use(blockerRoutes(deps, json));
    router.use(optOutRoutes(deps, json));
    router.use(messageRoutes(deps, json));
    router.use(webhookRoutes(deps, json));
    return router;
  },
};
