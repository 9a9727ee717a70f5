import type {
  AccountsTable,
  AgentsTable,
  ApiKeysTable,
  IdempotencyKeysTable,
  RateLimitsTable,
  AuditLogTable,
} from './schema/accounts';
import type {
  CampaignsTable,
  RecipientsTable,
  CampaignTalliesTable,
  CampaignGatesTable,
  CampaignTimelineTable,
} from './schema/campaigns';
import type {
  ContactsTable,
  AudiencesTable,
  AudienceContactsTable,
  BlockersTable,
  OptOutSettingsTable,
  NumberChecksTable,
} from './schema/contacts';
import type {
  ConversationsTable,
  MessagesTable,
  MessageResendsTable,
  SendQueueTable,
  ConversationEventsTable,
} from './schema/conversations';
import type { EventsTable, WebhookEndpointsTable, WebhookDeliveriesTable } from './schema/events';
import type { WebhookInboxTable, ParkedStatusesTable, WorkflowSignalsTable } from './schema/relays';
import type { SendersTable, BudgetsTable, SenderLanesTable } from './schema/senders';
import type { TemplatesTable } from './schema/templates';

export type * from './schema/accounts';
export type * from './schema/campaigns';
export type * from './schema/contacts';
export type * from './schema/conversations';
export type * from './schema/events';
export type * from './schema/relays';
export type * from './schema/senders';
export type * from './schema/templates';

/** All tables, as Kysely knows them. */
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
