import type { MediaSource } from './message';

/** What a template consists of. Texts hold placeholders: `{{1}}` in positional ones, `{{first_name}}` in named ones. */
export interface TemplateParts {
  header: TemplateHeader | null;
  body: string;
  footer: string | null;
  buttons: TemplateButton[];
  /** Of a carousel, from left to right; absent or empty: there is none. */
  cards?: TemplateCard[];
}

/** What a card of a carousel shows: an image or a video, a text that may be empty, buttons. */
export type TemplateCard = Pick<TemplateParts, 'header' | 'body' | 'buttons'>;

export type TemplateHeader =
  | { format: 'text'; /** With one placeholder at most. */ text: string }
  | MediaHeader
  /** Which place is said with each message. */
  | { format: 'location' };

export interface MediaHeader {
  format: MediaFormat;
  /** Shown when a message brings no media of its own; null: each message or campaign must. */
  media: HeaderMedia | null;
  /** The provider's name of a sample that was uploaded to it for the review. */
  handle?: string;
}

export type MediaFormat = 'image' | 'video' | 'document';

export interface HeaderMedia extends MediaSource {
  /** Of a document: what the customer sees. */
  filename?: string;
}

export type TemplateButton =
  | { type: 'quick_reply'; text: string }
  /** With one placeholder at most, at the end of the url. */
  | { type: 'url'; text: string; url: string }
  | { type: 'phone_number'; text: string; phoneNumber: string }
  /** Copies a code that comes with each message; WhatsApp labels the button. */
  | { type: 'copy_code' }
  | FlowButton
  | OtpButton;

/** Opens a form; exactly one of `flowId` and `flowName` is set. */
export interface FlowButton {
  type: 'flow';
  text: string;
  flowId?: string;
  flowName?: string;
  action?: 'navigate' | 'data_exchange';
  /** Where to begin, for `navigate`. */
  screen?: string;
}

/** Hands the code of an authentication template to an app. WhatsApp writes body and footer of such a template itself. */
export interface OtpButton {
  type: 'otp';
  otpType: 'copy_code' | 'one_tap' | 'zero_tap';
  /** Labels; absent: WhatsApp's own. */
  text?: string;
  autofillText?: string;
  /** Android apps that may take the code; none for `copy_code`. */
  apps: { packageName: string; signatureHash: string }[];
  zeroTapTermsAccepted?: boolean;
  /** Adds "For your security, do not share this code." to the body. */
  securityRecommendation: boolean;
  /** Minutes until the code expires, said in the footer; null says nothing. */
  expirationMinutes: number | null;
}
