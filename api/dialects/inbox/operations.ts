import { z } from 'zod';
import { CONVERSATION_MODES, CONVERSATION_STATUSES } from '../../../domain/conversation';
import { json, operations } from '../../openapi/operation';
import { agentSchema, changeSchema, MAX_LIMIT, MAX_PAGE, SEARCH_MAX } from './schema';
import { templateSchema, textSchema } from './sendSchema';

const instant = z.iso.datetime({ precision: 3 });

const instantGiven = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const conversationFields = {
  id: z.guid(),
  businessId: z.guid(),
  customerPhone: z.string().nullable(),
  customerName: z.string().nullable(),
  status: z.enum(CONVERSATION_STATUSES),
  mode: z.enum(CONVERSATION_MODES),
  unreadCount: z.int().min(0),
  lastInboundAt: instant.nullable(),
  lastOutboundAt: instant.nullable(),
  businessWhatsappNumberId: z.guid(),
  assigneeId: z.guid().nullable(),
  windowClosesAt: instant.nullable(),
};

const conversation = z.object(conversationFields).meta({ id: 'InboxConversation' });

const messageFields = {
  direction: z.enum(['inbound', 'outbound']),
  messageType: z.string(),
  text: z.string().nullable(),
  templateKey: z.string().optional(),
  deliveryStatus: z.enum(['pending', 'sent', 'delivered', 'read', 'failed']),
  createdAt: instant,
};

const message = z.object({ id: z.string(), ...messageFields }).meta({ id: 'InboxMessage' });

const sent = z
  .object({ id: z.guid(), conversationId: z.guid(), ...messageFields })
  .meta({ id: 'InboxSentMessage' });

const history = z
  .object({ ...conversationFields, messages: z.array(message) })
  .meta({ id: 'InboxHistory', description: '50 messages, newest first.' });

const historyMeta = z
  .object({
    hasMore: z.boolean(),
    before: z.string().nullable().meta({ description: 'What to give as `before` to read on.' }),
  })
  .meta({ id: 'InboxHistoryMeta' });

const agent = z
  .object({ id: z.guid(), name: z.string(), createdAt: instant })
  .meta({ id: 'InboxAgent' });

const meta = z
  .object({
    total: z.int().min(0),
    page: z.int().min(1),
    perPage: z.int().min(1),
    totalPages: z.int().min(0),
    hasMore: z.boolean(),
    totalIsMinimum: z
      .literal(true)
      .optional()
      .meta({ description: 'The text is common: there are more than `total`, uncounted.' }),
  })
  .meta({ id: 'InboxMeta' });

export type ConversationAnswer = z.output<typeof conversation>;
export type MessageAnswer = z.output<typeof message>;
export type SentAnswer = z.output<typeof sent>;
export type AgentAnswer = z.output<typeof agent>;
export type MetaAnswer = z.output<typeof meta>;
export type HistoryMetaAnswer = z.output<typeof historyMeta>;

const envelope = (data: z.ZodType) => json(z.object({ message: z.string(), data }));
const list = (row: z.ZodType) => json(z.object({ message: z.string(), data: z.array(row), meta }));

const pageQuery = {
  page: z.int().min(1).max(MAX_PAGE).optional(),
  limit: z.int().min(1).max(MAX_LIMIT).optional().meta({ description: '20 unless told.' }),
};

const conversations = operations('Conversations', {
  'GET /v1/messaging/conversations': {
    summary: 'List conversations',
    description: 'Most recently active first.',
    scope: 'messaging:conversations:read',
    query: z.object({
      status: z.enum(CONVERSATION_STATUSES).optional(),
      mode: z.enum(CONVERSATION_MODES).optional(),
      assigned: z.enum(['me', 'unassigned']).optional(),
      search: z
        .string()
        .max(SEARCH_MAX)
        .optional()
        .meta({ description: 'Part of the name or of the number.' }),
      text: z
        .string()
        .max(SEARCH_MAX)
        .optional()
        .meta({ description: 'Part of a message: three letters or digits in a row at least.' }),
      from: instantGiven.optional().meta({
        description:
          'Of the last activity, or with `text` of the message. A date is its beginning in UTC.',
      }),
      to: instantGiven.optional().meta({ description: 'Exclusive; a date is its end in UTC.' }),
      businessWhatsappNumberId: z.guid().optional(),
      ...pageQuery,
    }),
    answers: { 200: list(conversation) },
    errors: ['fields_invalid'],
  },
  'GET /v1/messaging/conversations/:id': {
    summary: 'Get a conversation',
    description: 'With its newest messages, or with the newest of those before one of them.',
    scope: 'messaging:messages:read',
    query: z.object({
      before: z
        .string()
        .optional()
        .meta({ description: 'Id of a message: only older ones are shown.' }),
    }),
    answers: {
      200: json(z.object({ message: z.string(), data: history, meta: historyMeta })),
    },
    errors: ['conversation_not_found', 'fields_invalid'],
  },
  'PATCH /v1/messaging/conversations/:id': {
    summary: 'Change a conversation',
    scope: 'messaging:conversations:write',
    body: json(changeSchema.meta({ minProperties: 1 })),
    answers: { 200: envelope(conversation) },
    errors: ['fields_invalid', 'conversation_not_found', 'agent_not_found'],
  },
  'POST /v1/messaging/conversations/:id/read': {
    summary: 'Mark a conversation as read',
    scope: 'messaging:conversations:write',
    answers: { 200: envelope(conversation) },
    errors: ['conversation_not_found'],
  },
});

const WAITS =
  'Waits some seconds for WhatsApp to take it: `sent`. What still waits then is `pending`.';

const sends = operations('Conversations', {
  'POST /v1/messaging/conversations/:id/messages': {
    summary: 'Send a text',
    description: `Within 24 hours of the customer's last message. ${WAITS}`,
    scope: 'messaging:messages:send',
    body: json(textSchema),
    idempotent: true,
    answers: { 201: envelope(sent) },
    errors: [
      'fields_invalid',
      'conversation_not_found',
      'outside_service_window',
      'recipient_blocked',
      'sender_blocked',
    ],
  },
  'POST /v1/messaging/messages/template': {
    summary: 'Send a template',
    description: `Opens the conversation where there is none; \`customer_name\` is kept (32 characters of it) for a customer who is new. ${WAITS}`,
    scope: 'messaging:messages:send',
    body: json(templateSchema),
    idempotent: true,
    answers: { 201: envelope(sent) },
    errors: [
      'fields_invalid',
      'message_sender_unknown',
      'message_template_unknown',
      'message_template_not_approved',
      'template_variable_missing',
      'template_variable_too_long',
      'template_variable_invalid',
      'template_header_required',
      'recipient_blocked',
      'sender_blocked',
    ],
  },
});

const agents = operations('Agents', {
  'GET /v1/messaging/agents': {
    summary: 'List agents',
    scope: 'messaging:conversations:read',
    query: z.object(pageQuery),
    answers: { 200: list(agent) },
    errors: ['fields_invalid'],
  },
  'POST /v1/messaging/agents': {
    summary: 'Create an agent',
    scope: 'messaging:conversations:write',
    body: json(agentSchema),
    idempotent: true,
    answers: { 201: envelope(agent) },
    errors: ['fields_invalid'],
  },
});

export const inboxOperations = { ...conversations, ...sends, ...agents };
