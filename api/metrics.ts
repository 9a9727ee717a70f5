import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export interface Metrics {
  observe: RequestHandler;
  expose: RequestHandler;
}

/** Seconds; the low buckets are where a healthy API lives. */
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.08, 0.15, 0.3, 0.6, 1.5, 5, 30];

/** The process' metrics in a registry of its own, so that two apps in one process (tests) do not meet. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'casement_http_request_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  return {
    observe: (request, response, next) => {
      const stop = duration.startTimer();
      response.on('close', () => {
        // The pattern, never the path: ids would make a time series each.
        const pattern: unknown = request.route?.path;
        const route = typeof pattern === 'string' ? pattern : 'none';
        stop({ method: request.method, route, status: response.statusCode });
      });
      next();
    },
    expose: async (_request, response) => {
      response.type(registry.contentType).send(await registry.metrics());
    },
  };
}
