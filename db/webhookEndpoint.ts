import { sql, type Insertable } from 'kysely';
import type { Tx } from './connect';
import type { WebhookEndpoint, WebhookEndpointsTable } from './schema';

export function insertEndpoint(
  tx: Tx,
  endpoint: Insertable<WebhookEndpointsTable>,
): Promise<WebhookEndpoint> {
  return tx
    .insertInto('webhook_endpoints')
    .values(endpoint)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findEndpoint(
  db: Tx,
  accountId: string,
  id: string,
): Promise<WebhookEndpoint | undefined> {
  return db
    .selectFrom('webhook_endpoints')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** Of the newest endpoint of this format that listens. */
export async function findEndpointUrl(
  db: Tx,
  accountId: string,
  format: string,
): Promise<string | null> {
  const endpoint = await db
    .selectFrom('webhook_endpoints')
    .select('url')
    .where('account_id', '=', accountId)
    .where('format', '=', format)
    .where('enabled', '=', true)
    .where('deleted_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return endpoint?.url ?? null;
}

/** Where an endpoint was configured through the Cloud API: of one number, or of all (`senderId` null). */
export interface EndpointPlace {
  senderId: string | null;
  name: string;
}

export function findEndpointAt(
  db: Tx,
  accountId: string,
  { senderId, name }: EndpointPlace,
): Promise<WebhookEndpoint | undefined> {
  return placed(db, accountId, senderId).where('place', '=', name).executeTakeFirst();
}

/** What is configured at places whose names begin like this, by name. */
export function endpointsAt(
  db: Tx,
  accountId: string,
  { senderId, name }: EndpointPlace,
): Promise<WebhookEndpoint[]> {
  return placed(db, accountId, senderId)
    .where((where) => where.fn<boolean>('starts_with', ['place', where.val(name)]))
    .orderBy('place')
    .execute();
}

function placed(db: Tx, accountId: string, senderId: string | null) {
  return db
    .selectFrom('webhook_endpoints')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('sender_id', 'is not distinct from', senderId)
    .where('deleted_at', 'is', null);
}

export interface EndpointFilter {
  after?: string | undefined;
  limit: number;
}

/** Newest first. */
export async function listEndpointRows(
  db: Tx,
  accountId: string,
  { after, limit }: EndpointFilter,
): Promise<{ rows: WebhookEndpoint[]; total: number }> {
  const all = db
    .selectFrom('webhook_endpoints')
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null);
  const rows = await all
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  const { total } = await all
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total };
}

export type EndpointChange = Partial<
  Pick<
    WebhookEndpoint,
    'url' | 'events' | 'kinds' | 'sealed_secret' | 'sealed_headers' | 'enabled' | 'deleted_at'
  >
>;

/**
 * Changes the endpoint and leaves it to be looked at at once: whoever changes one believes that it works now. Undefined
 * when the account has no such endpoint.
 */
export function changeEndpointRow(
  tx: Tx,
  accountId: string,
  id: string,
  change: EndpointChange,
  at: Date,
): Promise<WebhookEndpoint | undefined> {
  return tx
    .updateTable('webhook_endpoints')
    .set({ ...change, retry_at: null, awake: true, looked_at: at, updated_at: at })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/**
 * Of these endpoints, whose deliveries this transaction has made, those whose workflow has to be told. The lock orders it
 * against a workflow that is about to rest (`restEndpoint`): either that sees the deliveries, or this sees that it rests.
 */
export async function wakeEndpoints(tx: Tx, ids: readonly string[]): Promise<WebhookEndpoint[]> {
  if (ids.length === 0) return [];
  const locked = await tx
    .selectFrom('webhook_endpoints')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute();
  const resting = locked.filter(({ awake }) => !awake);
  if (resting.length === 0) return [];
  await tx
    .updateTable('webhook_endpoints')
    .set({ awake: true, looked_at: sql<Date>`now()` })
    .where(
      'id',
      'in',
      resting.map(({ id }) => id),
    )
    .execute();
  return resting;
}

/** Endpoints with something to send that nobody has looked at since `before`: their workflow was lost. */
export function forgottenEndpoints(
  db: Tx,
  before: Date,
  limit: number,
): Promise<WebhookEndpoint[]> {
  return db
    .selectFrom('webhook_endpoints as w')
    .selectAll('w')
    .where('w.enabled', '=', true)
    .where('w.deleted_at', 'is', null)
    .where('w.looked_at', '<', before)
    .where((where) => where.or([where('w.retry_at', 'is', null), where('w.retry_at', '<', before)]))
    .where((where) =>
      where.exists(
        where
          .selectFrom('webhook_deliveries as d')
          .select('d.id')
          .whereRef('d.endpoint_id', '=', 'w.id')
          .where('d.status', '=', 'pending')
          .where('d.next_attempt_at', '<', before),
      ),
    )
    .limit(limit)
    .execute();
}

/** So that the next sweep leaves them alone for a while. */
export async function touchEndpoints(tx: Tx, ids: readonly string[], at: Date): Promise<void> {
  await tx
    .updateTable('webhook_endpoints')
    .set({ looked_at: at })
    .where('id', 'in', [...ids])
    .execute();
}

/** Whether somebody has changed or deleted it since it was `seen` (its `updated_at`). */
export async function isEndpointChanged(db: Tx, id: string, seen: Date): Promise<boolean> {
  const now = await db
    .selectFrom('webhook_endpoints')
    .select('updated_at')
    .where('id', '=', id)
    .executeTakeFirst();
  return now?.updated_at.getTime() !== seen.getTime();
}

/**
 * What attempts told about the endpoint. `retryAt`: it is down, and left alone until then. Nothing when it has been changed
 * since it was `seen` (its `updated_at`): they were about another address.
 */
export async function recordHealth(
  tx: Tx,
  id: string,
  { failures, retryAt, at, seen }: { failures: number; retryAt: Date | null; at: Date; seen: Date },
): Promise<void> {
  await tx
    .updateTable('webhook_endpoints')
    .set({
      failures,
      failing_since: failures === 0 ? null : sql<Date>`coalesce(failing_since, ${at}::timestamptz)`,
      retry_at: retryAt,
      looked_at: at,
    })
    .where('id', '=', id)
    .where(sql<Date>`date_trunc('milliseconds', updated_at)`, '<=', seen)
    .execute();
}
