import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import type { WebhookDeps } from '../../activities/deps';
import { createWebhookActivities } from '../../activities/webhook';
import type { Db } from '../../db/connect';
import { recordEvents } from '../../db/event';
import type { WebhookDelivery, WebhookEndpoint } from '../../db/schema';
import { openOutbound } from '../../outbound/client';
import { createUrlGuard } from '../../outbound/guard';
import { formatOf } from '../../outbound/formats/registry';
import { createSecretBox } from '../../runtime/secretBox';
import { wakeWebhooks } from '../../usecases/webhookSignals';
import type { WebhookFound } from '../../workflows/contract';
import { buildEndpoint } from './events';
import type { TestEndpoint } from './endpoint';

export const SECRET = 'whsec_of_the_test';
const secrets = createSecretBox(Buffer.alloc(32, 7).toString('base64'));

/** What the activities of endpoints need, with a clock that a test can put forward. */
export function webhookDeps(db: Db, settings: Partial<WebhookDeps['settings']> = {}) {
  const time = { aheadMs: 0 };
  const outbound = openOutbound(createUrlGuard({ allowPrivate: true }));
  const deps: WebhookDeps = {
    db,
    clock: { now: () => DateTime.utc().plus(time.aheadMs) },
    secrets,
    outbound,
    wake: wakeWebhooks,
    settings: { timeoutMs: 1_000, lingerMs: 0, ...settings },
  };
  return { deps, time, close: () => outbound.close() };
}

/** One look at the endpoint, as a worker takes it. */
export function lookAt(deps: WebhookDeps, endpointId: string): Promise<WebhookFound> {
  const activities = createWebhookActivities(deps);
  const deliver = () => activities.deliverWebhooks({ endpointId });
  return new MockActivityEnvironment().run(deliver);
}

/** An endpoint of the inbox format that hears everything. */
export function buildListener(
  db: Db,
  { url }: Pick<TestEndpoint, 'url'>,
  accountId: string,
  format = 'inbox',
): Promise<WebhookEndpoint> {
  const { events } = formatOf(format);
  return buildEndpoint(db, accountId, {
    url,
    format,
    events: Object.keys(events),
    kinds: [...new Set(Object.values(events).flat())],
    sealed_secret: secrets.seal(SECRET),
  });
}

/** Assignments of conversations that each know their number; of one conversation if it is given. */
export async function assign(
  db: Db,
  accountId: string,
  numbers: readonly number[],
  conversationId?: string,
): Promise<void> {
  await recordEvents(
    db,
    numbers.map((n) => ({
      accountId,
      kind: 'conversation.assigned',
      conversationId: conversationId ?? randomUUID(),
      data: { assignee_id: String(n) },
      at: new Date(),
    })),
  );
}

/** The numbers of the assignments in the order in which they came. */
export function assigned({ posts }: Pick<TestEndpoint, 'posts'>): number[] {
  return posts.map(({ body }) => {
    const { data } = body as { data: { assignedToUserId: string } };
    return Number(data.assignedToUserId);
  });
}

/** In the order of the events. */
export function deliveriesOf(db: Db, endpointId: string): Promise<WebhookDelivery[]> {
  return db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('endpoint_id', '=', endpointId)
    .orderBy('id')
    .execute();
}

export function readEndpoint(db: Db, id: string): Promise<WebhookEndpoint> {
  return db
    .selectFrom('webhook_endpoints')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}
