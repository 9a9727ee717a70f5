import { z } from 'zod';

const headers = z.record(z.string(), z.string());

/** Headers as they were stored. */
export function parseHeaders(json: string): Record<string, string> {
  return headers.parse(JSON.parse(json));
}
