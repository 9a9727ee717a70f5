import { audit } from '../db/audit';
import { isUniqueViolation, type Tx } from '../db/connect';
import type { WebhookEndpoint } from '../db/schema';
import {
  hastenDeliveries,
  listDeliveryRows,
  reopenDelivery,
  type DeliveryFilter,
  type ListedDelivery,
} from '../db/webhookDelivery';
import {
  changeEndpointRow,
  findEndpoint,
  findEndpointAt,
  insertEndpoint,
  listEndpointRows,
  type EndpointChange,
  type EndpointFilter,
  type EndpointPlace,
} from '../db/webhookEndpoint';
import { DomainError } from '../domain/errors';
import { DELIVER_FOR_MS } from '../domain/event';
import type { WebhookFormat } from '../outbound/format';
import { FORMAT_NAMES, findFormat, formatOf } from '../outbound/formats/registry';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';
import { tellWebhooks } from './webhookSignals';

/** Each event of an account becomes a delivery for each of its endpoints that hears it. */
const MOST_ENDPOINTS = 100;

export interface CreateEndpoint {
  format: string;
  url: string;
  /** In the words of the format; absent: what it listens to by default. */
  events?: readonly string[];
  /** Absent: a new one. */
  secret?: string;
  enabled?: boolean;
  /** To be sent with every request; they are kept as secret as the secret. */
  headers?: Readonly<Record<string, string>>;
  /** Absent: it hears of all the account's numbers. */
  place?: EndpointPlace;
}

/** Absent fields stay as they are. The format cannot change, its events mean other things; nor can the place. */
export type ChangeEndpoint = Partial<Omit<CreateEndpoint, 'format' | 'place'>>;

/**
 * The secret is in this answer and nowhere else. Throws `webhook_settings_invalid`, `webhook_event_invalid`,
 * `webhook_url_invalid`.
 */
export async function createEndpoint(
  deps: Deps,
  caller: Caller,
  input: CreateEndpoint,
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  const format = findFormat(input.format);
  if (!format) {
    const names = FORMAT_NAMES.join(', ');
    throw new DomainError('webhook_settings_invalid', `'data.format' must be one of ${names}`);
  }
  refuseUrl(deps, input.url);
  const secret = input.secret ?? format.newSecret();
  const row = {
    account_id: caller.accountId,
    format: input.format,
    url: input.url,
    ...listening(format, input.events ?? format.defaultEvents),
    sealed_secret: deps.secrets.seal(secret),
    enabled: input.enabled ?? true,
    sealed_headers: sealedHeaders(deps, input.headers),
    sender_id: input.place?.senderId ?? null,
    place: input.place?.name ?? null,
    awake: true,
  };
  const endpoint = await told(deps, async (tx) => {
    const { total } = await listEndpointRows(tx, caller.accountId, { limit: 1 });
    if (total >= MOST_ENDPOINTS) {
      const message = `An account can have at most ${MOST_ENDPOINTS} webhooks`;
      throw new DomainError('webhook_settings_invalid', message);
    }
    const created = await insertEndpoint(tx, row);
    await audit(tx, caller, 'webhook.create', created.id);
    return created;
  });
  return { endpoint, secret };
}

/**
 * The one endpoint of a place, created or changed: two at once end as one after the other. The secret is null when it is
 * the one there was. Throws as `createEndpoint`.
 */
export async function putEndpoint(
  deps: Deps,
  caller: Caller,
  at: Required<Pick<CreateEndpoint, 'format' | 'place'>>,
  settings: ChangeEndpoint & Pick<CreateEndpoint, 'url'>,
): Promise<{ endpoint: WebhookEndpoint; secret: string | null }> {
  const known = await findEndpointAt(deps.db, caller.accountId, at.place);
  if (known) {
    return { endpoint: await changeEndpoint(deps, caller, known.id, settings), secret: null };
  }
  try {
    return await createEndpoint(deps, caller, { ...settings, ...at });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return putEndpoint(deps, caller, at, settings);
  }
}

/** Newest first. */
export async function listEndpoints(
  deps: Deps,
  caller: Caller,
  filter: EndpointFilter,
): Promise<Page<WebhookEndpoint>> {
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listEndpointRows(deps.db, caller.accountId, more);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

/** Throws `webhook_not_found`. */
export function getEndpoint(deps: Deps, caller: Caller, id: string): Promise<WebhookEndpoint> {
  return mustFind(deps.db, caller, id);
}

/** What waits is tried at once: whoever changes an endpoint believes that it works now. */
export async function changeEndpoint(
  deps: Deps,
  caller: Caller,
  id: string,
  change: ChangeEndpoint,
): Promise<WebhookEndpoint> {
  if (change.url !== undefined) refuseUrl(deps, change.url);
  return told(deps, async (tx) => {
    const { format } = await mustFind(tx, caller, id);
    const columns: EndpointChange = {
      ...(change.url !== undefined && { url: change.url }),
      ...(change.events !== undefined && listening(formatOf(format), change.events)),
      ...(change.secret !== undefined && { sealed_secret: deps.secrets.seal(change.secret) }),
      ...(change.enabled !== undefined && { enabled: change.enabled }),
      ...(change.headers && { sealed_headers: sealedHeaders(deps, change.headers) }),
    };
    const endpoint = await apply(deps, tx, caller, id, columns);
    await hastenDeliveries(tx, id, deps.clock.now().toJSDate());
    await audit(tx, caller, 'webhook.change', id, { fields: Object.keys(change) });
    return endpoint;
  });
}

/** Nothing is sent to it any more, what waits included. */
export async function deleteEndpoint(deps: Deps, caller: Caller, id: string): Promise<void> {
  const gone = { enabled: false, deleted_at: deps.clock.now().toJSDate() };
  await told(deps, async (tx) => {
    const endpoint = await apply(deps, tx, caller, id, gone);
    await audit(tx, caller, 'webhook.delete', id);
    return endpoint;
  });
}

/** Newest event first. */
export async function listDeliveries(
  deps: Deps,
  caller: Caller,
  id: string,
  filter: DeliveryFilter,
): Promise<Page<ListedDelivery> & { endpoint: WebhookEndpoint }> {
  const endpoint = await mustFind(deps.db, caller, id);
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listDeliveryRows(deps.db, id, more);
  const page = rows.slice(0, filter.limit);
  const next = rows.length > filter.limit ? page.at(-1)!.id : null;
  return { endpoint, rows: page, total, next };
}

/** Delivers it once more from the beginning, under the same event id. Throws `webhook_delivery_not_found`. */
export async function resendDelivery(
  deps: Deps,
  caller: Caller,
  id: string,
  deliveryId: string,
): Promise<{ endpoint: WebhookEndpoint; delivery: ListedDelivery }> {
  let reopened: ListedDelivery | undefined;
  const endpoint = await told(deps, async (tx) => {
    const changed = await apply(deps, tx, caller, id, {});
    const now = deps.clock.now();
    const expiresAt = now.plus(DELIVER_FOR_MS).toJSDate();
    reopened = await reopenDelivery(tx, id, deliveryId, { at: now.toJSDate(), expiresAt });
    if (!reopened) {
      throw new DomainError('webhook_delivery_not_found', 'Delivery not found, or forgotten.');
    }
    await audit(tx, caller, 'webhook.resend', id, { delivery: deliveryId });
    return changed;
  });
  return { endpoint, delivery: reopened! };
}

/** In one transaction with the signal that makes the endpoint's workflow look at what has changed. */
async function told(
  deps: Deps,
  work: (tx: Tx) => Promise<WebhookEndpoint>,
): Promise<WebhookEndpoint> {
  const { endpoint, workflowIds } = await deps.db.transaction().execute(async (tx) => {
    const changed = await work(tx);
    return { endpoint: changed, workflowIds: await tellWebhooks(tx, [changed]) };
  });
  deps.deliverSignals(workflowIds);
  return endpoint;
}

async function apply(
  deps: Deps,
  tx: Tx,
  caller: Caller,
  id: string,
  change: EndpointChange,
): Promise<WebhookEndpoint> {
  const at = deps.clock.now().toJSDate();
  const endpoint = await changeEndpointRow(tx, caller.accountId, id, change, at);
  if (!endpoint) throw notFound();
  return endpoint;
}

async function mustFind(db: Tx, caller: Caller, id: string): Promise<WebhookEndpoint> {
  const endpoint = await findEndpoint(db, caller.accountId, id);
  if (!endpoint) throw notFound();
  return endpoint;
}

function notFound(): DomainError {
  return new DomainError('webhook_not_found', 'Webhook not found.');
}

function sealedHeaders({ secrets }: Deps, headers: CreateEndpoint['headers']): string | null {
  return headers && Object.keys(headers).length > 0 ? secrets.seal(JSON.stringify(headers)) : null;
}

function refuseUrl({ urlGuard }: Deps, url: string): void {
  const problem = urlGuard.problemOf(url);
  if (problem !== null) throw new DomainError('webhook_url_invalid', `'data.url' ${problem}`);
}

function listening(format: WebhookFormat, events: readonly string[]) {
  const kinds = events.map((event) => format.events[event]);
  if (events.length === 0 || kinds.includes(undefined)) {
    const words = Object.keys(format.events).join(', ');
    throw new DomainError('webhook_event_invalid', `An event must be one of ${words}`);
  }
  return { events: [...new Set(events)], kinds: [...new Set(kinds.flatMap((of) => of ?? []))] };
}
