import type { WebhookEndpoint } from '../db/schema';
import { endpointsAt, findEndpointAt } from '../db/webhookEndpoint';
import { DomainError } from '../domain/errors';
import { FURTHER_PLACE, MAIN_PLACE } from '../domain/webhook';
import { parseHeaders } from '../wire/headers';
import type { Caller, Deps } from './deps';
import { deleteEndpoint, putEndpoint } from './webhookEndpoint';

/** Webhooks as the Cloud API's clients configure them: at places that are found again, not by ids. */

export interface Destination {
  url: string;
  headers: Record<string, string>;
}

export interface NamedDestination extends Destination {
  name: string;
}

/** Destinations beside the main one. */
export interface Destinations {
  enabled: boolean;
  destinations: NamedDestination[];
}

const FORMAT = '360dialog';
const MOST_EXTRA = 3;

const NOWHERE: Destination = { url: '', headers: {} };

/** Where webhooks of a number go, or of all numbers (`senderId` null); the empty address where nothing is set. */
export async function getDestination(
  deps: Deps,
  caller: Caller,
  senderId: string | null,
): Promise<Destination> {
  const place = { senderId, name: MAIN_PLACE };
  const endpoint = await findEndpointAt(deps.db, caller.accountId, place);
  return endpoint ? destinationOf(deps, endpoint) : NOWHERE;
}

/** Throws `webhook_url_invalid`. */
export async function setDestination(
  deps: Deps,
  caller: Caller,
  senderId: string | null,
  destination: Destination,
): Promise<Destination> {
  refuseOddUrl(deps, destination.url);
  const at = { format: FORMAT, place: { senderId, name: MAIN_PLACE } };
  const { endpoint } = await putEndpoint(deps, caller, at, destination);
  return destinationOf(deps, endpoint);
}

export async function getDestinations(
  deps: Deps,
  caller: Caller,
  senderId: string,
): Promise<Destinations> {
  const extra = await extras(deps, caller, senderId);
  return {
    enabled: extra.some(({ enabled }) => enabled),
    destinations: extra.map((endpoint) => ({
      name: nameOf(endpoint),
      ...destinationOf(deps, endpoint),
    })),
  };
}

/** The first ones of a number. Throws `webhook_exists` when it has some. */
export async function addDestinations(
  deps: Deps,
  caller: Caller,
  senderId: string,
  given: Destinations,
): Promise<void> {
  if ((await extras(deps, caller, senderId)).length > 0) {
    throw new DomainError('webhook_exists', 'Several destinations are configured already.');
  }
  await replaceDestinations(deps, caller, senderId, given);
}

/** Throws `webhook_settings_invalid` and `webhook_url_invalid`; then nothing has changed. */
export async function replaceDestinations(
  deps: Deps,
  caller: Caller,
  senderId: string,
  { enabled, destinations }: Destinations,
): Promise<void> {
  refuseUnfit(deps, destinations);
  const kept = new Set(destinations.map(({ name }) => name));
  for (const endpoint of await extras(deps, caller, senderId)) {
    if (!kept.has(nameOf(endpoint))) await deleteEndpoint(deps, caller, endpoint.id);
  }
  for (const { name, ...destination } of destinations) {
    const place = { senderId, name: FURTHER_PLACE + name };
    await putEndpoint(deps, caller, { format: FORMAT, place }, { ...destination, enabled });
  }
}

/** What is given is put over what is there, destinations by their names. Throws as `replaceDestinations`. */
export async function changeDestinations(
  deps: Deps,
  caller: Caller,
  senderId: string,
  { enabled, destinations = [] }: Partial<Destinations>,
): Promise<void> {
  const known = await getDestinations(deps, caller, senderId);
  const named = new Set(destinations.map(({ name }) => name));
  const others = known.destinations.filter(({ name }) => !named.has(name));
  await replaceDestinations(deps, caller, senderId, {
    enabled: enabled ?? (known.enabled || known.destinations.length === 0),
    destinations: [...others, ...destinations],
  });
}

function extras(deps: Deps, caller: Caller, senderId: string): Promise<WebhookEndpoint[]> {
  return endpointsAt(deps.db, caller.accountId, { senderId, name: FURTHER_PLACE });
}

function nameOf({ place }: WebhookEndpoint): string {
  return (place ?? '').slice(FURTHER_PLACE.length);
}

function destinationOf({ secrets }: Deps, { url, sealed_headers }: WebhookEndpoint): Destination {
  return {
    url,
    headers: sealed_headers === null ? {} : parseHeaders(secrets.open(sealed_headers)),
  };
}

function refuseUnfit(deps: Deps, destinations: readonly NamedDestination[]): void {
  const names = new Set(destinations.map(({ name }) => name));
  if (destinations.length > MOST_EXTRA || names.size < destinations.length) {
    throw new DomainError(
      'webhook_settings_invalid',
      `There may be ${MOST_EXTRA} destinations, with names of their own.`,
    );
  }
  for (const { url } of destinations) refuseOddUrl(deps, url);
}

/** 360dialog's own rules, beside those of every webhook. */
function refuseOddUrl({ urlGuard }: Deps, url: string): void {
  const problem = urlGuard.problemOf(url) ?? (urlGuard.allowPrivate ? null : oddness(url));
  if (problem !== null) throw new DomainError('webhook_url_invalid', `The url ${problem}.`);
}

function oddness(url: string): string | null {
  const { port, hostname } = new URL(url);
  if (port !== '') return 'must not name a port';
  return hostname.includes('_') ? 'must not have an underscore in its host name' : null;
}
