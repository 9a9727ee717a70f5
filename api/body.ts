import { isUtf8 } from 'node:buffer';
import { raw, type RequestHandler } from 'express';
import { DomainError } from '../domain/errors';

/** Largest JSON body in bytes, after decompression. Imports are streamed and have no limit. */
const JSON_LIMIT = 1024 * 1024;

/**
 * Reads a JSON body whatever its content type says. The bytes are kept for hashing, and broken UTF-8 is refused
 * instead of being replaced. Throws `body_not_json`; a body above the limit becomes `payload_too_large`.
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
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw new DomainError('body_not_json', 'The body is not valid JSON.');
  }
}
