import { z } from 'zod';
import type { ApiCode, ApiError, ErrorEntry } from '../../errors';
import type { RenderedError } from '../../dialect';

const BAD_REQUEST = { status: 400, code: 'bad_request' } as const;
const INVALID_KEY = { status: 401, code: 'invalid_api_key' } as const;
const NOT_FOUND = { status: 404, code: 'not_found' } as const;
const CONFLICT = { status: 409, code: 'conflict' } as const;
const INVALID = { status: 422, code: 'validation_error' } as const;

/**
 * Every error in the inbox API's terms. Exhaustive by type: a new domain code does not compile until it has a line
 * here. Campaigns, audiences and their like are not of this API; their codes get the answer of their kind.
 */
export const ERRORS = {
  invalid_request: BAD_REQUEST,
  fields_invalid: INVALID,
  body_not_json: BAD_REQUEST,
  data_missing: BAD_REQUEST,
  payload_too_large: { status: 413, code: 'payload_too_large' },
  unauthorized: INVALID_KEY,
  key_expired: { status: 401, code: 'expired_api_key' },
  missing_scope: { status: 403, code: 'missing_scope' },
  ip_not_allowed: { status: 403, code: 'ip_not_allowed' },
  origin_not_allowed: { status: 403, code: 'origin_not_allowed' },
  not_found: NOT_FOUND,
  method_not_allowed: { status: 405, code: 'method_not_allowed' },
  rate_limited: { status: 429, code: 'rate_limited' },
  idempotency_key_reused: { status: 409, code: 'idempotency_key_reused' },
  request_in_progress: { status: 409, code: 'request_in_progress' },
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
  sender_data_required: BAD_REQUEST,
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
  import_format_unsupported: { status: 415, code: 'unsupported_media_type' },

  template_not_found: { status: 404, code: 'template_not_found' },
  template_id_invalid: NOT_FOUND,
  template_data_required: BAD_REQUEST,
  template_text_required: INVALID,
  template_text_invalid: INVALID,
  template_text_too_long: INVALID,
  template_channel_required: INVALID,
  template_channel_invalid: INVALID,
  template_name_required: INVALID,
  template_name_invalid: INVALID,
  template_name_too_long: INVALID,
  template_name_taken: CONFLICT,
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
  template_in_review: CONFLICT,

  message_not_found: NOT_FOUND,
  message_id_invalid: NOT_FOUND,
  message_sender_required: INVALID,
  message_sender_invalid: INVALID,
  message_sender_unknown: NOT_FOUND,
  recipients_required: INVALID,
  too_many_recipients: INVALID,
  message_text_required: INVALID,
  message_text_invalid: INVALID,
  message_text_too_long: INVALID,
  message_template_id_invalid: INVALID,
  message_template_unknown: { status: 404, code: 'template_not_found' },
  message_template_not_approved: { status: 422, code: 'template_not_approved' },
  message_button_unsupported: INVALID,
  message_button_incomplete: INVALID,
  recipient_invalid: INVALID,
  recipient_blocked: { status: 422, code: 'recipient_opted_out' },
  message_media_required: INVALID,
  message_document_incomplete: INVALID,
  message_type_required: INVALID,
  message_media_invalid: INVALID,
  outside_service_window: { status: 422, code: 'outside_service_window' },
  message_payload_invalid: INVALID,
  recipient_unreachable: INVALID,
  sender_blocked: { status: 422, code: 'sender_blocked' },
  message_failed: { status: 422, code: 'message_failed' },
  message_not_resendable: CONFLICT,
  resend_in_progress: CONFLICT,
  provider_refused: INVALID,
  provider_unavailable: { status: 502, code: 'provider_unavailable' },

  conversation_not_found: NOT_FOUND,
  agent_not_found: NOT_FOUND,

  webhook_not_found: NOT_FOUND,
  webhook_id_invalid: NOT_FOUND,
  webhook_data_required: BAD_REQUEST,
  webhook_url_required: INVALID,
  webhook_url_too_long: INVALID,
  webhook_url_invalid: INVALID,
  webhook_event_required: INVALID,
  webhook_event_invalid: INVALID,
  webhook_settings_invalid: INVALID,
  webhook_exists: CONFLICT,
  webhook_delivery_not_found: NOT_FOUND,
  webhook_delivery_id_invalid: NOT_FOUND,

  internal_error: { status: 500, code: 'internal_error' },
} as const satisfies Record<ApiCode, ErrorEntry>;

const errorSchema = z
  .object({
    error: z.string(),
    message: z.string(),
    errors: z
      .array(z.object({ field: z.string().optional(), message: z.string() }))
      .optional()
      .meta({ description: 'On 422: what is wrong with which field.' }),
  })
  .meta({ id: 'InboxError' });

export function errorBody(codes: readonly ErrorEntry['code'][]): z.ZodType {
  return z.intersection(errorSchema, z.looseObject({ error: z.literal(codes) }));
}

/** `{error, message}`; on 422 also what is wrong with which field. */
export function renderError(error: ApiError): RenderedError {
  const { status, code }: ErrorEntry = ERRORS[error.code];
  const body = { error: code, message: messageOf(error) };
  return { status, body: status === 422 ? { ...body, errors: fieldsOf(error) } : body };
}

function messageOf(error: ApiError): string {
  if (error.code !== 'missing_scope') return error.message;
  return `Missing required scope: ${error.details.scope}`;
}

function fieldsOf(error: ApiError): object[] {
  if (error.code === 'internal_error') return [{ message: error.message }];
  const { code, message, details } = error;
  if (code === 'fields_invalid') {
    return Object.entries(details).map(([field, problem]) => ({ field, message: problem }));
  }
  return [{ ...(details.field !== undefined && { field: details.field }), message }];
}
