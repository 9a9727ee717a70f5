import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Where secrets could appear in what is logged; two levels deep, because that is how far our objects go. */
const SECRET_PATHS = [
  'token',
  'secret',
  'app_secret',
  'verify_token',
  'authorization',
  '["x-dexatel-key"]',
  '["d360-api-key"]',
].flatMap((name) => [name, name.startsWith('[') ? `*${name}` : `*.${name}`]);

/** JSON lines on standard output. Secrets are replaced, by field name, before they are written. */
export function createLog(level: string, name: string): Log {
  return pino({ level, name, redact: { paths: SECRET_PATHS, censor: '[redacted]' } });
}
