import type { ColumnType, Generated, Selectable } from 'kysely';
import type { ConversationMode, ConversationStatus } from '../../domain/conversation';
import type { JsonObject } from '../../domain/json';
import type { MarketingRoute } from '../../domain/ports';
import type { CreatedAt, Instant, MaybeInstant } from './columns';

export interface ConversationsTable {
  id: Generated<string>;
  account_id: string;
  sender_id: string;
  contact_id: string;
  status: Generated<ConversationStatus>;
  mode: Generated<ConversationMode>;
  assignee_id: string | null;
  unread_count: Generated<number>;
  last_inbound_at: MaybeInstant;
  last_outbound_at: MaybeInstant;
  window_number: Generated<number>;
  window_open: Generated<boolean>;
  window_closes_at: MaybeInstant;
  created_at: CreatedAt;
  updated_at: CreatedAt;
}

export interface MessagesTable {
  id: Generated<string>;
  account_id: string;
  conversation_id: string;
  sender_id: string;
  direction: 'inbound' | 'outbound';
  /** The provider's message type; `unsupported` for types nobody can show. */
  type: string;
  /** What a reader sees of it: body, caption, button title, emoji. */
  text: string | null;
  /** Inbound: the message as the provider sent it. */
  content: ColumnType<JsonObject, string | undefined, string>;
  status: string;
  error_code: number | null;
  wamid: string | null;
  /** The message this one answers or reacts to. */
  context_wamid: string | null;
  created_at: CreatedAt;
  /** When it was said, by the provider's clock. */
  sent_at: Instant;
  template_id: string | null;
  /** Outbound: what the client wants to read again in its webhooks. */
  client_data: string | null;
  /** Outbound: what the client calls it, where that is not the wamid. */
  cloud_id: string | null;
  /** Outbound: through the provider's API for marketing messages, with its settings. */
  marketing: ColumnType<MarketingRoute | null, string | null | undefined, string | null>;
  /** Outbound: provider code or our own reason, for operators. */
  reason: string | null;
  attempt_at: MaybeInstant;
  /** Outbound: by the provider's clock. */
  delivered_at: MaybeInstant;
  read_at: MaybeInstant;
  updated_at: CreatedAt;
  deleted_at: MaybeInstant;
}

export interface MessageResendsTable {
  message_id: string;
  /** The message that was sent first. */
  root_id: string;
  /** From 1. */
  attempt: number;
  /** Not before. */
  due_at: Instant;
}

export interface SendQueueTable {
  message_id: string;
  seq: Generated<number>;
  sender_id: string;
  conversation_id: string;
  phone: string;
  free_form: boolean;
  consent: 'none' | 'messages' | 'marketing';
  attempts: Generated<number>;
  first_attempt_at: MaybeInstant;
  next_attempt_at: CreatedAt;
  lease: string | null;
}

export interface ConversationEventsTable {
  id: Generated<number>;
  account_id: string;
  conversation_id: string;
  kind: 'window_closing_soon' | 'window_closed';
  window_number: number;
  /** When the window closes or closed; `created_at` is when that was found out. */
  at: Instant;
  created_at: CreatedAt;
}

export type Conversation = Selectable<ConversationsTable>;
export type Message = Selectable<MessagesTable>;
