import type { Identity } from './identity';
import { optOutIntent, type OptOutIntent, type OptOutWords } from './optOut';
import { parsePhone } from './phone';

/**
 * What a customer's message says to a reader. The raw message is kept beside it, so what cannot be shown today can
 * be shown by a later release. Reading is tolerant: absent or odd parts give no text, never an error.
 */
export interface ReadMessage {
  /** The provider's type; `unsupported` for types that nobody knows yet. */
  type: string;
  /** Body, caption, button or list title, emoji, name of a place; null where there is nothing to read. */
  text: string | null;
  /** The message it answers, reacts to, edits or takes back. */
  contextWamid: string | null;
  /**
   * Whether the customer spoke: only that opens the window, counts as unread and reopens the conversation. What
   * WhatsApp tells about a customer does not, nor does taking words back or correcting them.
   */
  spoken: boolean;
}

export interface RawMessage {
  type: string;
  contextWamid: string | null;
  raw: Readonly<Record<string, unknown>>;
}

type Reader = (raw: RawMessage['raw']) => string | null;

const nothing: Reader = () => null;
const caption =
  (type: string): Reader =>
  (raw) =>
    textAt(raw, type, 'caption');

const READERS: Readonly<Record<string, Reader>> = {
  text: (raw) => textAt(raw, 'text', 'body'),
  image: caption('image'),
  video: caption('video'),
  audio: nothing,
  document: (raw) => textAt(raw, 'document', 'caption') ?? textAt(raw, 'document', 'filename'),
  sticker: nothing,
  location: placeOf,
  contacts: namesOf,
  order: (raw) => textAt(raw, 'order', 'text'),
  reaction: (raw) => textAt(raw, 'reaction', 'emoji'),
  button: (raw) => textAt(raw, 'button', 'text') ?? textAt(raw, 'button', 'payload'),
  interactive: (raw) =>
    textAt(raw, 'interactive', 'button_reply', 'title') ??
    textAt(raw, 'interactive', 'list_reply', 'title') ??
    textAt(raw, 'interactive', 'nfm_reply', 'body'),
  system: (raw) => textAt(raw, 'system', 'body'),
  edit: (raw) => editedText(raw),
  revoke: nothing,
  unsupported: nothing,
};

const UNSPOKEN: ReadonlySet<string> = new Set(['system', 'edit', 'revoke']);

export function readMessage({ type, contextWamid, raw }: RawMessage): ReadMessage {
  const known = Object.hasOwn(READERS, type) ? type : 'unsupported';
  return {
    type: known,
    text: READERS[known]?.(raw) ?? null,
    contextWamid: referenceOf(known, raw) ?? contextWamid,
    spoken: !UNSPOKEN.has(known),
  };
}

function referenceOf(type: string, raw: RawMessage['raw']): string | null {
  if (type === 'reaction') return textAt(raw, 'reaction', 'message_id');
  if (type === 'edit' || type === 'revoke') return textAt(raw, type, 'original_message_id');
  return null;
}

/** The opt-out or opt-in that a typed message or a tapped quick reply is, as a whole. A button may say it in its payload. */
export function intentOf({ type, raw }: RawMessage, words?: OptOutWords): OptOutIntent | null {
  if (type === 'text') return optOutIntent(textAt(raw, 'text', 'body') ?? '', false, words);
  const tapped = (...path: string[]) => optOutIntent(textAt(raw, ...path) ?? '', true, words);
  if (type === 'button') return tapped('button', 'text') ?? tapped('button', 'payload');
  return type === 'interactive' ? tapped('interactive', 'button_reply', 'title') : null;
}

/**
 * Who a customer has become, told by a system message; null for any other message. Absent parts are unchanged. Older
 * payloads say `new_wa_id`.
 */
export function identityChange({ type, raw }: RawMessage): Identity | null {
  if (type !== 'system') return null;
  const kind = textAt(raw, 'system', 'type');
  const bsuid = textAt(raw, 'system', 'user_id');
  if (kind === 'user_changed_user_id') return bsuid === null ? null : { phone: null, bsuid };
  if (kind !== 'user_changed_number') return null;
  const phone = parsePhone(
    textAt(raw, 'system', 'wa_id') ?? textAt(raw, 'system', 'new_wa_id') ?? '',
  );
  return phone === null && bsuid === null ? null : { phone, bsuid };
}

function placeOf(raw: RawMessage['raw']): string | null {
  const at = (key: string) => textAt(raw, 'location', key);
  const name = at('name') ?? at('address');
  if (name !== null) return name;
  const [latitude, longitude] = [at('latitude'), at('longitude')];
  return latitude === null || longitude === null ? null : `${latitude}, ${longitude}`;
}

function namesOf(raw: RawMessage['raw']): string | null {
  const cards = Array.isArray(raw.contacts) ? raw.contacts : [];
  const names = cards.map((card: unknown) => textAt(card, 'name', 'formatted_name'));
  return names.filter((name) => name !== null).join(', ') || null;
}

/** The corrected message is nested whole: its type says where its words are. */
function editedText(raw: RawMessage['raw']): string | null {
  const message = valueAt(raw, 'edit', 'message');
  const type = textAt(message, 'type') ?? 'text';
  return textAt(message, type, 'body') ?? textAt(message, type, 'caption');
}

function textAt(value: unknown, ...path: string[]): string | null {
  const found = valueAt(value, ...path);
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : null;
}

function valueAt(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    value,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
