import type { Request } from 'express';
import { z } from 'zod';
import { FAILURE_CODES } from '../../../wire/sendexaFailure';
import type { RenderedError } from '../../dialect';
import type { ApiCode, ApiError, ErrorEntry } from '../../errors';
import { sendexaId } from '../../../wire/sendexaId';

const INVALID = { status: 400, code: 'INVALID_PARAMETERS' } as const;
const UNAUTHORIZED = { status: 401, code: 'UNAUTHORIZED' } as const;
const SENDER_REQUIRED = { status: 403, code: 'SENDER_REQUIRED' } as const;
const NOT_FOUND = { status: 404, code: 'NOT_FOUND' } as const;
const MESSAGE_NOT_FOUND = { status: 404, code: 'MESSAGE_NOT_FOUND' } as const;
const TEMPLATE_NOT_FOUND = { status: 404, code: 'TEMPLATE_NOT_FOUND' } as const;
const CONFLICT = { status: 409, code: 'CONFLICT' } as const;

/**
 * Every error in Sendexa's terms: WA001 to WA006 where they fit, words of our own elsewhere. Exhaustive by type: a new
 * domain code does not compile until it has a line here. What is not of this API gets the answer of its kind.
 */
export const ERRORS = {
  invalid_request: INVALID,
  fields_invalid: INVALID,
  body_not_json: INVALID,
  data_missing: INVALID,
  payload_too_large: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
  unauthorized: UNAUTHORIZED,
  key_expired: UNAUTHORIZED,
  missing_scope: { status: 403, code: 'FORBIDDEN' },
  ip_not_allowed: { status: 403, code: 'FORBIDDEN' },
  origin_not_allowed: { status: 403, code: 'FORBIDDEN' },
  not_found: NOT_FOUND,
  method_not_allowed: { status: 405, code: 'METHOD_NOT_ALLOWED' },
  rate_limited: {
    status: 429,
    code: FAILURE_CODES.rate_limited,
    text: 'Too many requests: slow down, and try again after the time in Retry-After.',
  },
  idempotency_key_reused: { status: 409, code: 'IDEMPOTENCY_KEY_REUSED' },
  request_in_progress: { status: 409, code: 'REQUEST_IN_PROGRESS' },
  channel_invalid: INVALID,

  campaign_not_found: NOT_FOUND,
  campaign_id_invalid: NOT_FOUND,
  campaign_name_invalid: INVALID,
  campaign_name_taken: CONFLICT,
  campaign_status_conflict: CONFLICT,
  campaign_not_deletable: CONFLICT,
  sender_required: INVALID,
  sender_invalid: INVALID,
  audience_required: INVALID,
  audience_invalid: INVALID,
  template_required: INVALID,
  template_invalid: INVALID,
  schedule_format: INVALID,
  schedule_in_past: INVALID,
  campaign_audience_unknown: INVALID,
  campaign_template_unknown: INVALID,
  campaign_audience_channel: INVALID,
  recipient_state_invalid: INVALID,

  sender_not_found: NOT_FOUND,
  sender_id_invalid: NOT_FOUND,
  sender_data_required: INVALID,
  sender_name_required: INVALID,
  sender_name_invalid: INVALID,
  sender_name_too_long: INVALID,
  sender_channel_invalid: INVALID,
  sender_status_invalid: INVALID,
  sender_name_taken: CONFLICT,
  sender_in_use: CONFLICT,
  sender_settings_invalid: INVALID,
  blocker_number_invalid: INVALID,
  blocker_not_found: NOT_FOUND,

  audience_not_found: NOT_FOUND,
  audience_id_invalid: NOT_FOUND,
  audience_name_required: INVALID,
  audience_name_invalid: INVALID,
  audience_name_too_long: INVALID,
  audience_name_taken: CONFLICT,
  audience_channel_required: INVALID,
  audience_channel_invalid: INVALID,
  too_many_contacts: INVALID,
  contact_not_found: NOT_FOUND,
  contact_id_invalid: NOT_FOUND,
  contact_number_required: INVALID,
  contact_number_invalid: INVALID,
  contact_number_too_long: INVALID,
  contact_too_many_tags: INVALID,
  contact_exists: CONFLICT,
  contact_first_name_too_long: INVALID,
  contact_last_name_too_long: INVALID,
  contact_custom1_too_long: INVALID,
  contact_custom2_too_long: INVALID,
  contact_time_zone_invalid: INVALID,
  import_format_unsupported: { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },

  template_not_found: TEMPLATE_NOT_FOUND,
  template_id_invalid: TEMPLATE_NOT_FOUND,
  template_data_required: INVALID,
  template_text_required: INVALID,
  template_text_invalid: INVALID,
  template_text_too_long: INVALID,
  template_channel_required: INVALID,
  template_channel_invalid: INVALID,
  template_name_required: INVALID,
  template_name_invalid: INVALID,
  template_name_too_long: INVALID,
  template_name_taken: { status: 409, code: 'TEMPLATE_EXISTS' },
  template_sender_required: INVALID,
  template_category_invalid: INVALID,
  template_language_invalid: INVALID,
  template_components_invalid: INVALID,
  template_type_invalid: INVALID,
  template_header_invalid: INVALID,
  template_header_required: INVALID,
  template_footer_invalid: INVALID,
  template_buttons_invalid: INVALID,
  template_button_type_invalid: INVALID,
  template_button_text_required: INVALID,
  template_button_text_too_long: INVALID,
  template_button_value_invalid: INVALID,
  template_url_required: INVALID,
  template_url_too_long: INVALID,
  template_url_invalid: INVALID,
  template_filename_required: INVALID,
  template_filename_too_long: INVALID,
  template_filename_invalid: INVALID,
  template_image_invalid: INVALID,
  template_video_invalid: INVALID,
  template_document_invalid: INVALID,
  template_variable_missing: INVALID,
  template_variable_too_long: INVALID,
  template_variable_invalid: INVALID,
  template_in_review: { status: 409, code: 'TEMPLATE_IN_REVIEW' },

  message_not_found: MESSAGE_NOT_FOUND,
  message_id_invalid: MESSAGE_NOT_FOUND,
  message_sender_required: SENDER_REQUIRED,
  message_sender_invalid: INVALID,
  message_sender_unknown: SENDER_REQUIRED,
  recipients_required: INVALID,
  too_many_recipients: INVALID,
  recipient_invalid: { status: 400, code: 'WA001' },
  recipient_blocked: { status: 403, code: FAILURE_CODES.recipient_blocked },
  message_type_required: INVALID,
  message_text_required: INVALID,
  message_text_invalid: INVALID,
  message_text_too_long: INVALID,
  message_template_id_invalid: INVALID,
  message_template_unknown: { status: 404, code: FAILURE_CODES.message_template_unknown },
  message_template_not_approved: { status: 403, code: FAILURE_CODES.message_template_not_approved },
  message_media_required: INVALID,
  message_media_invalid: { status: 400, code: FAILURE_CODES.message_media_invalid },
  message_document_incomplete: INVALID,
  message_button_unsupported: INVALID,
  message_button_incomplete: INVALID,
  message_payload_invalid: INVALID,
  outside_service_window: { status: 403, code: FAILURE_CODES.outside_service_window },
  recipient_unreachable: { status: 400, code: FAILURE_CODES.recipient_unreachable },
  sender_blocked: { status: 403, code: FAILURE_CODES.sender_blocked },
  message_failed: { status: 400, code: FAILURE_CODES.message_failed },
  message_not_resendable: { status: 400, code: 'NOT_RESENDABLE' },
  resend_in_progress: { status: 409, code: 'RESEND_IN_PROGRESS' },
  provider_refused: INVALID,
  provider_unavailable: { status: 502, code: 'PROVIDER_UNAVAILABLE' },

  conversation_not_found: NOT_FOUND,
  agent_not_found: NOT_FOUND,

  webhook_not_found: NOT_FOUND,
  webhook_id_invalid: NOT_FOUND,
  webhook_data_required: INVALID,
  webhook_url_required: INVALID,
  webhook_url_too_long: INVALID,
  webhook_url_invalid: INVALID,
  webhook_event_required: INVALID,
  webhook_event_invalid: INVALID,
  webhook_settings_invalid: INVALID,
  webhook_exists: CONFLICT,
  webhook_delivery_not_found: NOT_FOUND,
  webhook_delivery_id_invalid: NOT_FOUND,

  internal_error: { status: 500, code: 'INTERNAL_ERROR' },
} as const satisfies Record<ApiCode, ErrorEntry>;

const errorSchema = z
  .object({
    success: z.literal(false),
    message: z.string(),
    code: z.string(),
    error: z.object({ code: z.string(), message: z.string() }),
    requestId: z.string(),
    data: z
      .object({ messageId: z.string(), status: z.literal('failed') })
      .optional()
      .meta({ description: 'The message that failed: it can be read, and resent.' }),
  })
  .meta({ id: 'SendexaError' });

export function errorBody(codes: readonly ErrorEntry['code'][]): z.ZodType {
  return z.intersection(errorSchema, z.looseObject({ code: z.literal(codes) }));
}

/** Code and message stand at the top, where Sendexa's libraries read them, and under `error`. */
export function renderError(error: ApiError, request: Request): RenderedError {
  const { status, code, text }: ErrorEntry = ERRORS[error.code];
  const message = text ?? error.message;
  const body = {
    success: false,
    message,
    code,
    error: { code, message },
    requestId: request.res?.locals.requestId,
    ...failedMessage(error),
  };
  return { status, body };
}

function failedMessage(error: ApiError): object {
  const messageId = error.code === 'internal_error' ? undefined : error.details['messageId'];
  if (messageId === undefined) return {};
  return { data: { messageId: sendexaId('exa_wa', String(messageId)), status: 'failed' } };
}
