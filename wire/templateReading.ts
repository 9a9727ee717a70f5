import { z } from 'zod';
import { DomainError } from '../domain/errors';
import { placeholdersOf } from '../domain/template';
import {
  buttonVariable,
  cardButton,
  cardTexts,
  formatOf,
  headerVariables,
  variablesOf,
} from '../domain/templateForm';
import type {
  OtpButton,
  TemplateButton,
  TemplateHeader,
  TemplateParts,
} from '../domain/templateParts';

/** Components of a template in the shape of Meta's API, from a provider's list or a client's request. */

export interface ReadTemplate extends TemplateParts {
  examples: Record<string, string>;
}

const word = z.string().transform((text) => text.toUpperCase());
const namedExamples = z.array(z.looseObject({ param_name: z.string(), example: z.string() }));
/** Positional examples come as a list, or as a list of lists. */
const positionalExamples = z
  .union([z.array(z.array(z.string())).transform((lists) => lists[0] ?? []), z.array(z.string())])
  .nullish();

const example = z
  .looseObject({
    header_handle: z.array(z.string()).nullish(),
    header_text: positionalExamples,
    header_text_named_params: namedExamples.nullish(),
    body_text: positionalExamples,
    body_text_named_params: namedExamples.nullish(),
  })
  .nullish();
type Example = z.output<typeof example>;

const id = z.union([z.string().min(1), z.number()]).transform(String);

const buttonSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('QUICK_REPLY'), text: z.string() }),
  z.looseObject({
    type: z.literal('URL'),
    text: z.string(),
    url: z.string(),
    example: z.union([z.string().transform((text) => [text]), z.array(z.string())]).nullish(),
  }),
  z.looseObject({ type: z.literal('PHONE_NUMBER'), text: z.string(), phone_number: z.string() }),
  z.looseObject({
    type: z.literal('COPY_CODE'),
    example: z.union([z.string().transform((text) => [text]), z.array(z.string())]).nullish(),
  }),
  z.looseObject({
    type: z.literal('FLOW'),
    text: z.string(),
    flow_id: id.nullish(),
    flow_name: z.string().nullish(),
    flow_action: z
      .string()
      .transform((action) => action.toLowerCase())
      .pipe(z.enum(['navigate', 'data_exchange']))
      .nullish(),
    navigate_screen: z.string().nullish(),
  }),
  z.looseObject({
    type: z.literal('OTP'),
    otp_type: z
      .string()
      .transform((type) => type.toLowerCase())
      .pipe(z.enum(['copy_code', 'one_tap', 'zero_tap'])),
    text: z.string().nullish(),
    autofill_text: z.string().nullish(),
    zero_tap_terms_accepted: z.boolean().nullish(),
    supported_apps: z
      .array(z.looseObject({ package_name: z.string(), signature_hash: z.string() }))
      .nullish(),
  }),
]);
type ButtonJson = z.output<typeof buttonSchema>;

/** `type` and `format` are written in either case. */
const upperType = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
    ? { ...value, type: value.type.toUpperCase() }
    : value;

const partSchemas = [
  z.looseObject({
    type: z.literal('HEADER'),
    format: word
      .pipe(z.enum(['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']))
      .nullish()
      .transform((format) => format ?? 'TEXT'),
    text: z.string().nullish(),
    example,
  }),
  z.looseObject({
    type: z.literal('BODY'),
    text: z.string().nullish(),
    example,
    add_security_recommendation: z.boolean().nullish(),
  }),
  z.looseObject({
    type: z.literal('FOOTER'),
    text: z.string().nullish(),
    code_expiration_minutes: z.number().int().nullish(),
  }),
  z.looseObject({
    type: z.literal('BUTTONS'),
    buttons: z.array(z.preprocess(upperType, buttonSchema)),
  }),
] as const;

/** One of each type. */
const listOf = <T extends z.ZodType<{ type: string }>>(schema: T) =>
  z
    .array(z.preprocess(upperType, schema))
    .refine((all) => new Set(all.map(({ type }) => type)).size === all.length, {
      error: 'may hold one component of each type',
    });

const cardSchema = z.looseObject({
  components: listOf(z.discriminatedUnion('type', partSchemas)),
});
const componentsSchema = listOf(
  z.discriminatedUnion('type', [
    ...partSchemas,
    z.looseObject({ type: z.literal('CAROUSEL'), cards: z.array(cardSchema).min(1) }),
  ]),
);
type ComponentJson = z.output<typeof componentsSchema>[number];

/**
 * What the components say. Throws `template_components_invalid` for what is not of this shape, and for parts that
 * nothing here could fill (products, offers).
 */
export function readTemplateComponents(components: unknown): ReadTemplate {
  const parsed = componentsSchema.safeParse(components);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const field = ['components', ...issue.path].join('.');
    throw new DomainError('template_components_invalid', `'${field}': ${issue.message}`, { field });
  }
  const message = readParts(parsed.data);
  const cards = componentOf(parsed.data, 'CAROUSEL')?.cards ?? [];
  if (cards.length === 0) return message;
  return withCards(
    message,
    cards.map(({ components: card }) => readParts(card)),
  );
}

/** Examples of cards go by the names of their variables, which a card alone does not know. */
function withCards(
  { examples, ...message }: ReadTemplate,
  read: readonly ReadTemplate[],
): ReadTemplate {
  const cards = read.map(({ header, body, buttons }) => ({ header, body, buttons }));
  const parts: TemplateParts = { ...message, cards };
  const found = read.flatMap((card, index) => {
    const texts = cardTexts(parts, index).map(({ placeholder, variable }) => {
      return [variable, card.examples[placeholder]];
    });
    const behind = card.buttons.map((button, place) => {
      const own = buttonVariable(button, place);
      return [cardButton(index, button, place), own === null ? undefined : card.examples[own]];
    });
    return [...texts, ...behind].filter(([, value]) => value !== undefined);
  });
  return { ...parts, examples: { ...examples, ...Object.fromEntries(found) } };
}

function readParts(components: readonly ComponentJson[]): ReadTemplate {
  const header = componentOf(components, 'HEADER');
  const body = componentOf(components, 'BODY');
  const footer = componentOf(components, 'FOOTER');
  const given = componentOf(components, 'BUTTONS')?.buttons ?? [];
  const code: CodeTexts = {
    securityRecommendation: body?.add_security_recommendation ?? false,
    expirationMinutes: footer?.code_expiration_minutes ?? null,
  };
  const buttons = given.map((button) => readButton(button, code));
  const otp = buttons.some(({ type }) => type === 'otp');
  const parts: TemplateParts = {
    header: header ? readHeader(header.format, header.text ?? '', header.example) : null,
    body: body?.text ?? (otp ? codeBody(code) : ''),
    footer: footer?.text ?? (otp ? codeFooter(code) : null),
    buttons,
  };
  return { ...parts, examples: readExamples(parts, header?.example, body?.example, given) };
}

function componentOf<T extends ComponentJson['type']>(
  components: readonly ComponentJson[],
  type: T,
): Extract<ComponentJson, { type: T }> | undefined {
  return components.find(
    (component): component is Extract<ComponentJson, { type: T }> => component.type === type,
  );
}

function readHeader(
  format: 'TEXT' | 'IMAGE' | 'VIDEO' | 'DOCUMENT' | 'LOCATION',
  text: string,
  given: Example,
): TemplateHeader {
  if (format === 'TEXT') return { format: 'text', text };
  if (format === 'LOCATION') return { format: 'location' };
  const sample = given?.header_handle?.[0];
  const link = sample !== undefined && /^https:\/\//i.test(sample) ? sample : undefined;
  return {
    format: HEADER_FORMATS[format],
    media: link === undefined ? null : { link },
    ...(sample !== undefined && link === undefined && { handle: sample }),
  };
}

const HEADER_FORMATS = { IMAGE: 'image', VIDEO: 'video', DOCUMENT: 'document' } as const;

type CodeTexts = Pick<OtpButton, 'securityRecommendation' | 'expirationMinutes'>;

/** What WhatsApp writes into authentication templates, in English. */
function codeBody({ securityRecommendation }: CodeTexts): string {
  const text = '*{{1}}* is your verification code.';
  return securityRecommendation ? `${text} For your security, do not share this code.` : text;
}

function codeFooter({ expirationMinutes }: CodeTexts): string | null {
  return expirationMinutes === null ? null : `This code expires in ${expirationMinutes} minutes.`;
}

/** Providers list the buttons of one-time codes as links to this address. */
const OTP_LINK = /^https:\/\/www\.whatsapp\.com\/otp\/code/;

function readButton(json: ButtonJson, code: CodeTexts): TemplateButton {
  switch (json.type) {
    case 'QUICK_REPLY':
      return { type: 'quick_reply', text: json.text };
    case 'PHONE_NUMBER':
      return { type: 'phone_number', text: json.text, phoneNumber: json.phone_number };
    case 'COPY_CODE':
      return { type: 'copy_code' };
    case 'URL':
      return OTP_LINK.test(json.url)
        ? { type: 'otp', otpType: 'copy_code', text: json.text, apps: [], ...code }
        : { type: 'url', text: json.text, url: json.url };
    case 'FLOW':
      return {
        type: 'flow',
        text: json.text,
        ...(json.flow_id && { flowId: json.flow_id }),
        ...(json.flow_name && !json.flow_id && { flowName: json.flow_name }),
        ...(json.flow_action && { action: json.flow_action }),
        ...(json.navigate_screen && { screen: json.navigate_screen }),
      };
    case 'OTP':
      return {
        type: 'otp',
        otpType: json.otp_type,
        apps: (json.supported_apps ?? []).map((app) => ({
          packageName: app.package_name,
          signatureHash: app.signature_hash,
        })),
        ...(json.text && { text: json.text }),
        ...(json.autofill_text && { autofillText: json.autofill_text }),
        ...(json.zero_tap_terms_accepted && { zeroTapTermsAccepted: true }),
        ...code,
      };
  }
}

/** By variable; examples of a template's fixed texts are left out. */
function readExamples(
  parts: TemplateParts,
  header: Example,
  body: Example,
  buttons: readonly ButtonJson[],
): Record<string, string> {
  const found = [
    ...named(header?.header_text_named_params),
    ...inOrder(headerVariables(parts), header?.header_text),
    ...named(body?.body_text_named_params),
    ...inOrder(bodyNumbers(parts), body?.body_text),
    ...buttons.flatMap((json, index) => buttonExample(parts.buttons[index]!, index, json)),
  ];
  const known = new Set(variablesOf(parts));
  return Object.fromEntries(found.filter(([name]) => known.has(name)));
}

function named(given: z.output<typeof namedExamples> | null | undefined): [string, string][] {
  return (given ?? []).map(({ param_name, example: value }) => [param_name, value]);
}

function inOrder(
  names: readonly string[],
  values: readonly string[] | null | undefined,
): [string, string][] {
  return names.flatMap((name, index): [string, string][] => {
    const value = values?.[index];
    return value === undefined ? [] : [[name, value]];
  });
}

function bodyNumbers(parts: TemplateParts): string[] {
  if (formatOf(parts) === 'named') return [];
  return placeholdersOf(parts.body).sort((a, b) => Number(a) - Number(b));
}

/** Meta wants the whole link as the example and shows the suffix alone in places: either is read. */
function buttonExample(
  button: TemplateButton,
  index: number,
  json: ButtonJson,
): [string, string][] {
  const variable = buttonVariable(button, index);
  const value = json.type === 'URL' || json.type === 'COPY_CODE' ? json.example?.[0] : undefined;
  if (variable === null || value === undefined || button.type === 'otp') return [];
  if (button.type !== 'url') return [[variable, value]];
  const start = button.url.replace(/\{\{.*$/, '');
  return [[variable, value.startsWith(start) ? value.slice(start.length) : value]];
}
