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
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];
