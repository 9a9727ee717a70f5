import { z } from 'zod';

/** How the reference describes it. */
export const instant = z.iso.datetime().meta({ example: '2024-01-15T10:30:00Z' });

/** To the second, as in Sendexa's examples. */
export function instantOf(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

export function instantOrNull(at: Date | null): string | null {
  return at === null ? null : instantOf(at);
}
