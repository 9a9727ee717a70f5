import { isUtf8 } from 'node:buffer';
import { raw, type RequestHandler } from 'express';
import { DomainError } from '../domain/errors';
import { isDeeper } from '../domain/json';

/** Largest JSON body in bytes, after decompression. Imports are streamed and have no limit. */
const JSON_LIMIT = 1024 * 1024;

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
  if (isDeeper(json)) throw new DomainError('body_not_json', 'The body is nested too deep.');
  return json;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError('body_not_json', 'The body is not valid JSON.');
  }
}
