import type { ColumnType, Generated, Selectable } from 'kysely';
import type { JsonObject } from '../../domain/json';
import type { CreatedAt, Instant, MaybeInstant } from './columns';

export interface ContactsTable {
  id: Generated<string>;
  account_id: string;
  phone: string | null;
  bsuid: string | null;
  first_name: string | null;
  last_name: string | null;
  custom1: string | null;
  custom2: string | null;
  attributes: ColumnType<Record<string, string>, string | undefined, string>;
  time_zone: string | null;
  tags: Generated<string[]>;
  /** Has a conversation; kept by a trigger, for the inbox's search. */
  conversed: Generated<boolean>;
  created_at: CreatedAt;
  updated_at: CreatedAt;
}

export interface AudiencesTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  channel: string;
  rule: ColumnType<JsonObject | null, string | null, string | null>;
  contacts_count: Generated<number>;
  created_at: CreatedAt;
  updated_at: CreatedAt;
  deleted_at: MaybeInstant;
}

export interface AudienceContactsTable {
  audience_id: string;
  contact_id: string;
  import_id: string | null;
}

export interface BlockersTable {
  sender_id: string;
  phone: string;
  source: string;
  /** `marketing`: templates of other categories still go out. */
  scope: Generated<'all' | 'marketing'>;
  created_at: CreatedAt;
}

export interface OptOutSettingsTable {
  account_id: string;
  built_in_words: Generated<boolean>;
  stop_words: Generated<string[]>;
  start_words: Generated<string[]>;
  stop_confirmation: string | null;
  start_confirmation: string | null;
  updated_at: CreatedAt;
}

export interface NumberChecksTable {
  account_id: string;
  phone: string;
  on_whatsapp: boolean;
  type: 'individual' | 'business' | null;
  display_name: string | null;
  checked_at: Instant;
}

export type Contact = Selectable<ContactsTable>;
export type Audience = Selectable<AudiencesTable>;
export type OptOutSettings = Selectable<OptOutSettingsTable>;
