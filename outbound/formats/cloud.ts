import { randomBytes } from 'node:crypto';
import type { EventDetail, EventKind, EventMessage } from '../../domain/event';
import type { JsonObject, JsonValue } from '../../domain/json';
import { phoneDigits } from '../../domain/phone';
import { ownCloudId } from '../../wire/cloudId';
import { graphErrorTitle } from '../../wire/graphError';
import { asciiJson, signBody } from '../../wire/signature';
import { HOUR_MS, SECOND_MS, type WebhookFormat } from '../format';

/** The field of Meta's webhooks that tells of messages and of what became of them. */
const FIELD = 'messages';
const TEMPLATE_FIELD = 'message_template_status_update';

const STATUSES: Partial<Record<EventKind, string>> = {
  'message.sent': 'sent',
  'message.delivered': 'delivered',
  'message.read': 'read',
  'message.failed': 'failed',
};

/**
 * Meta's webhooks: the envelope of the Cloud API, in pure ASCII, because receivers exist that sign what they decoded.
 * Anything but 200 is a failure.
 */
export const cloud: WebhookFormat = {
  events: {
    [FIELD]: [
      'message.received',
      'message.sent',
      'message.delivered',
      'message.read',
      'message.failed',
    ],
    [TEMPLATE_FIELD]: ['template.status'],
  },
  defaultEvents: [FIELD, TEMPLATE_FIELD],
  newSecret: () => randomBytes(16).toString('hex'),
  nameOf: fieldOf,
  render: (event) => ({
    object: 'whatsapp_business_account',
    entry: [entryOf(event)],
  }),
  print: asciiJson,
  headers: ({ secret, body }) => ({ 'X-Hub-Signature-256': signBody(secret, body) }),
  // 5 s, 10 s, 20 s … 6 h, and then every 6 h.
  delayAfter: (attempts) => Math.min(5 * SECOND_MS * 2 ** (attempts - 1), 6 * HOUR_MS),
  takenBy: 200,
  timeoutMs: 5 * SECOND_MS,
};

/**
 * 360dialog's: the same without a signature, and of messages alone unless asked. Receivers know them by headers of their
 * own choice.
 */
export const dialog360: WebhookFormat = {
  ...cloud,
  defaultEvents: [FIELD],
  headers: () => ({}),
};

function fieldOf(kind: EventKind): string {
  return kind === 'template.status' ? TEMPLATE_FIELD : FIELD;
}

/** The time stands in the entry where it does not stand with the message. */
function entryOf(event: EventDetail): object {
  const id = event.senderWabaId ?? '0';
  const field = fieldOf(event.kind);
  if (field === FIELD) return { id, changes: [{ field, value: valueOf(event) }] };
  return { id, time: secondsOf(event.at), changes: [{ field, value: templateStatus(event) }] };
}

/** Meta's reasons are single words; ours, and what other providers tell, may be sentences. */
const REASON = /^[A-Z][A-Z_]*$/;

/** The id is the one that this API gave the template. */
function templateStatus({ template, status, reason }: EventDetail): object {
  const isWord = reason !== null && REASON.test(reason);
  return {
    event: status === 'in_review' ? 'PENDING' : status?.toUpperCase(),
    message_template_id: template?.id,
    message_template_name: template?.name,
    message_template_language: template?.language,
    message_template_category: template?.category,
    reason: isWord ? reason : 'NONE',
    ...(status === 'rejected' && !isWord && reason !== null && { rejection_info: { reason } }),
  };
}

function valueOf(event: EventDetail): object {
  const { message, senderPhone, senderNumberId } = event;
  return {
    messaging_product: 'whatsapp',
    metadata: {
      display_phone_number: digits(senderPhone),
      phone_number_id: senderNumberId,
    },
    ...(message?.direction === 'inbound' ? received(event, message) : status(event, message)),
  };
}

function received(event: EventDetail, message: EventMessage): object {
  return { contacts: [contact(event)], messages: [messageBody(message)] };
}

function status(event: EventDetail, message: EventMessage | null): object {
  const { kind, at, customerPhone, customerBsuid } = event;
  const failed = kind === 'message.failed';
  const item = {
    id: message && (message.cloudId ?? message.wamid ?? ownCloudId(message.id)),
    status: STATUSES[kind],
    timestamp: String(secondsOf(at)),
    ...(customerPhone !== null && { recipient_id: digits(customerPhone) }),
    ...(customerPhone === null && { recipient_user_id: customerBsuid }),
    ...(message?.clientData && { biz_opaque_callback_data: message.clientData }),
    ...event.charge,
    ...(failed && { errors: [failure(event)] }),
  };
  // Meta leaves the contacts out where a message failed.
  return failed ? { statuses: [item] } : { contacts: [contact(event)], statuses: [item] };
}

function contact({ customerName, customerPhone, customerBsuid }: EventDetail): object {
  return {
    ...(customerName !== null && { profile: { name: customerName } }),
    ...(customerPhone !== null && { wa_id: digits(customerPhone) }),
    ...(customerBsuid !== null && { user_id: customerBsuid }),
  };
}

/** Our own reasons, in the provider's words: it would have answered the same. */
const OWN_REASONS: Readonly<Record<string, { code: number; details: string }>> = {
  outside_service_window: {
    code: 131047,
    details:
      'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
  },
  blocked: { code: 131050, details: 'The recipient has opted out of messages of this number.' },
};

const UNKNOWN = 131000;

function failure({ reason }: EventDetail): object {
  const { code, details } = OWN_REASONS[reason ?? ''] ?? { code: codeOf(reason), details: null };
  const title = graphErrorTitle(code);
  return {
    code,
    title,
    message: title,
    error_data: { details: details ?? title },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}

/** Codes below 0 are ours, and mean nothing elsewhere. */
function codeOf(reason: string | null): number {
  return reason !== null && /^[0-9]{1,9}$/.test(reason) ? Number(reason) : UNKNOWN;
}

/**
 * The message as it came, but for two things: messages that it answers go by the ids that the client knows, and media
 * have no address, since the provider's own does not open with a key of ours. They are found by their id.
 */
function messageBody({ raw, answersCloudId }: EventMessage): JsonObject {
  const entries = Object.entries(raw ?? {}).map(([key, value]): [string, JsonValue] => {
    if (MEDIA.has(key) && isObject(value)) return [key, without(value, 'url')];
    if (answersCloudId === null || !isObject(value)) return [key, value];
    if (key === 'context') return [key, { ...value, id: answersCloudId }];
    if (key === 'reaction') return [key, { ...value, message_id: answersCloudId }];
    return [key, value];
  });
  return Object.fromEntries(entries);
}

const MEDIA: ReadonlySet<string> = new Set(['image', 'video', 'audio', 'document', 'sticker']);

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function without(value: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = value;
  return rest;
}

function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

function digits(phone: string | null): string | null {
  return phone === null ? null : phoneDigits(phone);
}
