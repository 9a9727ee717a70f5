import { createHmac, randomBytes } from 'node:crypto';
import type { EventDetail, EventKind } from '../../domain/event';
import { phoneDigits } from '../../domain/phone';
import { HOUR_MS, MINUTE_MS, SECOND_MS, series, type WebhookFormat } from '../format';

const STATUSES: Partial<Record<EventKind, string>> = {
  'message.delivered': 'delivered',
  'message.read': 'read',
  'message.failed': 'failed',
};

/** Dexatel's webhooks: `message` is what customers write, `delivery` the fate of what was sent. `read` is ours. */
export const dexatel: WebhookFormat = {
  events: {
    message: ['message.received'],
    delivery: ['message.delivered', 'message.failed'],
    read: ['message.read'],
  },
  defaultEvents: ['delivery'],
  newSecret: () => randomBytes(32).toString('base64url'),
  nameOf: (kind) => (kind === 'message.received' ? 'message' : 'delivery'),
  render(event) {
    return { data: event.kind === 'message.received' ? received(event) : delivery(event) };
  },
  /** Base64: the example of the documentation has 44 characters. */
  headers: ({ secret, body }) => ({
    'X-Dexatel-Signature': createHmac('sha256', secret).update(body).digest('base64'),
  }),
  delayAfter: series(
    [
      5 * SECOND_MS,
      5 * MINUTE_MS,
      30 * MINUTE_MS,
      2 * HOUR_MS,
      5 * HOUR_MS,
      10 * HOUR_MS,
      12 * HOUR_MS,
    ],
    true,
  ),
};

function delivery(event: EventDetail): object {
  return {
    account_id: event.accountId,
    message_id: event.message?.id,
    event: 'delivery',
    status: STATUSES[event.kind],
    channel: 'WHATSAPP',
    to: digits(event.customerPhone) ?? event.customerBsuid,
    // Of text messages: WhatsApp names no network, and what a message cost is not told here.
    mccmnc: null,
    price: null,
    timestamp: date(event.at),
    ...(event.message?.clientData && { payload: event.message.clientData }),
    ...(event.campaignId !== null && { campaign_id: event.campaignId }),
    ...(event.reason !== null && { reason: event.reason }),
  };
}

function received(event: EventDetail): object {
  return {
    account_id: event.accountId,
    message_id: event.message?.id,
    event: 'message',
    from: digits(event.customerPhone) ?? event.customerBsuid,
    to: digits(event.senderPhone),
    text: event.message?.text ?? '',
    channel: 'WHATSAPP',
    timestamp: date(event.at),
    type: event.message?.type,
    conversation_id: event.conversationId,
  };
}

function digits(phone: string | null): string | null {
  return phone === null ? null : phoneDigits(phone);
}

/** `yyyy-MM-dd HH:mm:ss`, UTC. */
function date(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}
