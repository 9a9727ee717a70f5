import type { SubmittedButton, SubmittedComponent } from './templateShape';

/** What a template consists of, as messages fill it and customers see it. */
export interface TemplateParts {
  header: TemplateHeader | null;
  body: string;
  footer: string | null;
  buttons: TemplateButton[];
  /** A limited-time offer that ends; messages say when. */
  expires: boolean;
  cards: TemplateParts[];
}

export type TemplateHeader =
  | { format: 'TEXT'; text: string }
  | { format: 'IMAGE' | 'VIDEO' | 'DOCUMENT' | 'LOCATION' | 'PRODUCT' };

export interface TemplateButton {
  type: Exclude<SubmittedButton['type'], 'OTP'>;
  text: string;
  /** Of URL and PHONE_NUMBER: where it leads. */
  target: string;
}

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** Distinct names of the placeholders, in order of first appearance. */
export function placeholdersOf(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), (found) => found[1] ?? ''))];
}

export function fill(text: string, value: (name: string) => string | undefined): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => value(name) ?? whole);
}

/** The parts of components whose shape was checked. What authentication templates leave out, WhatsApp writes. */
export function partsOf(components: readonly SubmittedComponent[]): TemplateParts {
  const parts: TemplateParts = {
    header: null,
    body: '',
    footer: null,
    buttons: [],
    expires: false,
    cards: [],
  };
  for (const component of components) {
    switch (component.type) {
      case 'HEADER': {
        const { format } = component;
        parts.header = format === 'TEXT' ? { format, text: component.text ?? '' } : { format };
        break;
      }
      case 'BODY':
        parts.body = component.text ?? oneTimeBody(component.add_security_recommendation ?? false);
        break;
      case 'FOOTER':
        parts.footer = component.text ?? oneTimeFooter(component.code_expiration_minutes);
        break;
      case 'BUTTONS':
        parts.buttons = component.buttons.map(buttonOf);
        break;
      case 'LIMITED_TIME_OFFER':
        parts.expires = component.limited_time_offer.has_expiration;
        break;
      case 'CAROUSEL':
        parts.cards = component.cards.map((card) => partsOf(card.components));
    }
  }
  return parts;
}

function oneTimeBody(recommendation: boolean): string {
  const advice = recommendation ? ' For your security, do not share this code.' : '';
  return `*{{1}}* is your verification code.${advice}`;
}

function oneTimeFooter(minutes: number | undefined): string | null {
  return minutes === undefined ? null : `This code expires in ${minutes} minutes.`;
}

/** Where the button of an authentication template leads: to messages it is an ordinary link with one value. */
const OTP_URL = 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}';

function buttonOf(button: SubmittedButton): TemplateButton {
  switch (button.type) {
    case 'OTP':
      return { type: 'URL', text: button.text ?? 'Copy code', target: OTP_URL };
    case 'COPY_CODE':
      return { type: 'COPY_CODE', text: button.text ?? 'Copy offer code', target: '' };
    case 'URL':
      return { type: 'URL', text: button.text, target: button.url };
    case 'PHONE_NUMBER':
      return { type: 'PHONE_NUMBER', text: button.text, target: button.phone_number };
    default:
      return { type: button.type, text: button.text, target: '' };
  }
}
