import { z } from 'zod';
import type { DomainCode } from '../../../domain/errors';
import { json, operations } from '../../openapi/operation';
import { envelope, failed, plain } from './describe';
import { sendSchema } from './sendSchema';
import { instant } from './time';

/** What a message can fail with at once. */
const FAILURES: readonly DomainCode[] = [
  'recipient_unreachable',
  'outside_service_window',
  'message_media_invalid',
  'sender_blocked',
  'recipient_blocked',
  'message_template_unknown',
  'message_template_not_approved',
  'message_failed',
];

const STATUSES = ['pending', 'sent', 'delivered', 'read', 'failed', 'deleted'] as const;

const status = z.enum(STATUSES).meta({
  description:
    'pending: on its way to WhatsApp, or its outcome is not known yet; deleted is never told by WhatsApp.',
});
const messageId = z
  .string()
  .meta({ example: 'exa_wa_0193a1f00000700080000000000000aa', description: 'Our id.' });
const wamid = z.string().nullable().meta({ description: 'Null until WhatsApp has answered.' });

const message = {
  status,
  to: z.string().meta({ example: '233244000000' }),
  type: z.string().meta({ example: 'text' }),
  cost: z.int().min(0).meta({ description: 'Credits: one for a message, none for a failed one.' }),
};

const sent = z
  .object({ id: wamid, wamid, messageId, ...message, timestamp: instant })
  .meta({ id: 'SendexaMessage' });

const delivery = z
  .object({
    messageId,
    wamid,
    ...message,
    sentAt: instant.nullable(),
    deliveredAt: instant.nullable(),
    readAt: instant.nullable(),
    error: failed.optional().meta({ description: 'Why it failed.' }),
    originalMessageId: messageId.optional(),
    resendAttempt: z.int().min(1).optional(),
  })
  .meta({ id: 'SendexaStatus' });

const resent = z
  .object({
    messageId,
    originalMessageId: messageId.meta({ description: 'The message that was sent first.' }),
    wamid,
    ...message,
    resendAttempt: z.int().min(1).max(5),
    deliveredAt: instant.nullable(),
    scheduledAt: instant.optional().meta({ description: 'When it will be sent.' }),
  })
  .meta({ id: 'SendexaResend' });

export type SendAnswer = z.output<typeof sent>;
export type StatusAnswer = z.output<typeof delivery>;
export type ResendAnswer = z.output<typeof resent>;

export const resendSchema = z.object({ messageId: z.string() });

const params = z.object({ messageId });
const NO_SENDER = ['message_sender_required', 'message_sender_unknown'] as const;
const RESEND = {
  description:
    'At most five times and for 48 hours. The nth resend waits 1, 5, 15, 30 or 60 minutes after the failure before it: one that comes earlier is scheduled (202).',
  scope: 'messages:write',
  idempotent: true,
  answers: {
    200: envelope(resent),
    202: envelope(resent, 'Scheduled, or not yet answered by WhatsApp'),
  },
  errors: [
    'fields_invalid',
    'message_not_found',
    'message_not_resendable',
    'resend_in_progress',
    ...FAILURES,
  ],
} as const;

export const messageOperations = operations('WhatsApp messages', {
  'POST /v1/whatsapp/send': {
    summary: 'Send a message',
    description:
      'Answers what WhatsApp says; a message that WhatsApp has not answered within ten seconds is pending.',
    scope: 'messages:write',
    body: json(sendSchema),
    idempotent: true,
    answers: { 200: envelope(sent) },
    errors: [
      'fields_invalid',
      'recipient_invalid',
      'message_not_found',
      'template_variable_missing',
      'template_variable_too_long',
      'template_variable_invalid',
      'template_header_required',
      'template_header_invalid',
      ...NO_SENDER,
      ...FAILURES,
    ],
  },
  'GET /v1/whatsapp/status/:messageId': {
    summary: 'Get the status of a message',
    scope: 'messages:read',
    params,
    answers: { 200: plain(delivery) },
    errors: ['message_not_found'],
  },
  'POST /v1/whatsapp/resend': {
    ...RESEND,
    summary: 'Resend a failed message',
    body: json(resendSchema),
  },
  'POST /v1/whatsapp/resend/:messageId': {
    ...RESEND,
    summary: 'Resend a failed message by path',
    params,
  },
});
