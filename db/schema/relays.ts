import type { Generated } from 'kysely';
import type { JsonObject } from '../../domain/json';
import type { CreatedAt, Json } from './columns';

/** Webhooks of providers, as they came. */
export interface WebhookInboxTable {
  id: Generated<number>;
  sender_id: string | null;
  body: Buffer;
  received_at: CreatedAt;
  problem: string | null;
}

/** Statuses that came before what they are about. */
export interface ParkedStatusesTable {
  id: Generated<number>;
  update: Json<JsonObject>;
  parked_at: CreatedAt;
}

/** The outbox: what workflows are to be told. */
export interface WorkflowSignalsTable {
  workflow_id: string;
  signal: string;
  workflow_type: string;
  summary: string;
  input: Json<JsonObject>;
  payload: Json<JsonObject>;
  version: Generated<number>;
  created_at: CreatedAt;
}
