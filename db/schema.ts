import type { ColumnType, Generated, Insertable, Selectable } from 'kysely';
import type { CampaignStatus } from '../domain/campaign';
import type { ConversationMode, ConversationStatus } from '../domain/conversation';
import type { EventKind } from '../domain/event';
import type { QuietHours } from '../domain/quietHours';
import type { RecipientState } from '../domain/recipient';
import type {
  TemplateCategory,
  TemplateForm,
  TemplateQuality,
  TemplateStatus,
} from '../domain/template';
import type { HeaderValue } from '../domain/templateForm';
import type { TemplateButton, TemplateHeader } from '../domain/templateParts';
import type { JsonObject } from '../domain/json';
import type { MarketingRoute } from '../domain/ports';

/** Written as Date or ISO text, read as Date. */
type Instant = ColumnType<Date, Date | string, Date | string>;
type MaybeInstant = ColumnType<Date | null, Date | string | null, Date | string | null>;
type CreatedAt = ColumnType<Date, Date | string | undefined, Date | string>;
/** jsonb: written as JSON text (`json(value)`), read parsed. */
type Json<T> = ColumnType<T, string, string>;

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
}

export interface BudgetsTable {
  id: string;
  tat: CreatedAt;
  slowed_rate: number | null;
  slowed_at: MaybeInstant;
}

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

export interface TemplatesTable {
  id: Generated<string>;
  account_id: string;
  sender_id: string | null;
  name: string;
  language: Generated<string>;
  channel: string;
  category: TemplateCategory;
  status: TemplateStatus;
  status_reason: string | null;
  body: string;
  header: ColumnType<TemplateHeader | null, string | null | undefined, string | null>;
  footer: string | null;
  buttons: ColumnType<TemplateButton[], string | undefined, string>;
  parameter_format: 'positional' | 'named';
  /** Names of the values that a message brings: the body's, the header's, the buttons'. */
  placeholders: string[];
  /** What the reviewer gets to see for a placeholder, where the author gave it. */
  examples: ColumnType<Record<string, string>, string | undefined, string>;
  quality: TemplateQuality | null;
  /** By the provider's clock: older news of its status are ignored. */
  status_at: MaybeInstant;
  provider_template_id: string | null;
  submitted_at: MaybeInstant;
  created_at: CreatedAt;
  updated_at: CreatedAt;
  deleted_at: MaybeInstant;
  /** When the provider was told of the deletion. */
  withdrawn_at: MaybeInstant;
  /** When the provider is told again of what it could not be told. */
  next_try_at: MaybeInstant;
}

export interface BlockersTable {
  sender_id: string;
  phone: string;
  source: string;
  /** `marketing`: templates of other categories still go out. */
  scope: Generated<'all' | 'marketing'>;
  created_at: CreatedAt;
}

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

export interface WebhookInboxTable {
  id: Generated<number>;
  sender_id: string | null;
  body: Buffer;
  received_at: CreatedAt;
  problem: string | null;
}

export interface ParkedStatusesTable {
  id: Generated<number>;
  update: Json<JsonObject>;
  parked_at: CreatedAt;
}

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

export interface NumberChecksTable {
  account_id: string;
  phone: string;
  on_whatsapp: boolean;
  type: 'individual' | 'business' | null;
  display_name: string | null;
  checked_at: Instant;
}

export interface SenderLanesTable {
  sender_id: string;
  lease: string;
  awake: boolean;
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

export interface OptOutSettingsTable {
  account_id: string;
  built_in_words: Generated<boolean>;
  stop_words: Generated<string[]>;
  start_words: Generated<string[]>;
  stop_confirmation: string | null;
  start_confirmation: string | null;
  updated_at: CreatedAt;
}

export interface Schema {
  accounts: AccountsTable;
  agents: AgentsTable;
  senders: SendersTable;
  api_keys: ApiKeysTable;
  budgets: BudgetsTable;
  contacts: ContactsTable;
  audiences: AudiencesTable;
  audience_contacts: AudienceContactsTable;
  templates: TemplatesTable;
  blockers: BlockersTable;
  campaigns: CampaignsTable;
  recipients: RecipientsTable;
  campaign_tallies: CampaignTalliesTable;
  campaign_gates: CampaignGatesTable;
  campaign_timeline: CampaignTimelineTable;
  webhook_inbox: WebhookInboxTable;
  parked_statuses: ParkedStatusesTable;
  workflow_signals: WorkflowSignalsTable;
  idempotency_keys: IdempotencyKeysTable;
  rate_limits: RateLimitsTable;
  audit_log: AuditLogTable;
  conversations: ConversationsTable;
  messages: MessagesTable;
  message_resends: MessageResendsTable;
  number_checks: NumberChecksTable;
  sender_lanes: SenderLanesTable;
  send_queue: SendQueueTable;
  opt_out_settings: OptOutSettingsTable;
  conversation_events: ConversationEventsTable;
  events: EventsTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_deliveries: WebhookDeliveriesTable;
}

export type Sender = Selectable<SendersTable>;
export type Template = Selectable<TemplatesTable>;
export type Audience = Selectable<AudiencesTable>;
export type Contact = Selectable<ContactsTable>;
export type Campaign = Selectable<CampaignsTable>;
export type NewCampaign = Insertable<CampaignsTable>;
export type Recipient = Selectable<RecipientsTable>;
export type Agent = Selectable<AgentsTable>;
export type Conversation = Selectable<ConversationsTable>;
export type Message = Selectable<MessagesTable>;
export type OptOutSettings = Selectable<OptOutSettingsTable>;
export type ApiKey = Selectable<ApiKeysTable>;
export type WebhookEndpoint = Selectable<WebhookEndpointsTable>;
export type WebhookDelivery = Selectable<WebhookDeliveriesTable>;
