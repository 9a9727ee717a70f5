import { randomInt } from 'node:crypto';
import { findEndpointAt, type EndpointPlace } from '../db/webhookEndpoint';
import type { WebhookEndpoint } from '../db/schema';
import { openOutbound } from '../outbound/client';
import { BUSINESS_PLACE } from '../domain/webhook';
import type { Caller, Deps } from './deps';
import { providerRefusal } from './providerRefusal';
import { deleteEndpoint, putEndpoint } from './webhookEndpoint';

/** Webhooks as Meta has them: an address for a business account, which proves that it wants them. */

const FORMAT = 'cloud';
const TIMEOUT_MS = 5_000;
const LARGEST_CHALLENGE = 1_000_000_000;
/** Of Meta's, for a callback that does not answer the challenge. */
const UNVERIFIED = 2200;

export interface Callback {
  url: string;
  /** What the receiver expects to be asked with. */
  verifyToken: string;
}

/** Undefined where nothing is subscribed. */
export function findSubscription(
  { db }: Pick<Deps, 'db'>,
  { accountId }: Caller,
  wabaId: string,
): Promise<WebhookEndpoint | undefined> {
  return findEndpointAt(db, accountId, placeOf(wabaId));
}

/**
 * Sends the account's webhooks to a callback. Returns the secret that they are signed with when it is a new one; it is
 * shown this once. Throws `provider_refused` when the callback does not answer the challenge, and `webhook_url_invalid`.
 */
export async function subscribe(
  deps: Deps,
  caller: Caller,
  wabaId: string,
  callback: Callback,
): Promise<{ secret: string | null }> {
  await verify(deps, callback);
  const at = { format: FORMAT, place: placeOf(wabaId) };
  return putEndpoint(deps, caller, at, { url: callback.url, enabled: true });
}

export async function unsubscribe(deps: Deps, caller: Caller, wabaId: string): Promise<void> {
  const known = await findSubscription(deps, caller, wabaId);
  if (known) await deleteEndpoint(deps, caller, known.id);
}

function placeOf(wabaId: string): EndpointPlace {
  return { senderId: null, name: BUSINESS_PLACE + wabaId };
}

async function verify({ urlGuard }: Deps, { url, verifyToken }: Callback): Promise<void> {
  const challenge = String(randomInt(LARGEST_CHALLENGE));
  const outbound = openOutbound(urlGuard);
  try {
    const answer = await outbound.request({
      method: 'GET',
      url: asking(url, { mode: 'subscribe', challenge, verify_token: verifyToken }),
      headers: { 'User-Agent': 'Casement/1' },
      timeoutMs: TIMEOUT_MS,
      keepBytes: 100,
    });
    const proved =
      answer.kind === 'answered' && answer.status === 200 && answer.body?.trim() === challenge;
    if (!proved)
      throw unverified(answer.kind === 'answered' ? `HTTP ${answer.status}` : answer.detail);
  } finally {
    await outbound.close();
  }
}

/** What is no address is left to the guard to say. */
function asking(url: string, hub: Record<string, string>): string {
  if (!URL.canParse(url)) return url;
  const address = new URL(url);
  for (const [name, value] of Object.entries(hub)) address.searchParams.set(`hub.${name}`, value);
  return address.href;
}

function unverified(why: string) {
  return providerRefusal({
    code: UNVERIFIED,
    message: `(#${UNVERIFIED}) Callback verification failed with the following error: ${why}`,
  });
}
