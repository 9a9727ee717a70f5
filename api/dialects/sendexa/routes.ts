import { Router } from 'express';
import { credentialFrom } from '../../auth';
import type { Dialect } from '../../dialect';
import { idempotency } from '../../idempotency';
import { errorBody, ERRORS, renderError } from './errors';
import { messageOperations } from './messageOperations';
import { messageRoutes } from './messages';
import { numberOperations } from './numberOperations';
import { numberRoutes } from './numbers';
import { templateOperations } from './templateOperations';
import { templateRoutes } from './templates';

/** Sendexa's HTTP API for WhatsApp. Keys speak for the number that they are bound to. */
export const sendexa: Dialect = {
  name: 'sendexa',
  security: { type: 'http', scheme: 'basic' },
  operations: { ...messageOperations, ...templateOperations, ...numberOperations },
  errors: ERRORS,
  errorBody,
  mounts: ['/v1/whatsapp'],
  credential: (request) => credentialFrom(request, 'Basic'),
  renderError,
  routes(deps, jsonBody) {
    const json = [...jsonBody, idempotency(deps)];
    const router = Router();
    router.use(messageRoutes(deps, json));
    router.use(templateRoutes(deps, json));
    router.use(numberRoutes(deps, jsonBody));
    return router;
  },
};
