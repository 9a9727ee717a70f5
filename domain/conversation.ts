/**
 * A conversation between one sender and one contact, and its customer service window: for 24 hours after the
 * customer's last message the business may write freely; otherwise only an approved template may go out.
 */
export const CONVERSATION_STATUSES = ['open', 'pending_customer', 'resolved', 'closed'] as const;
export type ConversationStatus = (typeof CONVERSATION_STATUSES)[number];

/** Who answers. */
export const CONVERSATION_MODES = ['ai', 'human'] as const;
export type ConversationMode = (typeof CONVERSATION_MODES)[number];

export const WINDOW_MS = 24 * 3_600_000;
/** A window is closing soon from this long before its end, unless another time is configured. */
export const CLOSING_SOON_MS = 2 * 3_600_000;

/** When the window that opened (or was extended) at `openedAt` closes. Exactly then it is closed. */
export function windowClosesAt(openedAt: Date): Date {
  return new Date(openedAt.getTime() + WINDOW_MS);
}

export function isWindowOpen(closesAt: Date | null, now: Date): boolean {
  return closesAt !== null && now < closesAt;
}
