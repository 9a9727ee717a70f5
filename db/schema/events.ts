import type { ColumnType, Generated, Selectable } from 'kysely';
import type { EventKind } from '../../domain/event';
import type { JsonObject } from '../../domain/json';
import type { CreatedAt, Instant, MaybeInstant } from './columns';

export interface EventsTable {
  id: Generated<string>;
  /** Given by the relay once the event is committed; null until then. Readers go by it. */
  seq: number | null;
  account_id: string;
  kind: EventKind;
  conversation_id: string | null;
  message_id: string | null;
  campaign_id: string | null;
  position: number | null;
  data: ColumnType<JsonObject, string | undefined, string>;
  /** When it happened, by the provider's clock where it tells; `created_at` is when that was found out. */
  at: Instant;
  created_at: CreatedAt;
}

export interface WebhookEndpointsTable {
  id: Generated<string>;
  account_id: string;
  format: string;
  /** Hears of this number alone; null: of all. */
  sender_id: string | null;
  /** What it was configured as through the Cloud API; one of each. */
  place: string | null;
  /** JSON of its owner's own headers. */
  sealed_headers: string | null;
  url: string;
  /** In the words of the format. */
  events: string[];
  kinds: EventKind[];
  sealed_secret: string;
  enabled: Generated<boolean>;
  /** Its workflow looks for deliveries by itself. */
  awake: Generated<boolean>;
  looked_at: CreatedAt;
  /** Attempts in a row that found the endpoint down. */
  failures: Generated<number>;
  failing_since: MaybeInstant;
  /** Nothing is sent before; null: at once. */
  retry_at: MaybeInstant;
  created_at: CreatedAt;
  updated_at: CreatedAt;
  deleted_at: MaybeInstant;
}

export interface WebhookDeliveriesTable {
  id: Generated<string>;
  endpoint_id: string;
  event_id: string;
  status: Generated<'pending' | 'delivered' | 'failed'>;
  attempts: Generated<number>;
  next_attempt_at: CreatedAt;
  attempted_at: MaybeInstant;
  /** HTTP status of the last attempt; null: there was no answer. */
  answer: number | null;
  error: string | null;
  expires_at: Instant;
  created_at: CreatedAt;
}

export type WebhookEndpoint = Selectable<WebhookEndpointsTable>;
export type WebhookDelivery = Selectable<WebhookDeliveriesTable>;
