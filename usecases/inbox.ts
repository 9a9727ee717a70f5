import { audit } from '../db/audit';
import { recordEvents } from '../db/event';
import {
  pastCampaignMessages,
  pastMessages,
  placeOf,
  type CampaignMessageRow,
  type MessageRow,
  type Place,
} from '../db/history';
import {
  agentExists,
  clearUnread,
  insertAgent,
  listAgentRows,
  lockConversationRow,
  steerConversation,
  type Steering,
} from '../db/inbox';
import {
  findConversationRow,
  searchConversations,
  type InboxFilter,
  type InboxPage,
  type InboxRow,
  type Slice,
} from '../db/inboxSearch';
import type { Agent } from '../db/schema';
import { DomainError } from '../domain/errors';
import { formatReference } from '../domain/reference';
import { renderBody } from '../domain/template';
import type { Caller, Deps } from './deps';

/** Messages that a conversation shows at once. */
const SHOWN = 50;

export interface ConversationFilter extends Omit<InboxFilter, 'assigneeId'> {
  /** `me`: the agent of the key. */
  assigned?: 'me' | 'unassigned';
}

/** One line of a conversation, whoever sent it: the customer, an agent, the API or a campaign. */
export interface HistoryMessage {
  id: string;
  direction: 'inbound' | 'outbound';
  type: string;
  text: string | null;
  /** Name of the template, where it is one. */
  template: string | null;
  /** As stored; states of the send ledger and of direct messages alike. */
  status: string;
  at: Date;
}

export interface Listing<T> {
  rows: T[];
  total: number;
}

/** Newest activity first. A key that belongs to no agent has nothing assigned to it. */
export async function listConversations(
  deps: Deps,
  caller: Caller,
  { assigned, ...given }: ConversationFilter,
  slice: Slice,
): Promise<InboxPage> {
  if (assigned === 'me' && caller.agentId === null) return { rows: [], total: 0, uncounted: false };
  const filter: InboxFilter = { ...given };
  if (assigned) filter.assigneeId = assigned === 'me' ? caller.agentId : null;
  return searchConversations(deps.db, caller.accountId, filter, slice);
}

/** Throws `conversation_not_found`, for those of other accounts too. */
export async function getConversation(deps: Deps, caller: Caller, id: string): Promise<InboxRow> {
  const conversation = await findConversationRow(deps.db, caller.accountId, id);
  if (!conversation) throw notFound();
  return conversation;
}

export interface History {
  conversation: InboxRow;
  messages: HistoryMessage[];
  /** There are older ones. */
  more: boolean;
}

/**
 * The newest messages, or the newest of those older than an entry; newest first: those of the conversation and what
 * campaigns sent to the customer from its sender. Throws `conversation_not_found`, and `fields_invalid` when the
 * conversation has no such entry.
 */
export async function getHistory(
  deps: Deps,
  caller: Caller,
  id: string,
  entry?: Place['entry'],
): Promise<History> {
  const conversation = await getConversation(deps, caller, id);
  const before = entry && (await placeOf(deps.db, conversation, entry));
  if (entry && !before) throw unknownEntry();
  const [said, campaigns] = await Promise.all([
    pastMessages(deps.db, conversation, SHOWN + 1, before),
    pastCampaignMessages(deps.db, conversation, SHOWN + 1, before),
  ]);
  const entries = [...said.map(fromMessage), ...campaigns.map(fromCampaign)].sort(
    (a, b) => b.micros - a.micros,
  );
  const messages = entries.slice(0, SHOWN).map(({ message }) => message);
  return { conversation, messages, more: entries.length > SHOWN };
}

interface Entry {
  micros: number;
  message: HistoryMessage;
}

function fromMessage({ sent_at: at, micros, ...message }: MessageRow): Entry {
  return { micros, message: { ...message, at } };
}

function fromCampaign(row: CampaignMessageRow): Entry {
  const values = (row.parameters ?? []).map((text, index) => [row.placeholders[index]!, text]);
  return {
    micros: row.micros,
    message: {
      id: formatReference(row.campaign_id, row.position),
      direction: 'outbound',
      type: 'template',
      text: renderBody(row.body, Object.fromEntries(values)),
      template: row.name,
      status: row.state,
      at: row.attempt_at,
    },
  };
}

function unknownEntry(): DomainError {
  const before = 'must be the id of a message of this conversation';
  return new DomainError('fields_invalid', `before ${before}.`, { before });
}

/**
 * What operators decide: status, who answers, whose it is. Any status may follow any other; customers and replies move
 * it on from there. Throws `conversation_not_found` and `agent_not_found`.
 */
export async function changeConversation(
  deps: Deps,
  caller: Caller,
  id: string,
  change: Steering,
): Promise<InboxRow> {
  await deps.db.transaction().execute(async (tx) => {
    const before = await lockConversationRow(tx, caller.accountId, id);
    if (!before) throw notFound();
    const { assignee_id } = change;
    if (assignee_id && !(await agentExists(tx, caller.accountId, assignee_id))) {
      throw new DomainError('agent_not_found', 'There is no agent with this id.');
    }
    const detail = changesOf(before, change);
    if (Object.keys(detail).length === 0) return;
    const at = deps.clock.now().toJSDate();
    await steerConversation(tx, id, change, at);
    await audit(tx, caller, 'conversation.change', id, detail);
    if (!detail.assignee_id) return;
    const assignment = { assignee_id: detail.assignee_id.to };
    await recordEvents(tx, [
      {
        accountId: caller.accountId,
        kind: 'conversation.assigned',
        conversationId: id,
        data: assignment,
        at,
      },
    ]);
  });
  return getConversation(deps, caller, id);
}

type Change = { from: string | null; to: string | null };

function changesOf(before: Required<Steering>, change: Steering): Record<string, Change> {
  const fields = ['status', 'mode', 'assignee_id'] as const;
  const changes = fields.flatMap((field): [string, Change][] => {
    const to = change[field];
    return to === undefined || to === before[field] ? [] : [[field, { from: before[field], to }]];
  });
  return Object.fromEntries(changes);
}

/** Throws `conversation_not_found`. */
export async function markRead(deps: Deps, caller: Caller, id: string): Promise<InboxRow> {
  if (!(await clearUnread(deps.db, caller.accountId, id))) throw notFound();
  return getConversation(deps, caller, id);
}

export function listAgents(deps: Deps, caller: Caller, slice: Slice): Promise<Listing<Agent>> {
  return listAgentRows(deps.db, caller.accountId, slice);
}

export async function createAgent(deps: Deps, caller: Caller, name: string): Promise<Agent> {
  return deps.db.transaction().execute(async (tx) => {
    const agent = await insertAgent(tx, caller.accountId, name, deps.clock.now().toJSDate());
    await audit(tx, caller, 'agent.create', agent.id, { name });
    return agent;
  });
}

function notFound(): DomainError {
  return new DomainError('conversation_not_found', 'There is no conversation with this id.');
}
