import { placeholdersOf, renderBody } from '../domain/template';
import {
  buttonVariable,
  cardButton,
  cardParts,
  cardsOf,
  cardTexts,
  exampleOf,
  formatOf,
  headerVariables,
  type Examples,
} from '../domain/templateForm';
import type {
  FlowButton,
  OtpButton,
  TemplateButton,
  TemplateHeader,
  TemplateParts,
} from '../domain/templateParts';

/** Components of a template as Meta's and 360dialog's template endpoints take and list them. */

/** With an example for every value: reviewers want to see the message as customers will. */
export function templateComponents(template: TemplateParts, examples: Examples): object[] {
  const { header, buttons } = template;
  const otp = buttons.find((button) => button.type === 'otp');
  return [
    ...(header ? [headerComponent(template, header, examples)] : []),
    bodyComponent(template, otp, examples),
    ...footerComponent(template, otp),
    ...(buttons.length > 0
      ? [{ type: 'BUTTONS', buttons: buttons.map((button, i) => buttonBody(button, i, examples)) }]
      : []),
    ...carouselComponent(template, examples),
  ];
}

/** A card is written as a template of its own, with its examples by the names that they have there. */
function carouselComponent(template: TemplateParts, examples: Examples): object[] {
  const cards = cardsOf(template).map((card, index) => {
    const texts = cardTexts(template, index).map(({ placeholder, variable }) => {
      return [placeholder, exampleOf(variable, examples)];
    });
    const behind = card.buttons.flatMap((button, place) => {
      const variable = cardButton(index, button, place);
      return variable === null ? [] : [[buttonVariable(button, place), examples[variable]]];
    });
    const own = Object.fromEntries(
      [...texts, ...behind].filter(([, value]) => value !== undefined),
    );
    const components = templateComponents(cardParts(card), own);
    return { components: card.body === '' ? components.filter(isNoBody) : components };
  });
  return cards.length === 0 ? [] : [{ type: 'CAROUSEL', cards }];
}

function isNoBody(component: object): boolean {
  return !('type' in component) || component.type !== 'BODY';
}

function headerComponent(
  template: TemplateParts,
  header: TemplateHeader,
  examples: Examples,
): object {
  const base = { type: 'HEADER', format: header.format.toUpperCase() };
  if (header.format === 'location') return base;
  if (header.format === 'text') {
    const example = exampleBody(template, 'header_text', headerVariables(template), examples);
    return { ...base, text: header.text, ...example };
  }
  const handle = header.handle ?? header.media?.link;
  return handle === undefined ? base : { ...base, example: { header_handle: [handle] } };
}

/** WhatsApp writes the text of authentication templates itself. */
function bodyComponent(
  template: TemplateParts,
  otp: OtpButton | undefined,
  examples: Examples,
): object {
  if (otp) return { type: 'BODY', add_security_recommendation: otp.securityRecommendation };
  const names = placeholdersOf(template.body);
  const ordered = formatOf(template) === 'named' ? names : names.sort((a, b) => +a - +b);
  return {
    type: 'BODY',
    text: template.body,
    ...exampleBody(template, 'body_text', ordered, examples),
  };
}

/** Positional examples of a body are a list of lists, of a header a list. */
function exampleBody(
  template: TemplateParts,
  key: 'header_text' | 'body_text',
  names: readonly string[],
  examples: Examples,
): object {
  if (names.length === 0) return {};
  if (formatOf(template) === 'named') {
    const named = names.map((name) => ({
      param_name: name,
      example: exampleOf(name, examples),
    }));
    return { example: { [`${key}_named_params`]: named } };
  }
  const values = names.map((name) => exampleOf(name, examples));
  return { example: { [key]: key === 'body_text' ? [values] : values } };
}

function footerComponent({ footer }: TemplateParts, otp: OtpButton | undefined): object[] {
  if (!otp) return footer === null ? [] : [{ type: 'FOOTER', text: footer }];
  const { expirationMinutes } = otp;
  return expirationMinutes === null
    ? []
    : [{ type: 'FOOTER', code_expiration_minutes: expirationMinutes }];
}

function buttonBody(button: TemplateButton, index: number, examples: Examples): object {
  switch (button.type) {
    case 'quick_reply':
      return { type: 'QUICK_REPLY', text: button.text };
    case 'phone_number':
      return { type: 'PHONE_NUMBER', text: button.text, phone_number: button.phoneNumber };
    case 'copy_code':
      return { type: 'COPY_CODE', example: exampleOf(buttonVariable(button, index)!, examples) };
    case 'flow':
      return flowBody(button);
    case 'otp':
      return otpBody(button);
    case 'url':
      return urlBody(button, buttonVariable(button, index), examples);
  }
}

/** The example is the whole link, and the placeholder of a link is always a number. */
function urlBody(
  { text, url }: Extract<TemplateButton, { type: 'url' }>,
  variable: string | null,
  examples: Examples,
): object {
  const [placeholder] = placeholdersOf(url);
  if (variable === null || placeholder === undefined) return { type: 'URL', text, url };
  return {
    type: 'URL',
    text,
    url: renderBody(url, { [placeholder]: '{{1}}' }),
    example: [renderBody(url, { [placeholder]: exampleOf(variable, examples) })],
  };
}

/** Undefined keys vanish in JSON. */
function flowBody({ text, flowId, flowName, action, screen }: FlowButton): object {
  return {
    type: 'FLOW',
    text,
    flow_id: flowId,
    flow_name: flowName,
    flow_action: action,
    navigate_screen: screen,
  };
}

function otpBody(button: OtpButton): object {
  const { otpType, text, autofillText, apps, zeroTapTermsAccepted } = button;
  const supported = apps.map(({ packageName, signatureHash }) => ({
    package_name: packageName,
    signature_hash: signatureHash,
  }));
  return {
    type: 'OTP',
    otp_type: otpType.toUpperCase(),
    text,
    autofill_text: autofillText,
    zero_tap_terms_accepted: zeroTapTermsAccepted,
    supported_apps: supported.length > 0 ? supported : undefined,
  };
}
