import type { JsonObject } from './json';

/**
 * What an account can be told of: by its webhook endpoints and by the live stream. A message's kinds are the states of
 * the send ledger behind `message.`, so that a statement can name them.
 */
export const EVENT_KINDS = [
  'message.received',
  /** The provider took it. */
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'conversation.assigned',
  'window.closing_soon',
  'window.closed',
  'campaign.status',
  'template.status',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** For so long a webhook's delivery is tried again; then it has failed (milliseconds). */
export const DELIVER_FOR_MS = 7 * 24 * 3_600_000;

/** An event with what a receiver of a webhook is told about it, in no format yet. */
export interface EventDetail {
  id: string;
  kind: EventKind;
  accountId: string;
  /** When it happened; `recordedAt` is when that was found out. */
  at: Date;
  recordedAt: Date;
  conversationId: string | null;
  campaignId: string | null;
  /** Id of the assigned agent, of `conversation.assigned`. */
  assigneeId: string | null;
  /** When the customer service window closes, of `window.*`. */
  closesAt: Date | null;
  /** Of `campaign.status` and `template.status`: the status. Its reason, or that of a failure, is `reason`. */
  status: string | null;
  reason: string | null;
  message: EventMessage | null;
  /** `pricing` and `conversation` of a message's status, as the provider has them. */
  charge: JsonObject;
  /** Of `template.status`. */
  template: EventTemplate | null;
  /** E.164; null where the customer hides the number. */
  customerPhone: string | null;
  /** The customer's id within the business, where WhatsApp told it. */
  customerBsuid: string | null;
  customerName: string | null;
  /** E.164. */
  senderPhone: string | null;
  /** The provider's id of the number; our own where it gives none. */
  senderNumberId: string | null;
  /** Of the business account that the number belongs to, at the provider. */
  senderWabaId: string | null;
}

/** The message an event is about. */
export interface EventMessage {
  /** Of direct messages a uuid; of a campaign's its reference. */
  id: string;
  direction: 'inbound' | 'outbound';
  type: string;
  text: string | null;
  /** Name of the template, where it is one. */
  template: string | null;
  /** What the client asked to read again. */
  clientData: string | null;
  /** The provider's id. */
  wamid: string | null;
  /** The id that a client of the Cloud API was told, where that is not the wamid. */
  cloudId: string | null;
  /** Likewise of the message that this one answers. */
  answersCloudId: string | null;
  /** Inbound: the message as it came. */
  raw: JsonObject | null;
  createdAt: Date;
}

/** The template an event is about. */
export interface EventTemplate {
  id: string;
  name: string;
  language: string;
  category: string;
}
