import type { Request, RequestHandler, Router } from 'express';
import type { ApiError } from './errors';
import type { DescribedApi } from './openapi/operation';
import type { Rules } from './rateLimitStore';
import type { Answers } from '../usecases/answers';
import type { Caller, Deps } from '../usecases/deps';
import type { LiveEvents } from '../usecases/liveEvents';
import type { MediaChecks } from '../usecases/mediaCheck';

/** What a dialect's routes may use. */
export interface DialectDeps extends Deps {
  /** Base URL under which providers reach this API, without a trailing slash. */
  publicUrl: string;
  /** Waits for the provider's answers to messages just queued. */
  answers: Pick<Answers, 'wait'>;
  live: LiveEvents;
  /** Looks at links before a message goes out. */
  media: Pick<MediaChecks, 'check'>;
}

/** Requests for one API key, where that is configured: per minute, those of the Cloud API per second. */
export interface RateLimits {
  dexatel: number;
  inbox: number;
  cloud: number;
}

export interface RenderedError {
  status: number;
  body: object;
}

/**
 * One HTTP API over the core. A dialect translates, it never decides: it finds the credential in its own header,
 * parses to a use case's input, and renders what comes back, errors included.
 */
export interface Dialect extends DescribedApi {
  /** What one key may ask for at all of its paths together. Absent: its routes have limits of their own (`limit`). */
  rateRules?(limits: RateLimits): Rules;
  /** Path prefixes that need this dialect's key. */
  mounts: readonly (string | RegExp)[];
  /** Paths that look like its own without being so: what is wrong with them is said in its terms. */
  resembles?: RegExp;
  /** The secret as this dialect's clients send it; null when there is none. */
  credential(request: Request): string | null;
  /** Paths are absolute: the router is mounted at the root. */
  routes(deps: DialectDeps, json: RequestHandler[]): Router;
  renderError(error: ApiError, request: Request, at: Date): RenderedError;
}

declare global {
  namespace Express {
    interface Locals {
      requestId: string;
      dialect?: Dialect;
      caller?: Caller;
      /** The body as received, for hashing; set by the JSON parser. */
      rawBody?: Buffer;
    }
  }
}
