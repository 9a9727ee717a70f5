import type { MessageView } from '../../../db/message';
import type { Resend } from '../../../db/resend';
import { phoneDigits } from '../../../domain/phone';
import type { ResentMessage } from '../../../usecases/resend';
import { renderFailure } from './failures';
import { sendexaId } from '../../../wire/sendexaId';
import type { ResendAnswer, SendAnswer, StatusAnswer } from './messageOperations';
import { instantOf, instantOrNull } from './time';

type Status = StatusAnswer['status'];

const STATUSES: Readonly<Record<string, Status>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  skipped: 'failed',
};

/** What waits, is on its way, or may be, is pending. */
function statusOf({ status }: MessageView): Status {
  return STATUSES[status] ?? 'pending';
}

/** One credit for a message, none for what did not go out. */
function costOf(message: MessageView): number {
  return statusOf(message) === 'failed' ? 0 : 1;
}

/** Without the plus, as Sendexa writes numbers; the id of a user whose number is hidden. */
function recipientOf({ contact_phone, contact_bsuid }: MessageView): string {
  return contact_phone === null ? (contact_bsuid ?? '') : phoneDigits(contact_phone);
}

/** `id` and `wamid` are the same; null until the provider has answered. */
export function renderSent(message: MessageView): SendAnswer {
  return {
    id: message.wamid,
    wamid: message.wamid,
    messageId: sendexaId('exa_wa', message.id),
    status: statusOf(message),
    to: recipientOf(message),
    type: message.type,
    cost: costOf(message),
    timestamp: instantOf(message.attempt_at ?? message.created_at),
  };
}

export function renderStatus(message: MessageView, resend: Resend | undefined): StatusAnswer {
  const status = statusOf(message);
  const wasSent = status !== 'pending' && message.wamid !== null;
  const error = renderFailure(message);
  return {
    messageId: sendexaId('exa_wa', message.id),
    wamid: message.wamid,
    status,
    to: recipientOf(message),
    type: message.type,
    sentAt: wasSent ? instantOrNull(message.attempt_at) : null,
    deliveredAt: instantOrNull(message.delivered_at),
    readAt: instantOrNull(message.read_at),
    cost: costOf(message),
    ...(error && { error }),
    ...(resend && {
      originalMessageId: sendexaId('exa_wa', resend.root_id),
      resendAttempt: resend.attempt,
    }),
  };
}

export function renderResent({ message, resend, scheduled }: ResentMessage): ResendAnswer {
  return {
    messageId: sendexaId('exa_wa', message.id),
    originalMessageId: sendexaId('exa_wa', resend.root_id),
    wamid: message.wamid,
    status: statusOf(message),
    to: recipientOf(message),
    type: message.type,
    resendAttempt: resend.attempt,
    cost: costOf(message),
    deliveredAt: instantOrNull(message.delivered_at),
    ...(scheduled && { scheduledAt: instantOf(resend.due_at) }),
  };
}
