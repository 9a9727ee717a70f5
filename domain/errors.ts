/**
 * Everything that can be wrong with a request, as a closed list. Every dialect answers every code (its table is
 * exhaustive by type), so a new code does not compile until all dialects know what to say.
 */
export const DOMAIN_CODES = [
  'invalid_request',
  'fields_invalid',
  'body_not_json',
  'data_missing',
  'payload_too_large',
  'unauthorized',
  'key_expired',
  'missing_scope',
  'not_found',
  'method_not_allowed',
  'rate_limited',
  'idempotency_key_reused',
  'request_in_progress',
  'channel_invalid',

  'campaign_not_found',
  'campaign_id_invalid',
  'campaign_name_invalid',
  'campaign_name_taken',
  'campaign_status_conflict',
  'campaign_not_deletable',
  'sender_required',
  'sender_invalid',
  'audience_required',
  'audience_invalid',
  'template_required',
  'template_invalid',
  'schedule_format',
  'schedule_in_past',
  'campaign_audience_unknown',
  'campaign_template_unknown',
  'campaign_audience_channel',
  'recipient_state_invalid',

  'sender_not_found',
  'sender_id_invalid',
  'sender_name_required',
  'sender_name_invalid',
  'sender_name_taken',
  'sender_in_use',
  'sender_settings_invalid',
  'blocker_number_invalid',
  'blocker_not_found',

  'audience_not_found',
  'audience_id_invalid',
  'audience_name_required',
  'audience_name_invalid',
  'audience_name_too_long',
  'audience_name_taken',
  'audience_channel_required',
  'audience_channel_invalid',
  'too_many_contacts',
  'contact_not_found',
  'contact_id_invalid',
  'contact_number_required',
  'contact_number_invalid',
  'contact_number_too_long',
  'contact_too_many_tags',
  'contact_exists',
  'contact_first_name_too_long',
  'contact_last_name_too_long',
  'contact_custom1_too_long',
  'contact_custom2_too_long',
  'contact_time_zone_invalid',
  'import_format_unsupported',

  'template_not_found',
  'template_id_invalid',
  'template_text_required',
  'template_text_invalid',
  'template_text_too_long',
  'template_channel_required',
  'template_channel_invalid',
  'template_name_required',
  'template_name_invalid',
  'template_name_too_long',
  'template_name_taken',
  'template_sender_required',
  'template_category_invalid',
  'template_in_review',

  'conversation_not_found',
  'agent_not_found',
] as const;

export type DomainCode = (typeof DOMAIN_CODES)[number];

/**
 * A refusal the caller can act on. `message` is English for developers; `details` are safe to show;
 * those of `fields_invalid` are what is wrong, by field.
 */
export class DomainError extends Error {
  constructor(
    readonly code: DomainCode,
    message: string,
    readonly details: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.name = 'DomainError';
  }
}
