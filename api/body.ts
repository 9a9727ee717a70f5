import { isUtf8 } from 'node:buffer';
import { raw, type RequestHandler } from 'express';
import { DomainError } from '../domain/errors';

/** Largest JSON body in bytes, after decompression. Imports are streamed and have no limit. */
const JSON_LIMIT = 1024 * 1024;
/** Levels of lists and objects: several times what any request has, and few enough to be walked through. */
const DEEPEST = 64;

/**
 * Reads a JSON body whatever its content type says. The bytes are kept for hashing, and broken UTF-8 is refused
 * instead of being replaced. Throws `body_not_json`, also for what is nested too deep; a body above the limit becomes
 * `payload_too_large`.
 */
export function jsonBody(): RequestHandler[] {
  return [raw({ type: () => true, limit: JSON_LIMIT }), parseJson];
}

const parseJson: RequestHandler = (request, response, next) => {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  response.locals.rawBody = bytes;
  request.body = bytes.length === 0 ? undefined : jsonOf(bytes);
  next();
};

function jsonOf(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new DomainError('body_not_json', 'The body is not valid UTF-8.');
  const json = parsed(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  if (isDeeper(json, DEEPEST))
    throw new DomainError('body_not_json', 'The body is nested too deep.');
  return json;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError('body_not_json', 'The body is not valid JSON.');
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
