import type { RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { DomainError } from '../domain/errors';
import type { Deps } from '../usecases/deps';
import { callerOf } from './auth';
import { SharedStore, type Rules } from './rateLimitStore';

/**
 * Ends requests with `rate_limited` and Retry-After when the caller's key made more than the rules allow at `endpoint`,
 * which is one path or a group of them. All rules hold; a request that one of them refuses counts in none. The headers
 * show the first rule. Goes behind `requireKey`.
 */
export function limit(
  deps: Pick<Deps, 'db' | 'clock'>,
  endpoint: string,
  rules: Rules,
): RequestHandler {
  const [shown] = rules;
  return rateLimit({
    store: new SharedStore(deps, endpoint, rules),
    limit: shown.limit,
    windowMs: shown.seconds * 1000,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    keyGenerator: (_request, response) => callerOf(response as Response).keyId,
    handler: () => {
      throw new DomainError('rate_limited', 'Too many requests with this API key.');
    },
  });
}

/**
 * Ends requests with `rate_limited` and Retry-After when their address sent more than so many without a valid key in a
 * minute. In the memory of this process: a brake, not a promise. Goes behind the refusal of a key, so that whoever has
 * one is neither counted nor refused for what others do behind the same address.
 */
export function limitRefused(perMinute: number): RequestHandler {
  return rateLimit({
    limit: perMinute,
    windowMs: 60_000,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    // Which of these headers count is configured; those that do not are no reason to write to the console.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: () => {
      throw new DomainError('rate_limited', 'Too many requests without a valid API key.');
    },
  });
}
