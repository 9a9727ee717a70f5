import { createHmac, randomBytes } from 'node:crypto';
import type { EventDetail, EventKind, EventMessage } from '../../domain/event';
import type { JsonValue } from '../../domain/json';
import { phoneDigits } from '../../domain/phone';
import { parseReference } from '../../domain/reference';
import { FAILURE_CODES, sendexaFailure } from '../../wire/sendexaFailure';
import { sendexaId } from '../../wire/sendexaId';
import { HOUR_MS, MINUTE_MS, SECOND_MS, series, type WebhookFormat } from '../format';

const VERSION = '1';

const NAMES: Partial<Record<EventKind, string>> = {
  'message.received': 'message.inbound',
  'message.sent': 'message.sent',
  'message.delivered': 'message.delivered',
  'message.read': 'message.read',
  'message.failed': 'message.failed',
  'template.status': 'template.status',
};

/** Both of Sendexa's ways to sign: the header of its documentation, and the one that its libraries read. */
export const sendexa: WebhookFormat = {
  events: {
    'message.sent': ['message.sent'],
    'message.delivered': ['message.delivered'],
    'message.read': ['message.read'],
    'message.failed': ['message.failed'],
    'message.inbound': ['message.received'],
    'template.status': ['template.status'],
  },
  defaultEvents: [
    'message.sent',
    'message.delivered',
    'message.read',
    'message.failed',
    'message.inbound',
    'template.status',
  ],
  newSecret: () => randomBytes(32).toString('hex'),
  nameOf: (kind) => NAMES[kind] ?? kind,
  render: (event) => ({
    event: NAMES[event.kind] ?? event.kind,
    data: dataOf(event),
    timestamp: instant(event.at),
    version: VERSION,
  }),
  headers({ secret, body, at, attempt, eventId }) {
    const mac = createHmac('sha256', secret).update(body).digest('hex');
    return {
      'X-Signature': `sha256=${mac}`,
      'X-Signature-Version': VERSION,
      'X-Sendexa-Signature': mac,
      'X-Webhook-ID': eventId,
      'X-Timestamp': at.toISOString(),
      'X-Attempt': String(attempt),
    };
  },
  delayAfter: series(
    [5 * SECOND_MS, 30 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 6 * HOUR_MS],
    false,
  ),
  timeoutMs: 5 * SECOND_MS,
};

function dataOf(event: EventDetail): object {
  if (event.kind === 'template.status') return template(event);
  return event.kind === 'message.received' ? received(event) : delivery(event);
}

const STATUSES: Partial<Record<EventKind, string>> = {
  'message.sent': 'sent',
  'message.delivered': 'delivered',
  'message.read': 'read',
  'message.failed': 'failed',
};

function delivery(event: EventDetail): object {
  const { message, campaignId, reason } = event;
  return {
    ...identity(message),
    status: STATUSES[event.kind],
    to: customer(event),
    from: digits(event.senderPhone),
    type: message?.type ?? null,
    ...(event.kind === 'message.failed' && { error: failure(reason) }),
    ...(campaignId !== null && { campaignId }),
  };
}

function failure(reason: string | null): object {
  const { failure: code, message } = sendexaFailure(reason);
  return { code: FAILURE_CODES[code], message };
}

/** With what the customer sent under the name of its type, as WhatsApp has it. */
function received(event: EventDetail): object {
  const { message, customerName } = event;
  const content = message?.raw?.[message.type];
  return {
    ...identity(message),
    from: customer(event),
    to: digits(event.senderPhone),
    ...(customerName !== null && { displayName: customerName }),
    type: message?.type ?? null,
    text: message?.text ?? null,
    ...(content !== undefined && { content: withoutUrl(content) }),
  };
}

/** A campaign's message has no id of its own: its reference stands in. */
function identity(message: EventMessage | null): object {
  if (message === null) return { messageId: null, wamid: null };
  const { id, wamid } = message;
  return { messageId: parseReference(id) ? id : sendexaId('exa_wa', id), wamid };
}

function template({ template: about, status, reason }: EventDetail): object {
  return {
    templateId: about && sendexaId('tpl_wa', about.id),
    name: about?.name ?? null,
    language: about?.language ?? null,
    category: about?.category ?? null,
    status: status === 'in_review' ? 'PENDING' : (status?.toUpperCase() ?? null),
    ...(reason !== null && { reason }),
  };
}

/** The provider's address of a file opens with the provider's key alone. */
function withoutUrl(content: JsonValue): JsonValue {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  const { url: _, ...rest } = content;
  return rest;
}

function customer({ customerPhone, customerBsuid }: EventDetail): string | null {
  return digits(customerPhone) ?? customerBsuid;
}

function digits(phone: string | null): string | null {
  return phone === null ? null : phoneDigits(phone);
}

/** To the second. */
function instant(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
