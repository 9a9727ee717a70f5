import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import { DomainError } from '../domain/errors';
import type { Log } from '../runtime/log';
import { requireKey } from './auth';
import { jsonBody } from './body';
import type { Dialect, DialectDeps, RateLimits } from './dialect';
import { cloud, dialog360 } from './dialects/cloud/routes';
import { dexatel } from './dialects/dexatel/routes';
import { inbox } from './dialects/inbox/routes';
import { sendexa } from './dialects/sendexa/routes';
import { toDomainError } from './errors';
import { events } from './events';
import { healthRoutes } from './health';
import { createMetrics } from './metrics';
import { openApiDocument } from './openapi/document';
import type { DescribedApi } from './openapi/operation';
import { referenceRoutes } from './openapi/routes';
import { ownOperations } from './operations';
import { limit, limitRefused } from './rateLimit';

export interface AppOptions {
  log: Log;
  rateLimits: RateLimits;
  /** Requests without a valid key per minute from one address. */
  refusedLimit: number;
  /** Proxies before this process, whose X-Forwarded-For is believed; 0: the address is the connection's. */
  trustedProxies: number;
  /** Provider webhooks. */
  hooks?: Router;
  /** Further parts with paths of their own (the console), mounted before the not-found answer. */
  extensions?: readonly Router[];
}

/** In the order of their mounts. The first one also answers for paths that belong to nobody. */
const DIALECTS: readonly Dialect[] = [dexatel, events, inbox, sendexa, dialog360, cloud];

/** Everything the reference describes. Our own routes refuse like the first dialect. */
export function describedApis(): DescribedApi[] {
  const { errors, errorBody } = DIALECTS[0]!;
  return [...DIALECTS, { name: 'casement', operations: ownOperations, errors, errorBody }];
}

/** The map of the API. Everything a request passes is on this page, in its order. */
export function createApp(deps: DialectDeps, options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', options.trustedProxies);
  const metrics = createMetrics();

  app.use((request, response, next) => {
    response.locals.requestId = requestIdOf(request.get('X-Request-Id'));
    response.set('X-Request-Id', response.locals.requestId);
    next();
  });
  app.use(metrics.observe);

  // First, because they are most of the traffic: each router in front of them costs every webhook its share.
  if (options.hooks) app.use(options.hooks);

  app.use(healthRoutes(deps.db, metrics, options.log));

  app.use(referenceRoutes(() => openApiDocument(describedApis(), deps.publicUrl)));

  app.use((request, response, next) => {
    response.locals.dialect = DIALECTS.find(({ resembles }) => resembles?.test(request.path));
    next();
  });
  const refused = limitRefused(options.refusedLimit);
  for (const dialect of DIALECTS) {
    app.use([...dialect.mounts], requireKey(deps, dialect, refused));
    const rules = dialect.rateRules?.(options.rateLimits);
    if (rules) app.use([...dialect.mounts], limit(deps, dialect.name, rules));
    app.use(dialect.routes(deps, jsonBody()));
  }

  for (const extension of options.extensions ?? []) app.use(extension);
  app.use(() => {
    throw new DomainError('not_found', 'There is nothing at this path.');
  });
  app.use(errorHandler(deps, options.log));
  return app;
}

/** A client's own id is kept when it is harmless in logs and headers. */
function requestIdOf(given: string | undefined): string {
  return given !== undefined && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
}

/** The one place where an error becomes an answer. What is not the caller's fault is logged and told without detail. */
function errorHandler(deps: DialectDeps, log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const { requestId, dialect = DIALECTS[0]! } = response.locals;
    const error = toDomainError(thrown);
    if (error.code === 'internal_error') log.error({ err: thrown, requestId }, 'request failed');
    // Too late for an answer: Express' own handler closes the connection, which is all that is left to say.
    if (response.headersSent) return next(thrown);
    const { status, body } = dialect.renderError(error, request, deps.clock.now().toJSDate());
    response.status(status).json(body);
  };
}
