import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { WebhookActivities } from '../activities/webhook';
import { SLOW_WEBHOOK_QUEUE, WEBHOOK_QUEUE } from './contract';

/**
 * The one table of timeouts and retries.
 *
 * | activities  | how long                  | retries                                               |
 * | ----------- | ------------------------- | ----------------------------------------------------- |
 * | bookkeeping | 2 min (a freeze of 1M ~10 s) | for ever: the database comes back                  |
 * | sending     | 10 min, heartbeat 5 s     | for ever: each attempt fences the one before it       |
 * | guarded     | 10 s: one short statement | for ever; as local activities, an event each, not six |
 * | delivering  | 1 min, heartbeat 5 s      | for ever: of the activity; a delivery has its own times |
 */
const RETRY_FOR_EVER = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '30s',
} as const;

export const bookkeeping = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  retry: RETRY_FOR_EVER,
});

export const sending = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY_FOR_EVER,
});

export const guarded = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10s',
  retry: RETRY_FOR_EVER,
});

const DELIVERING = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY_FOR_EVER,
} as const;

export const delivering = proxyActivities<WebhookActivities>({
  ...DELIVERING,
  taskQueue: WEBHOOK_QUEUE,
});

export const deliveringSlowly = proxyActivities<WebhookActivities>({
  ...DELIVERING,
  taskQueue: SLOW_WEBHOOK_QUEUE,
});
