import type { MessageView } from '../../../db/message';
import { DomainError, type DomainCode } from '../../../domain/errors';
import { failureRule } from '../../../domain/failure';
import { ERRORS } from './errors';

/** What the provider's codes are in Sendexa's terms. */
const BY_CODE: Readonly<Record<number, DomainCode>> = {
  131026: 'recipient_unreachable',
  131047: 'outside_service_window',
  131052: 'message_media_invalid',
  131053: 'message_media_invalid',
  130429: 'rate_limited',
  131048: 'rate_limited',
  131056: 'rate_limited',
  80007: 'rate_limited',
  368: 'sender_blocked',
  131031: 'sender_blocked',
  131050: 'recipient_blocked',
  132001: 'message_template_unknown',
  132007: 'message_template_not_approved',
  132015: 'message_template_not_approved',
  132016: 'message_template_not_approved',
};

/** Our own reasons. */
const BY_REASON: Readonly<Record<string, DomainCode>> = {
  blocked: 'recipient_blocked',
  outside_service_window: 'outside_service_window',
};

/** Every error that a message's failure can be told as. */
export const FAILURES: readonly DomainCode[] = [
  ...new Set([...Object.values(BY_CODE), ...Object.values(BY_REASON), 'message_failed' as const]),
];

type Outcome = Pick<MessageView, 'id' | 'status' | 'reason' | 'error_code'>;

/** Why a message did not go out, as an error that names it; null while it may still arrive. */
export function failureOf({ id, status, reason, error_code: code }: Outcome): DomainError | null {
  if (status !== 'failed' && status !== 'skipped') return null;
  const named = (code !== null ? BY_CODE[code] : undefined) ?? BY_REASON[reason ?? ''];
  const cause = code === null ? (reason ?? 'no reason is known') : titleOf(code);
  return new DomainError(named ?? 'message_failed', `The message was not sent: ${cause}.`, {
    messageId: id,
  });
}

function titleOf(code: number): string {
  return `${failureRule(code).title} (${code})`;
}

/** The failure as it stands in a status or a webhook. */
export function renderFailure(message: Outcome): { code: string; message: string } | null {
  const failure = failureOf(message);
  return failure && { code: ERRORS[failure.code].code, message: failure.message };
}
