import type { DomainCode } from '../domain/errors';
import { failureRule } from '../domain/failure';

/** What can go wrong with a message, in Sendexa's words. */
export const FAILURE_CODES = {
  recipient_unreachable: 'WA002',
  outside_service_window: 'WA003',
  message_media_invalid: 'WA004',
  rate_limited: 'WA005',
  sender_blocked: 'WA006',
  recipient_blocked: 'RECIPIENT_OPTED_OUT',
  message_template_unknown: 'TEMPLATE_NOT_FOUND',
  message_template_not_approved: 'TEMPLATE_NOT_APPROVED',
  message_failed: 'MESSAGE_FAILED',
} as const satisfies Partial<Record<DomainCode, string>>;

export type SendexaFailure = keyof typeof FAILURE_CODES;

/** By the provider's code, or our own reason. */
const BY_REASON: Readonly<Record<string, SendexaFailure>> = {
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
  blocked: 'recipient_blocked',
  outside_service_window: 'outside_service_window',
};

/** Why a message failed, by the reason that is kept with it. */
export function sendexaFailure(reason: string | null): {
  failure: SendexaFailure;
  message: string;
} {
  return {
    failure: BY_REASON[reason ?? ''] ?? 'message_failed',
    message: `The message was not sent: ${causeOf(reason)}.`,
  };
}

const SENTENCES: Readonly<Record<string, string>> = {
  blocked: 'the recipient has opted out',
  outside_service_window: 'more than 24 hours since the customer last wrote',
};

function causeOf(reason: string | null): string {
  if (reason === null) return 'no reason is known';
  return /^-?[0-9]{1,9}$/.test(reason)
    ? `${failureRule(Number(reason)).title} (${reason})`
    : (SENTENCES[reason] ?? reason.replaceAll('_', ' '));
}
