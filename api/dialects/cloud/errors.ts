import type { Request } from 'express';
import { z } from 'zod';
import { DomainError } from '../../../domain/errors';
import {
  graphErrorBody,
  graphErrorSchema,
  graphErrorStatus,
  type GraphErrorBody,
} from '../../../wire/graphError';
import type { RequestProblem } from '../../../wire/requestProblem';
import type { RenderedError } from '../../dialect';
import type { ApiCode, ApiError, ErrorEntry } from '../../errors';

const INVALID = { status: 400, code: 100 } as const;
const UNAUTHORIZED = { status: 401, code: 190 } as const;
/** What Graph says of objects that are not there, or not the caller's. */
const ABSENT = { status: 400, code: 100 } as const;
const CONFLICT = { status: 409, code: 100 } as const;

/**
 * Every error in the Cloud API's terms. Exhaustive by type: a new domain code does not compile until it has a line here.
 * Most are of things that this API does not have; WhatsApp's own rules arrive as `provider_refused`, with their code.
 */
export const ERRORS = {
  invalid_request: INVALID,
  fields_invalid: INVALID,
  body_not_json: INVALID,
  data_missing: INVALID,
  payload_too_large: { status: 413, code: 100 },
  unauthorized: UNAUTHORIZED,
  key_expired: UNAUTHORIZED,
  missing_scope: { status: 403, code: 10 },
  ip_not_allowed: { status: 403, code: 10 },
  origin_not_allowed: { status: 403, code: 10 },
  not_found: { status: 404, code: 2500 },
  method_not_allowed: { status: 405, code: 100 },
  rate_limited: { status: 429, code: 130429 },
  idempotency_key_reused: CONFLICT,
  request_in_progress: CONFLICT,
  channel_invalid: INVALID,

  campaign_not_found: ABSENT,
  campaign_id_invalid: INVALID,
  campaign_name_invalid: INVALID,
  campaign_name_taken: INVALID,
  campaign_status_conflict: INVALID,
  campaign_not_deletable: INVALID,
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

  sender_not_found: ABSENT,
  sender_id_invalid: INVALID,
  sender_data_required: INVALID,
  sender_name_required: INVALID,
  sender_name_invalid: INVALID,
  sender_name_too_long: INVALID,
  sender_channel_invalid: INVALID,
  sender_status_invalid: INVALID,
  sender_name_taken: INVALID,
  sender_in_use: INVALID,
  sender_settings_invalid: INVALID,
  blocker_number_invalid: INVALID,
  blocker_not_found: ABSENT,

  audience_not_found: ABSENT,
  audience_id_invalid: INVALID,
  audience_name_required: INVALID,
  audience_name_invalid: INVALID,
  audience_name_too_long: INVALID,
  audience_name_taken: INVALID,
  audience_channel_required: INVALID,
  audience_channel_invalid: INVALID,
  too_many_contacts: INVALID,
  contact_not_found: ABSENT,
  contact_id_invalid: INVALID,
  contact_number_required: INVALID,
  contact_number_invalid: INVALID,
  contact_number_too_long: INVALID,
  contact_too_many_tags: INVALID,
  contact_exists: INVALID,
  contact_first_name_too_long: INVALID,
  contact_last_name_too_long: INVALID,
  contact_custom1_too_long: INVALID,
  contact_custom2_too_long: INVALID,
  contact_time_zone_invalid: INVALID,
  import_format_unsupported: { status: 415, code: 100 },

  template_not_found: ABSENT,
  template_id_invalid: INVALID,
  template_data_required: INVALID,
  template_text_required: INVALID,
  template_text_invalid: INVALID,
  template_text_too_long: INVALID,
  template_channel_required: INVALID,
  template_channel_invalid: INVALID,
  template_name_required: INVALID,
  template_name_invalid: INVALID,
  template_name_too_long: INVALID,
  template_name_taken: INVALID,
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
  template_in_review: INVALID,

  message_not_found: ABSENT,
  message_id_invalid: INVALID,
  message_sender_required: INVALID,
  message_sender_invalid: INVALID,
  message_sender_unknown: ABSENT,
  recipients_required: INVALID,
  too_many_recipients: INVALID,
  recipient_invalid: INVALID,
  recipient_blocked: INVALID,
  message_type_required: INVALID,
  message_text_required: INVALID,
  message_text_invalid: INVALID,
  message_text_too_long: INVALID,
  message_template_id_invalid: INVALID,
  message_template_unknown: INVALID,
  message_template_not_approved: INVALID,
  message_media_required: INVALID,
  message_media_invalid: INVALID,
  message_document_incomplete: INVALID,
  message_button_unsupported: INVALID,
  message_button_incomplete: INVALID,
  message_payload_invalid: INVALID,
  outside_service_window: INVALID,
  recipient_unreachable: INVALID,
  sender_blocked: INVALID,
  message_failed: INVALID,
  message_not_resendable: INVALID,
  resend_in_progress: INVALID,
  /** Code and status are the provider's: see `graphErrorStatus`. */
  provider_refused: INVALID,
  provider_unavailable: { status: 500, code: 131016 },

  webhook_not_found: ABSENT,
  webhook_id_invalid: INVALID,
  webhook_data_required: INVALID,
  webhook_url_required: INVALID,
  webhook_url_too_long: INVALID,
  webhook_url_invalid: INVALID,
  webhook_event_required: INVALID,
  webhook_event_invalid: INVALID,
  webhook_settings_invalid: INVALID,
  webhook_exists: CONFLICT,
  webhook_delivery_not_found: ABSENT,
  webhook_delivery_id_invalid: INVALID,

  conversation_not_found: ABSENT,
  agent_not_found: ABSENT,

  internal_error: { status: 500, code: 131000 },
} as const satisfies Record<ApiCode, ErrorEntry>;

/** The sentence of Graph for objects that cannot be seen, with its subcode. */
const UNSEEN = 33;

/** Meta's error body. */
export function graphError(
  error: ApiError,
  request: Request,
): RenderedError & { body: GraphErrorBody } {
  const { problem, status } = problemOf(error);
  return { status, body: graphErrorBody(problem, request.res?.locals.requestId ?? '') };
}

function problemOf(error: ApiError): { problem: RequestProblem; status: number } {
  if (error instanceof DomainError && error.code === 'provider_refused') {
    const problem = refusedProblem(error.details);
    return { problem, status: graphErrorStatus(problem.code) };
  }
  const { status, code }: { status: number; code: number } = ERRORS[error.code];
  const message = `(#${code}) ${error.message}`;
  const absent = status === ABSENT.status && error.code.endsWith('_not_found');
  return { status, problem: { code, message, ...(absent && { subcode: UNSEEN }) } };
}

const refusedDetails = z.object({
  code: z.number(),
  subcode: z.number().optional(),
  message: z.string().optional(),
  details: z.string().optional(),
});

function refusedProblem(details: DomainError['details']): RequestProblem {
  return refusedDetails.parse(details);
}

/** The codes of refusals are the provider's, so they are not listed. */
export const graphErrorAnswer = (): z.ZodType => graphErrorSchema;

interface OwnError {
  status: number;
  /** As 360dialog's list of messages has it. */
  text: string;
  /** In its older form, where that has other words; absent: what we say. */
  older?: string;
}

const INVALID_KEY: OwnError = { status: 401, text: 'Invalid API key', older: 'Invalid api_key' };

/** What 360dialog says in words of its own, wherever it happens; nothing of it is WhatsApp's. */
const OWN_ERRORS: Partial<Record<ApiCode, OwnError>> = {
  unauthorized: INVALID_KEY,
  key_expired: INVALID_KEY,
  missing_scope: { status: 403, text: 'The endpoint is blocked' },
  internal_error: { status: 500, text: 'Internal server error' },
  provider_unavailable: { status: 502, text: 'WhatsApp Business API not available' },
};

/** The table at 360dialog's places. */
export const DIALOG360_ERRORS = {
  ...ERRORS,
  provider_unavailable: { status: 502, code: ERRORS.provider_unavailable.code },
} as const satisfies Record<ApiCode, ErrorEntry>;

/** The form of its older pages and that of its OpenAPI document, in one. */
function ownError({ status, text, older }: OwnError, { message }: ApiError): RenderedError {
  const meta = { success: false, http_code: status, developer_message: older ?? message };
  return { status, body: { meta, error: text } };
}

const metaSchema = z.looseObject({
  meta: z.object({ success: z.literal(false), http_code: z.int(), developer_message: z.string() }),
});
/** How 360dialog hands on what WhatsApp's API for marketing messages refuses. */
export const wrappedSchema = z.object({ detail: graphErrorSchema });

export const dialog360ErrorAnswer = (): z.ZodType =>
  z.union([graphErrorSchema, wrappedSchema, metaSchema]).meta({ id: 'Dialog360Error' });

/** 360dialog's own forms, by the place of the request; what WhatsApp refuses comes in Meta's. */
export function dialog360Error(error: ApiError, request: Request): RenderedError {
  const own = OWN_ERRORS[error.code];
  if (own) return ownError(own, error);
  const { status, body } = graphError(error, request);
  if (request.path === '/marketing_messages') return { status, body: { detail: body } };
  if (!isConfiguration(request.path)) return { status, body };
  return configurationError(error, status);
}

function isConfiguration(path: string): boolean {
  return path.startsWith('/v1/configs/webhook') || /^\/(multi|waba)_webhook/.test(path);
}

/** Too many requests are a 400 there. */
function configurationError(error: ApiError, status: number): RenderedError {
  const code = error.code === 'rate_limited' ? 400 : status;
  const meta = { success: false, http_code: code, developer_message: error.message };
  return { status: code, body: { meta } };
}
