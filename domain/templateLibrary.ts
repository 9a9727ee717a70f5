import type { TemplateParts } from './templateParts';

/**
 * What is asked of WhatsApp's template library, in place of parts of one's own: the library's text is fixed, and how it
 * reads is known when the provider lists the template. Inputs are in WhatsApp's own shape
 * (developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-library).
 */
export interface LibraryRequest {
  /** Of the library's template: `delivery_update_1`. */
  name: string;
  /** Where the buttons lead, in their order. */
  buttonInputs?: LibraryButtonInput[];
  bodyInputs?: LibraryBodyInputs;
}

export const LIBRARY_BUTTONS = [
  'QUICK_REPLY',
  'URL',
  'PHONE_NUMBER',
  'OTP',
  'MPM',
  'CATALOG',
  'FLOW',
  'VOICE_CALL',
  'APP',
] as const;

export interface LibraryButtonInput {
  type: (typeof LIBRARY_BUTTONS)[number];
  /** `base_url` may end with `{{1}}`; `url_suffix_example` is then the whole link with a value in it. */
  url?: { base_url: string; url_suffix_example?: string };
  phone_number?: string;
  /** COPY_CODE, ONE_TAP, ZERO_TAP. */
  otp_type?: string;
  zero_tap_terms_accepted?: boolean;
  supported_apps?: { package_name: string; signature_hash: string }[];
}

/** Sentences that the library adds where it has them. */
export interface LibraryBodyInputs {
  add_contact_number?: boolean;
  add_learn_more_link?: boolean;
  add_security_recommendation?: boolean;
  add_track_package_link?: boolean;
  code_expiration_minutes?: number;
}

/** A template of the library before the provider has listed it. */
export const NO_PARTS: TemplateParts = { header: null, body: '', footer: null, buttons: [] };

/** Whether nobody here knows yet what a template says, so that nothing can be sent with it. */
export function awaitsContent(template: { library: LibraryRequest | null; body: string }): boolean {
  return template.library !== null && template.body === '';
}
