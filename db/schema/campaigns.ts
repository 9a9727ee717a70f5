import type { ColumnType, Generated, Insertable, Selectable } from 'kysely';
import type { CampaignStatus } from '../../domain/campaign';
import type { RecipientState } from '../../domain/recipient';
import type { TemplateForm } from '../../domain/template';
import type { HeaderValue } from '../../domain/templateForm';
import type { CreatedAt, Instant, MaybeInstant } from './columns';

/** What a placeholder is filled from: a literal, or a field of the contact. */
export type VariableSource = { value: string } | { field: string };

export interface CampaignsTable {
  id: Generated<string>;
  account_id: string;
  sender_id: string;
  template_id: string;
  audience_id: string;
  name: string;
  channel: string;
  status: CampaignStatus;
  status_reason: string | null;
  revision: Generated<number>;
  schedule: MaybeInstant;
  due_at: Instant;
  send_at_local: Generated<boolean>;
  on_unknown: Generated<'keep' | 'resend'>;
  rate_per_second: number | null;
  variables: ColumnType<Record<string, VariableSource>, string | undefined, string>;
  /** As it was when the audience was frozen. */
  template: ColumnType<TemplateForm | null, string | null | undefined, string | null>;
  /** Shown by a header that is not a text; null: the template's own media. */
  header: ColumnType<HeaderValue | null, string | null | undefined, string | null>;
  total: number | null;
  created_at: CreatedAt;
  updated_at: CreatedAt;
  frozen_at: MaybeInstant;
  finished_at: MaybeInstant;
  deleted_at: MaybeInstant;
}

export interface RecipientsTable {
  campaign_id: string;
  position: number;
  contact_id: string;
  phone: string;
  parameters: string[] | null;
  time_zone: string | null;
  state: RecipientState;
  reason: string | null;
  attempts: Generated<number>;
  first_attempt_at: MaybeInstant;
  attempt_at: MaybeInstant;
  next_attempt_at: MaybeInstant;
  lease: string | null;
  wamid: string | null;
  status_at: MaybeInstant;
}

export interface CampaignTalliesTable {
  campaign_id: string;
  slot: number;
  state: RecipientState;
  reason: string;
  count: number;
}

export interface CampaignGatesTable {
  campaign_id: string;
  slot: number;
  open: boolean;
}

export interface CampaignTimelineTable {
  campaign_id: string;
  minute: Instant;
  state: RecipientState;
  count: number;
}

export type Campaign = Selectable<CampaignsTable>;
export type NewCampaign = Insertable<CampaignsTable>;
export type Recipient = Selectable<RecipientsTable>;
