import { sql } from 'kysely';
import type { EventDetail, EventKind, EventMessage, EventTemplate } from '../domain/event';
import type { JsonObject, JsonValue } from '../domain/json';
import { formatReference } from '../domain/reference';
import { renderBody } from '../domain/template';
import type { Tx } from './connect';

interface DetailRow {
  id: string;
  kind: EventKind;
  account_id: string;
  at: Date;
  created_at: Date;
  data: JsonObject;
  campaign_id: string | null;
  conversation_id: string | null;
  customer_phone: string | null;
  customer_bsuid: string | null;
  customer_name: string | null;
  sender_phone: string | null;
  sender_number_id: string | null;
  sender_waba_id: string | null;
  message_id: string | null;
  direction: 'inbound' | 'outbound' | null;
  type: string | null;
  text: string | null;
  message_template: string | null;
  client_data: string | null;
  wamid: string | null;
  cloud_id: string | null;
  answers_cloud_id: string | null;
  raw: JsonObject | null;
  message_at: Date | null;
  position: number | null;
  parameters: string[] | null;
  attempt_at: Date | null;
  template: string | null;
  body: string | null;
  placeholders: string[] | null;
  told_template: EventTemplate | null;
}

/**
 * What receivers are told about these events, by id; events that are gone are absent. A message says which conversation
 * it is in now: contacts that turn out to be one person become one.
 */
export async function eventDetails(
  db: Tx,
  eventIds: readonly string[],
): Promise<Map<string, EventDetail>> {
  const { rows } = await sql<DetailRow>`
    SELECT e.id, e.kind, e.account_id, e.at, e.created_at, e.data, e.campaign_id, c.id AS conversation_id,
      coalesce(nullif(r.phone, ''), p.phone) AS customer_phone, p.bsuid AS customer_bsuid,
      nullif(concat_ws(' ', p.first_name, p.last_name), '') AS customer_name, s.phone AS sender_phone,
      coalesce(s.phone_number_id, s.id::text) AS sender_number_id, s.waba_id AS sender_waba_id,
      e.message_id, m.direction, m.type, m.text, m.client_data, m.sent_at AS message_at,
      CASE m.type WHEN 'template' THEN m.content ->> 'name' END AS message_template,
      coalesce(m.wamid, r.wamid) AS wamid, m.cloud_id, o.cloud_id AS answers_cloud_id,
      CASE m.direction WHEN 'inbound' THEN m.content END AS raw,
      e.position, r.parameters, r.attempt_at, t.name AS template, t.body, t.placeholders,
      CASE WHEN x.id IS NOT NULL THEN
        jsonb_build_object('id', x.id, 'name', x.name, 'language', x.language, 'category', x.category)
      END AS told_template
    FROM events e
    LEFT JOIN messages m ON m.id = e.message_id
    LEFT JOIN messages o ON m.direction = 'inbound' AND o.sender_id = m.sender_id AND o.wamid = m.context_wamid
    LEFT JOIN campaigns k ON k.id = e.campaign_id
    LEFT JOIN templates t ON t.id = k.template_id
    LEFT JOIN recipients r ON r.campaign_id = e.campaign_id AND r.position = e.position
    LEFT JOIN conversations c ON c.id = coalesce(m.conversation_id, e.conversation_id,
      (SELECT o.id FROM conversations o WHERE o.sender_id = k.sender_id AND o.contact_id = r.contact_id))
    LEFT JOIN templates x ON x.id = (e.data ->> 'template_id')::uuid
    LEFT JOIN senders s ON s.id = coalesce(m.sender_id, k.sender_id, c.sender_id, x.sender_id)
    LEFT JOIN contacts p ON p.id = coalesce(r.contact_id, c.contact_id)
    WHERE e.id = ANY(${[...eventIds]}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, detailOf(row)]));
}

function detailOf(row: DetailRow): EventDetail {
  const closesAt = textOf(row.data.closes_at);
  return {
    id: row.id,
    kind: row.kind,
    accountId: row.account_id,
    at: row.at,
    recordedAt: row.created_at,
    conversationId: row.conversation_id,
    campaignId: row.campaign_id,
    assigneeId: textOf(row.data.assignee_id),
    closesAt: closesAt === null ? null : new Date(closesAt),
    status: textOf(row.data.status),
    reason: textOf(row.data.reason) ?? textOf(row.data.code),
    message: row.position === null ? directMessage(row) : campaignMessage(row),
    charge: chargeOf(row.data),
    template: row.told_template,
    customerPhone: row.customer_phone,
    customerBsuid: row.customer_bsuid,
    customerName: row.customer_name,
    senderPhone: row.sender_phone,
    senderNumberId: row.sender_number_id,
    senderWabaId: row.sender_waba_id,
  };
}

function directMessage(row: DetailRow): EventMessage | null {
  if (row.message_id === null || row.direction === null) return null;
  return {
    id: row.message_id,
    direction: row.direction,
    type: row.type ?? 'unsupported',
    text: row.text,
    template: row.message_template,
    clientData: row.client_data,
    wamid: row.wamid,
    cloudId: row.cloud_id,
    answersCloudId: row.answers_cloud_id,
    raw: row.raw,
    createdAt: row.message_at ?? row.at,
  };
}

function campaignMessage(row: DetailRow): EventMessage | null {
  if (row.campaign_id === null || row.position === null) return null;
  const values = (row.parameters ?? []).map((text, index) => [row.placeholders?.[index], text]);
  return {
    id: formatReference(row.campaign_id, row.position),
    direction: 'outbound',
    type: 'template',
    text: row.body === null ? null : renderBody(row.body, Object.fromEntries(values)),
    template: row.template,
    clientData: null,
    wamid: row.wamid,
    cloudId: null,
    answersCloudId: null,
    raw: null,
    createdAt: row.attempt_at ?? row.at,
  };
}

function chargeOf({ pricing, conversation }: JsonObject): JsonObject {
  return { ...(pricing && { pricing }), ...(conversation && { conversation }) };
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
