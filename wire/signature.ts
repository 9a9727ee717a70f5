import { createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'sha256=';
const NON_ASCII = /[\u007f-\uffff]/g;

/** The `X-Hub-Signature-256` of a body: HMAC-SHA256 with the app secret over its raw bytes. */
export function signBody(secret: string, rawBody: string | Buffer): string {
  return PREFIX + createHmac('sha256', secret).update(rawBody).digest('hex');
}

/**
 * Checks a signature header in constant time. `raw` must be the bytes as received: parsing and printing
 * the JSON again changes them.
 */
export function verifySignature(secret: string, raw: Buffer, header: string | undefined): boolean {
  if (header === undefined) return false;
  const expected = Buffer.from(signBody(secret, raw));
  const given = Buffer.from(header.startsWith(PREFIX) ? header : PREFIX + header);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/**
 * JSON in pure ASCII, with `\u00e4` for `ä` in lower-case hex: the form over which Meta signs. Receivers
 * that decode before they hash accept only this form.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    NON_ASCII,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
