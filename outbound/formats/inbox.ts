import { createHmac, randomBytes } from 'node:crypto';
import type { EventDetail, EventKind } from '../../domain/event';
import { HOUR_MS, MINUTE_MS, series, type WebhookFormat } from '../format';

const RECEIVED = 'messaging.message.received';
const SENT = 'messaging.message.sent';
const UPDATED = 'messaging.message.delivery_updated';
const ASSIGNED = 'messaging.conversation.assigned';
/** Beyond the documented ones. */
const CLOSING_SOON = 'messaging.conversation.window_closing_soon';
const CLOSED = 'messaging.conversation.window_closed';
const CAMPAIGN = 'messaging.campaign.status_changed';
const TEMPLATE = 'messaging.template.status_changed';

const NAMES: Readonly<Record<EventKind, string>> = {
  'message.received': RECEIVED,
  'message.sent': SENT,
  'message.delivered': UPDATED,
  'message.read': UPDATED,
  'message.failed': UPDATED,
  'conversation.assigned': ASSIGNED,
  'window.closing_soon': CLOSING_SOON,
  'window.closed': CLOSED,
  'campaign.status': CAMPAIGN,
  'template.status': TEMPLATE,
};

/** The inbox API's webhooks, signed with the time of the attempt so that a receiver can refuse old ones. */
export const inbox: WebhookFormat = {
  events: {
    [RECEIVED]: ['message.received'],
    [SENT]: ['message.sent'],
    [UPDATED]: ['message.delivered', 'message.read', 'message.failed'],
    [ASSIGNED]: ['conversation.assigned'],
    [CLOSING_SOON]: ['window.closing_soon'],
    [CLOSED]: ['window.closed'],
    [CAMPAIGN]: ['campaign.status'],
    [TEMPLATE]: ['template.status'],
  },
  defaultEvents: [RECEIVED, SENT, UPDATED, ASSIGNED],
  newSecret: () => `whsec_${randomBytes(32).toString('base64url')}`,
  nameOf: (kind) => NAMES[kind],
  render: (event) => ({
    id: `evt_${event.id}`,
    type: NAMES[event.kind],
    created: event.recordedAt.toISOString(),
    environment: 'live',
    data: DATA[event.kind](event),
  }),
  headers({ secret, body, at, eventId, event }) {
    const seconds = Math.floor(at.getTime() / 1000);
    const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    return {
      'Cloove-Signature': `t=${seconds},v1=${mac}`,
      'Cloove-Webhook-Id': `evt_${eventId}`,
      'Cloove-Webhook-Event': event,
    };
  },
  /** Six attempts in all. */
  delayAfter: series([MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS], false),
};

const DATA: Readonly<Record<EventKind, (event: EventDetail) => object>> = {
  'message.received': (event) => message(event, 'delivered'),
  'message.sent': (event) => message(event, 'sent'),
  'message.delivered': (event) => update(event, 'delivered'),
  'message.read': (event) => update(event, 'read'),
  'message.failed': (event) => update(event, 'failed'),
  'conversation.assigned': ({ conversationId, assigneeId }) => ({
    conversationId,
    assignedToUserId: assigneeId,
  }),
  'window.closing_soon': window,
  'window.closed': window,
  'campaign.status': ({ campaignId, status, reason }) => ({ campaignId, status, reason }),
  'template.status': ({ template, status, reason }) => ({
    templateId: template?.id,
    templateKey: template?.name,
    language: template?.language,
    status,
    reason,
  }),
};

/** The message as the API shows it, with where it belongs. */
function message(event: EventDetail, deliveryStatus: string): object {
  const { message: about, conversationId, customerPhone } = event;
  return {
    id: about?.id,
    direction: about?.direction,
    messageType: about?.type,
    text: about?.text,
    ...(about?.template && { templateKey: about.template }),
    deliveryStatus,
    createdAt: about?.createdAt.toISOString(),
    conversationId,
    customerPhone,
  };
}

function update(event: EventDetail, deliveryStatus: string): object {
  const { message: about, conversationId, reason } = event;
  return {
    messageId: about?.id,
    conversationId,
    deliveryStatus,
    ...(reason !== null && { failureReason: reason }),
  };
}

function window({ conversationId, customerPhone, closesAt }: EventDetail): object {
  return { conversationId, customerPhone, windowClosesAt: closesAt?.toISOString() ?? null };
}
