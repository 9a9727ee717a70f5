import type { Request, RequestHandler, Response } from 'express';
import { DomainError } from '../domain/errors';
import { allows, type Scope } from '../domain/scope';
import { authenticate, SECRET_PREFIX } from '../usecases/apiKey';
import type { Caller, Deps } from '../usecases/deps';
import type { Dialect } from './dialect';

/** Where the dialects' clients put the secret. The same secret works in each of these forms. */
export type CredentialForm = 'X-Dexatel-Key' | 'D360-API-KEY' | 'Bearer' | 'Basic';

const BEARER = /^Bearer +(\S+)$/i;
const BASIC = /^Basic +([A-Za-z0-9+/_-]+={0,2})$/i;

/** The secret of a request in the given form; null when the header is absent or of another form. */
export function credentialFrom(request: Request, form: CredentialForm): string | null {
  if (form === 'X-Dexatel-Key' || form === 'D360-API-KEY') return request.get(form)?.trim() || null;
  const header = request.get('Authorization')?.trim() ?? '';
  if (form === 'Bearer') return BEARER.exec(header)?.[1] ?? null;
  const token = BASIC.exec(header)?.[1];
  return token === undefined ? null : secretOfBasic(token);
}

/** A Basic token is base64 of the secret, or of `anything:secret`; or the secret as it was shown. */
function secretOfBasic(token: string): string {
  if (token.startsWith(SECRET_PREFIX)) return token;
  const plain = Buffer.from(token, 'base64').toString('utf8');
  return plain.slice(plain.indexOf(':') + 1);
}

/**
 * Puts the caller into `response.locals`, or ends the request with what `authenticate` throws, unless `onRefusal`
 * (which may end it otherwise) does.
 */
export function requireKey(
  deps: Pick<Deps, 'db' | 'clock'>,
  dialect: Dialect,
  onRefusal: RequestHandler,
): RequestHandler {
  return async (request, response, next) => {
    response.locals.dialect = dialect;
    try {
      response.locals.caller = await authenticate(deps, dialect.credential(request), {
        address: request.ip,
        site: request.get('Origin') ?? request.get('Referer'),
      });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return onRefusal(request, response, (other?: unknown) => next(other ?? error));
    }
    next();
  };
}

/** Ends the request with `missing_scope` unless the caller's key has the scope. */
export function requireScope(scope: Scope): RequestHandler {
  return (_request, response, next) => {
    if (!allows(callerOf(response).scopes, scope)) {
      throw new DomainError('missing_scope', `The API key lacks the scope ${scope}.`, { scope });
    }
    next();
  };
}

/** The authenticated caller. Throws `unauthorized` on a route that was mounted without `requireKey`. */
export function callerOf(response: Response): Caller {
  const { caller } = response.locals;
  if (caller === undefined) throw new DomainError('unauthorized', 'An API key is required.');
  return caller;
}
