import { randomUUID } from 'node:crypto';
import type { Db } from '../../db/connect';
import { readEvents, type AccountEvent } from '../../db/event';
import type { WebhookEndpoint } from '../../db/schema';
import type { EventKind } from '../../domain/event';
import { relayEvents } from '../../usecases/eventRelay';

/** Gives everything that is committed its place, and makes its deliveries; returns how many events that were. */
export async function relayAll(db: Db): Promise<number> {
  const deps = { db, deliverSignals: () => undefined };
  let total = 0;
  for (let count = -1; count !== 0; total += count) count = await relayEvents(deps);
  return total;
}

/** Everything the account can be told of by now. */
export async function eventsOf(db: Db, accountId: string): Promise<AccountEvent[]> {
  await relayAll(db);
  return readEvents(db, accountId, 0, 10_000);
}

export async function kindsOf(db: Db, accountId: string): Promise<EventKind[]> {
  return (await eventsOf(db, accountId)).map(({ kind }) => kind);
}

/** A row of its own making: nobody has checked the address, and the secret is as good as its name. */
export function buildEndpoint(
  db: Db,
  accountId: string,
  values: Partial<Pick<WebhookEndpoint, 'format' | 'url' | 'events' | 'kinds' | 'enabled'>> & {
    sealed_secret?: string;
  } = {},
): Promise<WebhookEndpoint> {
  return db
    .insertInto('webhook_endpoints')
    .values({
      account_id: accountId,
      format: 'dexatel',
      url: `https://receiver.example/${randomUUID()}`,
      events: ['delivery'],
      kinds: ['message.delivered', 'message.failed'],
      sealed_secret: 'sealed',
      ...values,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}
