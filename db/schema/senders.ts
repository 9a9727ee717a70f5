import type { ColumnType, Generated, Selectable } from 'kysely';
import type { QuietHours } from '../../domain/quietHours';
import type { CreatedAt, MaybeInstant } from './columns';

export interface SendersTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  channel: Generated<string>;
  /** E.164. */
  phone: string;
  provider_kind: 'cloud_api' | '360dialog';
  provider_base_url: string;
  provider_version: string | null;
  phone_number_id: string | null;
  waba_id: string | null;
  sealed_token: string;
  sealed_app_secret: string | null;
  sealed_verify_token: string | null;
  hook_key: string;
  rate_per_second: Generated<number>;
  daily_limit: number | null;
  window_policy: 'customer_message' | 'template_delivered';
  quiet_hours: ColumnType<QuietHours | null, string | null, string | null>;
  health: Generated<'active' | 'slowed' | 'halted'>;
  health_reason: string | null;
  /** When its provider was last asked for its templates. */
  templates_listed_at: MaybeInstant;
  created_at: CreatedAt;
  updated_at: CreatedAt;
  deleted_at: MaybeInstant;
}

export interface BudgetsTable {
  id: string;
  tat: CreatedAt;
  slowed_rate: number | null;
  slowed_at: MaybeInstant;
}

export interface SenderLanesTable {
  sender_id: string;
  lease: string;
  awake: boolean;
}

export type Sender = Selectable<SendersTable>;
