import type { ColumnType, Generated, Selectable } from 'kysely';
import type { JsonObject } from '../../domain/json';
import type { CreatedAt, Instant, MaybeInstant } from './columns';

export interface AccountsTable {
  id: Generated<string>;
  name: string;
  time_zone: Generated<string>;
  created_at: CreatedAt;
}

export interface AgentsTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  created_at: CreatedAt;
}

export interface ApiKeysTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  prefix: string;
  secret_hash: Buffer;
  scopes: string[];
  sender_id: string | null;
  agent_id: string | null;
  created_at: CreatedAt;
  expires_at: MaybeInstant;
  revoked_at: MaybeInstant;
  /** Addresses and ranges that it may be used from; empty: any. */
  allowed_ips: Generated<string[]>;
  /** Hosts of the sites that it may be used on; empty: any. */
  allowed_origins: Generated<string[]>;
}

export interface IdempotencyKeysTable {
  api_key_id: string;
  route: string;
  key: string;
  body_hash: Buffer;
  status: number | null;
  response: ColumnType<JsonObject | null, string | null, string | null>;
  created_at: CreatedAt;
}

/** The rest is for `count_requests`. */
export interface RateLimitsTable {
  bucket: string;
  used_at: Instant;
}

export interface AuditLogTable {
  id: Generated<string>;
  account_id: string;
  actor: string;
  action: string;
  subject: string;
  detail: ColumnType<JsonObject, string | undefined, string>;
  at: CreatedAt;
}

export type Agent = Selectable<AgentsTable>;
export type ApiKey = Selectable<ApiKeysTable>;
