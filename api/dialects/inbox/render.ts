import type { InboxPage, InboxRow } from '../../../db/inboxSearch';
import type { MessageView } from '../../../db/message';
import type { Agent } from '../../../db/schema';
import type { History, HistoryMessage, Listing } from '../../../usecases/inbox';
import type {
  AgentAnswer,
  ConversationAnswer,
  HistoryMetaAnswer,
  MessageAnswer,
  MetaAnswer,
  SentAnswer,
} from './operations';
import type { PageRequest } from './schema';

/** The documented fields first, then ours. */
export function renderConversation(row: InboxRow): ConversationAnswer {
  return {
    id: row.id,
    businessId: row.account_id,
    customerPhone: row.phone,
    customerName: [row.first_name, row.last_name].filter(Boolean).join(' ') || null,
    status: row.status,
    mode: row.mode,
    unreadCount: row.unread_count,
    lastInboundAt: row.last_inbound_at?.toISOString() ?? null,
    lastOutboundAt: row.last_outbound_at?.toISOString() ?? null,
    businessWhatsappNumberId: row.sender_id,
    assigneeId: row.assignee_id,
    windowClosesAt: row.window_closes_at?.toISOString() ?? null,
  };
}

export function renderMessage(message: HistoryMessage): MessageAnswer {
  return {
    id: message.id,
    direction: message.direction,
    messageType: message.type,
    text: message.text,
    ...(message.template !== null && { templateKey: message.template }),
    deliveryStatus: deliveryStatus(message),
    createdAt: message.at.toISOString(),
  };
}

/** A message just sent, with where it went. */
export function renderSent(row: MessageView): SentAnswer {
  const { id, ...rest } = renderMessage({
    id: row.id,
    direction: row.direction,
    type: row.type,
    text: row.text,
    template: templateOf(row),
    status: row.status,
    at: row.sent_at,
  });
  return { id, conversationId: row.conversation_id, ...rest };
}

function templateOf({ type, content }: MessageView): string | null {
  return type === 'template' && typeof content['name'] === 'string' ? content['name'] : null;
}

/** What the customer wrote has arrived. What is on its way, or may be, is pending. */
function deliveryStatus({ direction, status }: HistoryMessage): MessageAnswer['deliveryStatus'] {
  if (direction === 'inbound') return 'delivered';
  if (status === 'skipped') return 'failed';
  const shown = (['sent', 'delivered', 'read', 'failed'] as const).find((word) => word === status);
  return shown ?? 'pending';
}

export function renderAgent({ id, name, created_at }: Agent): AgentAnswer {
  return { id, name, createdAt: created_at.toISOString() };
}

export function renderMeta({ page, limit }: PageRequest, { total }: Listing<unknown>): MetaAnswer {
  const totalPages = Math.ceil(total / limit);
  return { total, page, perPage: limit, totalPages, hasMore: page < totalPages };
}

/** A total that would take too long to count is the least that it can be, and says so. */
export function renderInboxMeta(page: PageRequest, found: InboxPage): MetaAnswer {
  const meta = renderMeta(page, found);
  return found.uncounted ? { ...meta, totalIsMinimum: true } : meta;
}

/** What to ask for to read on. */
export function renderHistoryMeta({ messages, more }: History): HistoryMetaAnswer {
  return { hasMore: more, before: more ? (messages.at(-1)?.id ?? null) : null };
}
