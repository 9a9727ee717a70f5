import { z } from 'zod';
import { LIBRARY_BUTTONS } from '../domain/templateLibrary';

/** A template's components as they are submitted: Graph's shape, as strict as Graph. */

const words = z.array(z.string());
const namedExamples = z.array(z.strictObject({ param_name: z.string(), example: z.string() }));
const app = z.strictObject({ package_name: z.string(), signature_hash: z.string() });
const text = z.string();

const button = z.preprocess(
  inUpperCase,
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('QUICK_REPLY'), text }),
    z.strictObject({
      type: z.literal('URL'),
      text,
      url: z.string(),
      example: z.union([words, text.transform((one) => [one])]).optional(),
    }),
    z.strictObject({ type: z.literal('PHONE_NUMBER'), text, phone_number: z.string() }),
    z.strictObject({
      type: z.literal('COPY_CODE'),
      text: text.optional(),
      example: z.union([words, text.transform((one) => [one])]),
    }),
    z.strictObject({
      type: z.literal('OTP'),
      otp_type: z.enum(['COPY_CODE', 'ONE_TAP', 'ZERO_TAP']),
      text: text.optional(),
      autofill_text: text.optional(),
      supported_apps: z.array(app).min(1).max(5).optional(),
      zero_tap_terms_accepted: z.boolean().optional(),
    }),
    z.strictObject({
      type: z.literal('FLOW'),
      text,
      flow_id: z.union([text, z.number()]).transform(String).optional(),
      flow_name: text.optional(),
      flow_json: text.optional(),
      flow_action: z.enum(['navigate', 'data_exchange', 'NAVIGATE', 'DATA_EXCHANGE']).optional(),
      navigate_screen: text.optional(),
      icon: text.optional(),
    }),
    z.strictObject({ type: z.enum(['CATALOG', 'MPM', 'SPM']), text }),
    z.strictObject({
      type: z.literal('VOICE_CALL'),
      text,
      ttl_minutes: z.number().int().optional(),
    }),
  ]),
);
export type SubmittedButton = z.output<typeof button>;

const parts = [
  z.strictObject({
    type: z.literal('HEADER'),
    format: z.enum(['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION', 'PRODUCT']).default('TEXT'),
    text: text.optional(),
    example: z
      .strictObject({
        header_handle: words.optional(),
        header_text: words.optional(),
        header_text_named_params: namedExamples.optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('BODY'),
    text: text.optional(),
    add_security_recommendation: z.boolean().optional(),
    example: z
      .strictObject({
        body_text: z.array(words).optional(),
        body_text_named_params: namedExamples.optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('FOOTER'),
    text: text.optional(),
    code_expiration_minutes: z.number().int().min(1).max(90).optional(),
  }),
  z.strictObject({ type: z.literal('BUTTONS'), buttons: z.array(button).min(1) }),
  z.strictObject({
    type: z.literal('LIMITED_TIME_OFFER'),
    limited_time_offer: z.strictObject({
      text: text.max(16),
      has_expiration: z.boolean().default(false),
    }),
  }),
] as const;

const cardPart = z.preprocess(inUpperCase, z.discriminatedUnion('type', parts));
const component = z.preprocess(
  inUpperCase,
  z.discriminatedUnion('type', [
    ...parts,
    z.strictObject({
      type: z.literal('CAROUSEL'),
      cards: z
        .array(z.strictObject({ components: z.array(cardPart) }))
        .min(1)
        .max(10),
    }),
  ]),
);
export type SubmittedComponent = z.output<typeof component>;

const upper = z.string().transform((word) => word.toUpperCase());

const head = {
  name: z.string(),
  language: z.string().min(2),
  category: upper.pipe(z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION'])),
  allow_category_change: z.boolean().optional(),
  message_send_ttl_seconds: z.number().int().optional(),
  cta_url_link_tracking_opted_out: z.boolean().optional(),
};

export const submissionShape = z.strictObject({
  ...head,
  parameter_format: upper.pipe(z.enum(['POSITIONAL', 'NAMED'])).default('POSITIONAL'),
  components: z.array(component),
});
export type TemplateSubmission = z.output<typeof submissionShape> & {
  /** Of the library's template that it was made of. */
  libraryName?: string;
};

const buttonInput = z.preprocess(
  inUpperCase,
  z.strictObject({
    type: z.enum(LIBRARY_BUTTONS),
    url: z
      .strictObject({ base_url: z.string(), url_suffix_example: z.string().optional() })
      .optional(),
    phone_number: z.string().optional(),
    otp_type: z.enum(['COPY_CODE', 'ONE_TAP', 'ZERO_TAP']).optional(),
    zero_tap_terms_accepted: z.boolean().optional(),
    supported_apps: z.array(app).optional(),
  }),
);

/** A template of WhatsApp's library: no components, but what the library leaves open. */
export const libraryShape = z.strictObject({
  ...head,
  library_template_name: z.string(),
  library_template_button_inputs: z.array(buttonInput).optional(),
  library_template_body_inputs: z
    .strictObject({
      add_contact_number: z.boolean().optional(),
      add_learn_more_link: z.boolean().optional(),
      add_security_recommendation: z.boolean().optional(),
      add_track_package_link: z.boolean().optional(),
      code_expiration_minutes: z.number().int().optional(),
    })
    .optional(),
});
export type LibrarySubmission = z.output<typeof libraryShape>;

/** What an edit may change; the components replace the old ones as a whole. */
export const editShape = z.strictObject({
  category: submissionShape.shape.category.optional(),
  components: z.array(component).optional(),
  parameter_format: submissionShape.shape.parameter_format.optional(),
  message_send_ttl_seconds: z.number().int().optional(),
});

export const componentsShape = z.array(component);

/** Graph reads its words in any case. */
function inUpperCase(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const words = Object.entries(value).filter(
    (entry): entry is [string, string] =>
      ['type', 'format', 'otp_type'].includes(entry[0]) && typeof entry[1] === 'string',
  );
  return { ...value, ...Object.fromEntries(words.map(([key, word]) => [key, word.toUpperCase()])) };
}
