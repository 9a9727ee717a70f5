import { audit } from '../db/audit';
import { recordEvents } from '../db/event';
import {
  agentExists,
  clearUnread,
  countConversationRows,
  findConversationRow,
  insertAgent,
  listAgentRows,
  listConversationRows,
  lockConversationRow,
  newestCampaignMessages,
  newestMessages,
  steerConversation,
  type CampaignMessageRow,
  type InboxFilter,
  type InboxRow,
  type MessageRow,
  type Slice,
  type Steering,
} from '../db/inbox';
import type { Agent } from '../db/schema';
import { DomainError } from '../domain/errors';
import { formatReference } from '../domain/reference';
import { renderBody } from '../domain/template';
import type { Caller, Deps } from './deps';

/** Messages that a conversation shows. */
const SHOWN = 50;

export interface ConversationFilter extends Pick<InboxFilter, 'status' | 'mode' | 'search'> {
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
): Promise<Listing<InboxRow>> {
  if (assigned === 'me' && caller.agentId === null) return { rows: [], total: 0 };
  const filter: InboxFilter = { ...given };
  if (assigned) filter.assigneeId = assigned === 'me' ? caller.agentId : null;
  const rows = await listConversationRows(deps.db, caller.accountId, filter, slice);
  const whole = slice.offset === 0 && rows.length < slice.limit;
  const total = whole
    ? rows.length
    : await countConversationRows(deps.db, caller.accountId, filter);
  return { rows, total };
}

/** Throws `conversation_not_found`, for those of other accounts too. */
export async function getConversation(deps: Deps, caller: Caller, id: string): Promise<InboxRow> {
  const conversation = await findConversationRow(deps.db, caller.accountId, id);
  if (!conversation) throw notFound();
  return conversation;
}

/** The newest messages, newest first: those of the conversation and what campaigns sent to the customer from its sender. */
export async function getHistory(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<{ conversation: InboxRow; messages: HistoryMessage[] }> {
  const conversation = await getConversation(deps, caller, id);
  const [said, campaigns] = await Promise.all([
    newestMessages(deps.db, id, SHOWN),
    newestCampaignMessages(deps.db, conversation, SHOWN),
  ]);
  const messages = [...said.map(fromMessage), ...campaigns.map(fromCampaign)]
    .sort((a, b) => +b.at - +a.at)
    .slice(0, SHOWN);
  return { conversation, messages };
}

function fromMessage({ sent_at: at, ...message }: MessageRow): HistoryMessage {
  return { ...message, at };
}

function fromCampaign(row: CampaignMessageRow): HistoryMessage {
  const values = (row.parameters ?? []).map((text, index) => [row.placeholders[index]!, text]);
  return {
    id: formatReference(row.campaign_id, row.position),
    direction: 'outbound',
    type: 'template',
    text: renderBody(row.body, Object.fromEntries(values)),
    template: row.name,
    status: row.state,
    at: row.attempt_at,
  };
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
