import type { Request } from 'express';
import { z } from 'zod';
import type { ApiCode, ApiError, ErrorEntry } from '../../errors';
import type { RenderedError } from '../../dialect';
import { dateTime, dexatelDate } from './date';

/**
 * Every error in Dexatel's terms; where none of its numbers is public, the HTTP status stands in. Exhaustive by
 * type: a new domain code does not compile until it has a line here.
 */
export const ERRORS = {
  invalid_request: { status: 400, code: 400 },
  fields_invalid: { status: 400, code: 400 },
  body_not_json: { status: 400, code: 1005, text: 'The request body is not valid JSON' },
  data_missing: { status: 400, code: 1007, text: "'data' is required" },
  payload_too_large: { status: 413, code: 413, text: 'The request body is too large' },
  unauthorized: { status: 401, code: 401, text: 'The API key is missing or not valid' },
  key_expired: { status: 401, code: 401, text: 'The API key is missing or not valid' },
  missing_scope: { status: 403, code: 403 },
  ip_not_allowed: { status: 403, code: 403 },
  origin_not_allowed: { status: 403, code: 403 },
  not_found: { status: 404, code: 404 },
  method_not_allowed: { status: 405, code: 405, text: 'This method is not allowed here' },
  rate_limited: { status: 429, code: 429, text: 'Too many requests' },
  idempotency_key_reused: { status: 409, code: 409 },
  request_in_progress: { status: 409, code: 409 },
  channel_invalid: { status: 400, code: 1515, text: "'data.channel' is invalid" },

  campaign_not_found: { status: 404, code: 1601, text: 'Campaign not found' },
  campaign_id_invalid: { status: 400, code: 1602, text: 'Invalid campaign identifier' },
  sender_required: { status: 400, code: 1603, text: "'data.from' is required" },
  sender_invalid: { status: 400, code: 1604, text: "'data.from' is invalid" },
  audience_required: { status: 400, code: 1605, text: "'data.audience' is required" },
  audience_invalid: { status: 400, code: 1606, text: "'data.audience' is invalid" },
  template_required: { status: 400, code: 1607, text: "'data.template' is required" },
  template_invalid: { status: 400, code: 1608, text: "'data.template' is invalid" },
  schedule_format: {
    status: 400,
    code: 1609,
    text: "'data.schedule' must be a date in the format yyyy-mm-dd hh:mm:ss",
  },
  campaign_status_conflict: { status: 409, code: 1611, text: "'status' can not be changed" },
  campaign_not_deletable: { status: 409, code: 1612, text: 'Campaign cannot be deleted' },
  campaign_name_taken: { status: 409, code: 1614, text: 'A campaign with this name exists' },
  campaign_audience_unknown: { status: 400, code: 1616, text: 'Audience not found' },
  campaign_template_unknown: {
    status: 400,
    code: 1616,
    text: 'Template id does not exist for this channel',
  },
  campaign_audience_channel: {
    status: 400,
    code: 1617,
    text: 'Audience id does not exist for this channel',
  },
  schedule_in_past: { status: 400, code: 1522, text: "'data.schedule' must be in the future" },
  campaign_name_invalid: { status: 400, code: 1631, text: 'Invalid campaign name' },
  recipient_state_invalid: { status: 400, code: 400, text: "'state' is invalid" },

  sender_not_found: { status: 404, code: 1402, text: 'Sender not found' },
  sender_id_invalid: { status: 400, code: 400, text: 'Invalid sender identifier' },
  sender_data_required: { status: 400, code: 1403, text: "'data' is required" },
  sender_name_required: { status: 400, code: 1404, text: "'data.name' is required" },
  sender_name_invalid: { status: 400, code: 1405, text: "'data.name' is invalid" },
  sender_name_too_long: { status: 400, code: 1406, text: "'data.name' is too long (45)" },
  sender_channel_invalid: { status: 400, code: 1414, text: "'data.channel' should be WHATSAPP" },
  sender_status_invalid: { status: 400, code: 1439, text: 'Invalid status' },
  sender_name_taken: { status: 409, code: 1441, text: 'Sender name exists on this channel' },
  sender_in_use: { status: 409, code: 409, text: 'The sender has unfinished campaigns' },
  sender_settings_invalid: { status: 400, code: 400 },
  blocker_number_invalid: { status: 400, code: 1523, text: "'data.number' is invalid" },
  blocker_not_found: { status: 404, code: 404, text: 'The number is not blocked' },

  audience_not_found: { status: 404, code: 1301, text: 'Audience not found' },
  audience_id_invalid: { status: 400, code: 1302, text: 'Invalid audience identifier' },
  audience_name_required: { status: 400, code: 1303, text: "'data.name' is required" },
  audience_name_invalid: {
    status: 400,
    code: 1304,
    text: "'data.name' may contain letters, digits, hyphens and underscores",
  },
  audience_name_too_long: { status: 400, code: 1305, text: "'data.name' is too long (45)" },
  audience_channel_required: { status: 400, code: 1306, text: "'data.channel' is required" },
  audience_channel_invalid: { status: 400, code: 1307, text: "'data.channel' is invalid" },
  too_many_contacts: { status: 400, code: 1308, text: 'More than 1000 contacts' },
  audience_name_taken: { status: 409, code: 1309, text: 'An audience with this name exists' },
  contact_not_found: { status: 404, code: 1351, text: 'Contact not found' },
  contact_id_invalid: { status: 400, code: 1352, text: 'Invalid contact identifier' },
  contact_number_required: { status: 400, code: 1353 },
  contact_number_invalid: { status: 400, code: 1354, text: "'number' is invalid" },
  contact_number_too_long: { status: 400, code: 1355, text: "'number' is too long (45)" },
  contact_too_many_tags: {
    status: 400,
    code: 1359,
    text: "'tags' must be a list of 10 texts at most",
  },
  contact_exists: { status: 409, code: 1360, text: 'A contact with this number exists' },
  contact_first_name_too_long: { status: 400, code: 1361, text: "'first_name' is too long (32)" },
  contact_last_name_too_long: { status: 400, code: 1362, text: "'last_name' is too long (32)" },
  contact_custom1_too_long: { status: 400, code: 1363, text: "'custom1' is too long (32)" },
  contact_custom2_too_long: { status: 400, code: 1364, text: "'custom2' is too long (70)" },
  contact_time_zone_invalid: { status: 400, code: 400, text: "'time_zone' is not an IANA zone" },
  import_format_unsupported: { status: 415, code: 415 },

  template_not_found: { status: 404, code: 1251, text: 'Template not found' },
  template_id_invalid: { status: 400, code: 400, text: 'Invalid template identifier' },
  template_sender_required: { status: 400, code: 1241, text: "'data.wa_sender_code' is required" },
  template_data_required: { status: 400, code: 1253, text: "'data' is required" },
  template_text_required: { status: 400, code: 1254, text: "'data.text' is required" },
  template_text_invalid: { status: 400, code: 1255, text: "'data.text' is invalid" },
  template_channel_required: { status: 400, code: 1256, text: "'data.channel' is required" },
  template_channel_invalid: { status: 400, code: 1257, text: "'data.channel' is invalid" },
  template_name_taken: { status: 409, code: 1258, text: 'A template with this name exists' },
  template_name_invalid: { status: 400, code: 1259, text: "'data.name' is invalid" },
  template_text_too_long: { status: 400, code: 1260, text: "'data.text' is too long (1000)" },
  template_name_required: { status: 400, code: 1261, text: "'data.name' is required" },
  template_name_too_long: { status: 400, code: 1263, text: "'data.name' is too long (45)" },
  template_category_invalid: { status: 400, code: 400, text: "'data.wa_category' is invalid" },
  template_language_invalid: { status: 400, code: 400, text: "'data.language' is invalid" },
  template_components_invalid: { status: 400, code: 400 },
  template_type_invalid: { status: 400, code: 400, text: "'data.type' is invalid" },
  template_header_invalid: { status: 400, code: 400 },
  template_header_required: { status: 400, code: 1532 },
  template_footer_invalid: { status: 400, code: 400 },
  template_buttons_invalid: { status: 400, code: 400 },
  template_button_type_invalid: { status: 400, code: 400, text: "'data.button_type' is invalid" },
  template_button_text_required: {
    status: 400,
    code: 1272,
    text: "'data.button_text' is required",
  },
  template_button_value_invalid: {
    status: 400,
    code: 1273,
    text: "'data.button_value' is invalid: it should be a phone number or a link",
  },
  template_button_text_too_long: {
    status: 400,
    code: 1274,
    text: "'data.button_text' is too long (20)",
  },
  template_url_required: { status: 400, code: 1264, text: "'data.url' is required" },
  template_url_too_long: { status: 400, code: 1265, text: "'data.url' is too long (2083)" },
  template_url_invalid: { status: 400, code: 1266, text: "'data.url' is not a valid link" },
  template_filename_required: { status: 400, code: 1267, text: "'data.filename' is required" },
  template_filename_too_long: {
    status: 400,
    code: 1268,
    text: "'data.filename' is too long (25)",
  },
  template_filename_invalid: {
    status: 400,
    code: 1269,
    text: "'data.filename' may contain letters, digits and underscores",
  },
  template_image_invalid: {
    status: 400,
    code: 1275,
    text: 'The image can be 5 MB at most, in the format JPG or PNG',
  },
  template_video_invalid: {
    status: 400,
    code: 1276,
    text: 'The video can be 16 MB at most, in the format MP4',
  },
  template_document_invalid: {
    status: 400,
    code: 1277,
    text: 'The document can be 100 MB at most, in the format PDF',
  },
  template_variable_missing: { status: 400, code: 1514 },
  template_variable_too_long: { status: 400, code: 1526 },
  template_variable_invalid: { status: 400, code: 400 },
  template_in_review: {
    status: 409,
    code: 409,
    text: 'A template that is in process can not be deleted',
  },

  message_not_found: { status: 404, code: 1501, text: 'Message not found' },
  message_id_invalid: { status: 400, code: 1502, text: 'Invalid message identifier' },
  message_sender_required: { status: 400, code: 1503, text: "'data.from' is required" },
  message_sender_invalid: { status: 400, code: 1504, text: "'data.from' is invalid" },
  message_sender_unknown: { status: 400, code: 1505, text: "'data.from' not found" },
  recipients_required: { status: 400, code: 1506, text: "'data.to' is required" },
  too_many_recipients: { status: 400, code: 1507, text: "More than 10 numbers in 'data.to'" },
  message_text_required: { status: 400, code: 1508, text: "'data.text' is required" },
  message_text_invalid: { status: 400, code: 1509, text: "'data.text' is invalid" },
  message_text_too_long: { status: 400, code: 1510, text: "'data.text' is too long (1000)" },
  message_template_id_invalid: { status: 400, code: 1512, text: "'data.template' is invalid" },
  message_template_unknown: { status: 400, code: 1513, text: 'Template not found' },
  message_template_not_approved: { status: 400, code: 1513, text: 'The template is not COMPLETED' },
  message_button_unsupported: { status: 400, code: 1517, text: 'The button is not supported' },
  message_button_incomplete: {
    status: 400,
    code: 1520,
    text: "'data.button_text' must have 1 to 20 characters",
  },
  recipient_invalid: { status: 400, code: 1523, text: "'data.to' has an invalid number" },
  recipient_blocked: { status: 400, code: 1530, text: 'Blocked number' },
  message_media_required: { status: 400, code: 1532, text: "'data.url' is required" },
  message_document_incomplete: {
    status: 400,
    code: 1533,
    text: "'data.url' and 'data.filename' are required",
  },
  message_type_required: {
    status: 400,
    code: 1534,
    text: "'data.type' is required: text, image, video or document",
  },
  message_media_invalid: { status: 400, code: 400 },
  outside_service_window: {
    status: 400,
    code: 1590,
    text: 'Template is required outside the 24-hour window',
  },
  recipient_unreachable: { status: 400, code: 400, text: 'The number is not on WhatsApp' },
  sender_blocked: { status: 400, code: 1625, text: "'data.from' is blocked" },
  message_failed: { status: 400, code: 400 },
  message_not_resendable: { status: 400, code: 400 },
  resend_in_progress: { status: 409, code: 409 },
  provider_refused: { status: 400, code: 400 },
  provider_unavailable: { status: 502, code: 502 },
  message_payload_invalid: { status: 400, code: 1705, text: "'data.payload' is invalid" },

  conversation_not_found: { status: 404, code: 404, text: 'Conversation not found' },
  agent_not_found: { status: 404, code: 404, text: 'Agent not found' },

  webhook_not_found: { status: 404, code: 1201, text: 'Webhook not found' },
  webhook_id_invalid: { status: 400, code: 400, text: 'Invalid webhook identifier' },
  webhook_data_required: { status: 400, code: 1203, text: "'data' is required" },
  webhook_url_required: { status: 400, code: 1204, text: "'data.url' is required" },
  webhook_url_too_long: { status: 400, code: 1208, text: "'data.url' is too long (2000)" },
  webhook_url_invalid: { status: 400, code: 1209 },
  webhook_event_required: { status: 400, code: 1206, text: "'data.event' is required" },
  webhook_event_invalid: { status: 400, code: 1207 },
  webhook_settings_invalid: { status: 400, code: 400 },
  webhook_exists: { status: 409, code: 409 },
  webhook_delivery_not_found: { status: 404, code: 404, text: 'Delivery not found' },
  webhook_delivery_id_invalid: { status: 400, code: 400, text: 'Invalid delivery identifier' },

  internal_error: { status: 500, code: 500 },
} as const satisfies Record<ApiCode, ErrorEntry>;

const errorEntry = z.object({
  timestamp: dateTime,
  path: z.string(),
  method: z.string(),
  status: z.int(),
  message: z.string(),
  code: z.int(),
});

const errorSchema = z
  .object({ errors: z.array(errorEntry).length(1) })
  .meta({ id: 'DexatelError' });

export function errorBody(codes: readonly ErrorEntry['code'][]): z.ZodType {
  const one = z.looseObject({ code: z.literal(codes) });
  return z.intersection(errorSchema, z.looseObject({ errors: z.array(one) }));
}

/** The error body: a list with one entry. */
export function renderError(error: ApiError, request: Request, at: Date): RenderedError {
  const entry: ErrorEntry = ERRORS[error.code];
  const body = {
    errors: [
      {
        timestamp: dexatelDate(at),
        path: request.originalUrl.split('?')[0],
        method: request.method,
        status: entry.status,
        message: entry.text ?? error.message,
        code: entry.code,
      },
    ],
  };
  return { status: entry.status, body };
}
