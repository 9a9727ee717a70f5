import { Worker, type NativeConnection } from '@temporalio/worker';
import { createWebhookActivities } from '../activities/webhook';
import type { Meter } from '../domain/ports';
import { openOutbound } from '../outbound/client';
import type { Runtime } from '../runtime/runtime';
import type { TemporalSettings } from '../runtime/temporal';
import { wakeWebhooks } from '../usecases/webhookSignals';
import { SLOW_WEBHOOK_QUEUE, WEBHOOK_QUEUE } from '../workflows/contract';

/** Endpoints served at once by one worker. Each waits for somebody else's server most of the time. */
const ENDPOINTS = 100;
/** Of those that are slow or down; more of them wait for each other. */
const SLOW_ENDPOINTS = 20;
/** An endpoint that has not answered after this long will not (milliseconds). */
const TIMEOUT_MS = 10_000;
/** After a delivery an endpoint's activity waits this long for the next one (milliseconds). */
const LINGER_MS = 2_000;

/**
 * The workers that call customers' endpoints: activities only, on queues of their own. However many endpoints hang, they
 * take no slot from campaigns, and after one time-out none from endpoints that work.
 */
export async function createWebhookWorkers(
  { deps }: Runtime,
  native: NativeConnection,
  { namespace }: TemporalSettings,
  meter: Meter,
): Promise<{ workers: Worker[]; close(): Promise<void> }> {
  const { db, clock, secrets, urlGuard } = deps;
  const outbound = openOutbound(urlGuard);
  const activities = createWebhookActivities({
    db,
    clock,
    secrets,
    outbound,
    meter,
    wake: wakeWebhooks,
    settings: { timeoutMs: TIMEOUT_MS, lingerMs: LINGER_MS },
  });
  const create = (taskQueue: string, maxConcurrentActivityTaskExecutions: number) =>
    Worker.create({
      connection: native,
      namespace,
      taskQueue,
      activities,
      maxConcurrentActivityTaskExecutions,
      shutdownGraceTime: '1s',
      shutdownForceTime: '60s',
    });
  const workers = [
    await create(WEBHOOK_QUEUE, ENDPOINTS),
    await create(SLOW_WEBHOOK_QUEUE, SLOW_ENDPOINTS),
  ];
  return { workers, close: () => outbound.close() };
}
