import type { MediaSource } from './message';
import { lengthOf } from './text';

/**
 * What WhatsApp refuses in a message by its content alone, with the code and the words it would answer. Whoever takes
 * messages can say so at once instead of learning it from a failed send.
 */
export interface ContentProblem {
  code: number;
  details: string;
}

export const missing = (details: string): ContentProblem => ({ code: 131008, details });
export const invalid = (details: string): ContentProblem => ({ code: 131009, details });

export function isLonger(text: string, length: number): boolean {
  return text.length > length && lengthOf(text) > length;
}

/** Shared with headers: exactly one of an id and a link. */
export function sourceProblem(where: string, { id, link }: MediaSource): ContentProblem | null {
  if (!id && !link) return missing(`${where}: id or link is required`);
  if (id && link) return invalid(`${where}: only one of id and link may be given`);
  return link && !/^https?:\/\/[^\s/]/.test(link) ? invalid(`${where}: link is not a URL`) : null;
}

export function placeProblem(
  where: string,
  { latitude, longitude }: { latitude: number; longitude: number },
): ContentProblem | null {
  const within = (degrees: number, bound: number) => Math.abs(degrees) <= bound;
  return within(latitude, 90) && within(longitude, 180)
    ? null
    : invalid(`${where}: latitude or longitude is out of range`);
}
