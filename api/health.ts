import { setTimeout as sleep } from 'node:timers/promises';
import { Router } from 'express';
import { z } from 'zod';
import type { Db } from '../db/connect';
import { requireCurrentSchema } from '../db/migrate';
import type { Log } from '../runtime/log';
import { onlyMethods } from './input';
import type { Metrics } from './metrics';
import { json, operations } from './openapi/operation';

export const healthOperations = operations('Health', {
  'GET /healthz': {
    summary: 'Whether the process runs',
    answers: { 200: json(z.object({ status: z.literal('ok') })) },
  },
  'GET /readyz': {
    summary: 'Whether requests can be served',
    answers: {
      200: json(z.object({ status: z.literal('ready') })),
      503: json(z.object({ status: z.literal('not ready') }), 'No database, or an old schema'),
    },
  },
  'GET /metrics': {
    summary: 'Metrics for Prometheus',
    answers: { 200: { content: { 'text/plain': z.string() } } },
  },
});

/** A database that is silent for so long (milliseconds) is none. */
const READY_WITHIN_MS = 3_000;

/** What load balancers and Prometheus ask for. No key is needed. */
export function healthRoutes(db: Db, metrics: Metrics, log: Log): Router {
  const router = Router();
  router
    .route('/healthz')
    .get((_request, response) => void response.json({ status: 'ok' }))
    .all(onlyMethods('GET'));
  router
    .route('/readyz')
    .get(async (_request, response) => {
      try {
        await Promise.race([requireCurrentSchema(db), silence()]);
        response.json({ status: 'ready' });
      } catch (error) {
        log.warn({ err: error }, 'not ready');
        response.status(503).json({ status: 'not ready' });
      }
    })
    .all(onlyMethods('GET'));
  router.route('/metrics').get(metrics.expose).all(onlyMethods('GET'));
  return router;
}

async function silence(): Promise<never> {
  await sleep(READY_WITHIN_MS, undefined, { ref: false });
  throw new Error('The database does not answer.');
}
