import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import {
  fillSlot,
  freeSlot,
  takeSlot,
  type IdempotencySlot,
  type StoredAnswer,
} from '../db/idempotency';
import { DomainError } from '../domain/errors';
import type { Deps } from '../usecases/deps';
import { callerOf } from './auth';

/** 1 to 255 printable ASCII characters. */
const KEY = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

/** Something broke on our side, perhaps behind the commit. */
const OUTCOME_UNKNOWN = 500;

const LONGEST_PATH = 200;

type IdempotencyDeps = Pick<Deps, 'db' | 'secrets'>;

/**
 * Idempotency-Key: the first POST with a key runs, and later ones with the same key, method, path and body get its
 * answer again with `Idempotency-Replayed: true`, for 24 hours.
 *
 * Kept: 2xx, and 4xx except 401, 403 and 429. Anything but a 500 frees the key, so that the client may try again.
 * Answers are sealed: some of them tell a secret, once.
 * A key whose request died (with its process, or of a fault of ours: 500) stays `request_in_progress`: whether it took
 * effect is not known, and an unknown outcome is never repeated silently.
 */
export function idempotency(deps: IdempotencyDeps): RequestHandler {
  return async (request, response, next) => {
    const key = request.get('Idempotency-Key');
    if (request.method !== 'POST' || key === undefined) return next();
    if (!KEY.test(key)) {
      throw new DomainError('invalid_request', 'Idempotency-Key must have 1 to 255 characters.');
    }
    const slot = { apiKeyId: callerOf(response).keyId, route: routeOf(request), key };
    const bodyHash = sha256(response.locals.rawBody ?? '');
    const stored = await takeSlot(deps.db, slot, bodyHash);
    if (stored !== null) return replay(deps, response, stored, bodyHash);
    keepAnswer(deps, slot, response);
    next();
  };
}

/** Method and path; a path that is longer than an index takes stands there by its hash. */
function routeOf({ method, originalUrl }: Request): string {
  const path = originalUrl.split('?')[0] ?? '';
  return `${method} ${path.length <= LONGEST_PATH ? path : sha256(path).toString('hex')}`;
}

function sha256(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest();
}

function replay(
  { secrets }: IdempotencyDeps,
  response: Response,
  stored: StoredAnswer,
  bodyHash: Buffer,
): void {
  if (!stored.bodyHash.equals(bodyHash)) {
    throw new DomainError(
      'idempotency_key_reused',
      'This Idempotency-Key was used with another request body.',
    );
  }
  if (stored.status === null) {
    throw new DomainError(
      'request_in_progress',
      'A request with this Idempotency-Key is running, or its outcome is not known.',
    );
  }
  response.status(stored.status).set('Idempotency-Replayed', 'true');
  response.type('application/json').send(secrets.open(stored.text));
}

/** Stores the answer before it leaves, so that a client that saw it can count on its replay. */
function keepAnswer(
  { db, secrets }: IdempotencyDeps,
  slot: IdempotencySlot,
  response: Response,
): void {
  const send = response.json.bind(response);
  const settle = async (status: number, text: string): Promise<void> => {
    if (isFinal(status)) await fillSlot(db, slot, { status, text });
    else if (status !== OUTCOME_UNKNOWN) await freeSlot(db, slot);
  };
  response.json = (body: unknown) => {
    const status = response.statusCode;
    const text = secrets.seal(JSON.stringify(body));
    // The request itself is done: a key that could not be stored must not turn its answer into an error.
    settle(status, text)
      .catch(() => undefined)
      .finally(() => send(body));
    return response;
  };
}

function isFinal(status: number): boolean {
  return status < 500 && ![401, 403, 429].includes(status);
}
