import { z } from 'zod';
import { hookOperations } from './hooks';
import { referenceOperations } from './openapi/routes';
import { json, operations, type Operations } from './openapi/operation';

const health = operations('Operation', {
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

/** The routes that belong to no dialect. */
export const ownOperations: Operations = { ...health, ...hookOperations, ...referenceOperations };
