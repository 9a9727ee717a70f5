import type { WebhookFormat } from '../format';
import { cloud, dialog360 } from './cloud';
import { dexatel } from './dexatel';
import { inbox } from './inbox';
import { sendexa } from './sendexa';

/** Every format an endpoint can have. */
const FORMATS: Readonly<Record<string, WebhookFormat>> = {
  dexatel,
  inbox,
  sendexa,
  cloud,
  '360dialog': dialog360,
};

export const FORMAT_NAMES: readonly string[] = Object.keys(FORMATS);

/** Undefined when there is no such format. */
export function findFormat(name: string): WebhookFormat | undefined {
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}

/** Of a stored endpoint. Throws when this release does not know it. */
export function formatOf(name: string): WebhookFormat {
  const format = findFormat(name);
  if (!format) throw new Error(`There is no webhook format "${name}".`);
  return format;
}
