import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  findApiKeyByHash,
  isApiKeyAlive,
  insertApiKey,
  revokeApiKeyRow,
  selectApiKeys,
} from '../db/apiKey';
import type { ApiKey } from '../db/schema';
import { DomainError } from '../domain/errors';
import { isScope } from '../domain/scope';
import type { Caller, Deps } from './deps';
import { parseRange, parseSite, refusePlace, type RequestPlace } from './keyPlaces';

type KeyDeps = Pick<Deps, 'db' | 'clock'>;

export interface CreateApiKey {
  accountId: string;
  name: string;
  scopes: readonly string[];
  senderId?: string;
  agentId?: string;
  /** Null or absent: never expires. */
  expiresAt?: Date | null;
  /** Addresses and ranges that it may be used from; absent or empty: any. */
  allowedIps?: readonly string[];
  /** Sites that it may be used on, as addresses or hosts; absent or empty: any, and outside of browsers. */
  allowedOrigins?: readonly string[];
  /** A secret that was given out before (development data); absent: a new one. */
  secret?: string;
}

/** Secret scanners find keys by it. */
export const SECRET_PREFIX = 'csm_';

/** 32 random bytes behind the prefix. */
export function newApiKeySecret(): string {
  return `${SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}

/**
 * SHA-256, not a slow hash: the secret has 256 bits of entropy, so there is nothing to guess, and it is
 * checked on every request.
 */
export function hashApiKey(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Creates a key. The secret is in this answer and nowhere else. Throws `invalid_request` for an unknown scope or place. */
export async function createApiKey(
  deps: KeyDeps,
  input: CreateApiKey,
): Promise<{ key: ApiKey; secret: string }> {
  const unknown = input.scopes.find((scope) => !isScope(scope));
  if (unknown !== undefined) {
    throw new DomainError('invalid_request', `There is no scope "${unknown}".`);
  }
  const secret = input.secret ?? newApiKeySecret();
  const key = await insertApiKey(deps.db, {
    account_id: input.accountId,
    name: input.name,
    prefix: secret.slice(0, 10),
    secret_hash: hashApiKey(secret),
    scopes: [...input.scopes],
    sender_id: input.senderId ?? null,
    agent_id: input.agentId ?? null,
    expires_at: input.expiresAt ?? null,
    created_at: deps.clock.now().toJSDate(),
    allowed_ips: (input.allowedIps ?? []).map(parseRange),
    allowed_origins: (input.allowedOrigins ?? []).map(parseSite),
  });
  return { key, secret };
}

export async function listApiKeys(deps: KeyDeps, accountId: string): Promise<ApiKey[]> {
  return selectApiKeys(deps.db, accountId);
}

/** Takes effect with the next request. False when there is no such key, or it was revoked before. */
export async function revokeApiKey(deps: KeyDeps, id: string): Promise<boolean> {
  return revokeApiKeyRow(deps.db, id, deps.clock.now().toJSDate());
}

/** For what outlives the request that a key has opened. */
export function isStillValid(deps: KeyDeps, { keyId }: Caller): Promise<boolean> {
  return isApiKeyAlive(deps.db, keyId, deps.clock.now().toJSDate());
}

/**
 * The caller behind a secret. Throws `unauthorized`, with one text for every reason, so that nothing can be probed;
 * only who has the whole secret learns that it has expired (`key_expired`), or is not for use from there
 * (`ip_not_allowed`, `origin_not_allowed`).
 */
export async function authenticate(
  deps: KeyDeps,
  secret: string | null,
  place: RequestPlace,
): Promise<Caller> {
  const hash = hashApiKey(secret ?? '');
  const key = secret === null ? undefined : await findApiKeyByHash(deps.db, hash);
  const valid =
    key !== undefined && timingSafeEqual(key.secret_hash, hash) && key.revoked_at === null;
  if (!valid) throw new DomainError('unauthorized', 'The API key is missing, wrong or expired.');
  if (key.expires_at !== null && key.expires_at.getTime() <= deps.clock.now().toMillis()) {
    throw new DomainError('key_expired', 'The API key has expired.');
  }
  refusePlace(key, place);
  return {
    accountId: key.account_id,
    keyId: key.id,
    scopes: key.scopes,
    senderId: key.sender_id,
    agentId: key.agent_id,
  };
}
