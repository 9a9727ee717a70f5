import { z } from 'zod';
import type {
  ContactCard,
  InteractiveAction,
  OutboundContent,
  TemplateComponent,
  TemplateParameter,
} from '../domain/message';
import type { JsonValue } from '../domain/json';

/**
 * Reads stored content back: what was kept as JSON is a message again, or a clear error. The provider's limits are not
 * checked here (it checks them itself, and they change), only that the parts are there and of their kind.
 */
export function parseContent(json: unknown): OutboundContent {
  return contentSchema.parse(json);
}

const text = z.string();
const optionalText = z.string().optional();
const jsonValue: z.ZodType<JsonValue> = z.json();
const jsonObject = z.record(z.string(), jsonValue);
const texts = z.record(z.string(), z.string());

const source = { link: optionalText, id: optionalText };
const hasOneSource = ({ link, id }: { link?: string; id?: string }) =>
  (link === undefined) !== (id === undefined);
const oneSource = 'exactly one of link and id must be set';

const place = {
  latitude: z.number(),
  longitude: z.number(),
  name: optionalText,
  address: optionalText,
};
const productSections = z.array(z.object({ title: text, productIds: z.array(text) }));

const parameter: z.ZodType<TemplateParameter> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text, name: optionalText }),
  z.object({
    type: z.literal('currency'),
    fallback: text,
    code: text,
    amount1000: z.number(),
    name: optionalText,
  }),
  z.object({ type: z.literal('date_time'), fallback: text, name: optionalText }),
  z
    .object({ type: z.enum(['image', 'video', 'document']), filename: optionalText, ...source })
    .refine(hasOneSource, oneSource),
  z.object({ type: z.literal('location'), ...place }),
  z.object({ type: z.literal('product'), productId: text, catalogId: optionalText }),
  z.object({ type: z.literal('payload'), payload: text }),
  z.object({ type: z.literal('coupon_code'), code: text }),
  z.object({ type: z.literal('flow'), token: optionalText, data: jsonObject.optional() }),
  z.object({ type: z.literal('catalog'), thumbnailProductId: text }),
  z.object({
    type: z.literal('product_list'),
    thumbnailProductId: text,
    sections: productSections,
  }),
  z.object({ type: z.literal('limited_time_offer'), expiresAtMs: z.number() }),
]);
const parameters = z.array(parameter);
const index = z.number().int().min(0);

const component: z.ZodType<TemplateComponent> = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['header', 'body', 'limited_time_offer']), parameters }),
  z.object({
    type: z.literal('button'),
    subType: z.enum(['url', 'quick_reply', 'copy_code', 'flow', 'catalog', 'mpm']),
    index,
    parameters,
  }),
  z.object({
    type: z.literal('carousel'),
    get cards() {
      return z.array(z.object({ index, components: z.array(component) }));
    },
  }),
]);

const contact: z.ZodType<ContactCard> = z.object({
  name: z.object({
    formattedName: text,
    firstName: optionalText,
    middleName: optionalText,
    lastName: optionalText,
    prefix: optionalText,
    suffix: optionalText,
  }),
  phones: z.array(z.object({ phone: text, type: optionalText, waId: optionalText })).optional(),
  emails: z.array(z.object({ email: text, type: optionalText })).optional(),
  urls: z.array(z.object({ url: text, type: optionalText })).optional(),
  addresses: z
    .array(
      z.object({
        street: optionalText,
        city: optionalText,
        state: optionalText,
        zip: optionalText,
        country: optionalText,
        countryCode: optionalText,
        type: optionalText,
      }),
    )
    .optional(),
  org: z
    .object({ company: optionalText, department: optionalText, title: optionalText })
    .optional(),
  birthday: optionalText,
});

const flow = z
  .object({
    type: z.literal('flow'),
    flowId: optionalText,
    flowName: optionalText,
    cta: text,
    token: optionalText,
    mode: z.enum(['draft', 'published']).optional(),
    action: z.enum(['navigate', 'data_exchange']).optional(),
    payload: z.object({ screen: text, data: jsonObject.optional() }).optional(),
  })
  .refine(
    ({ flowId, flowName }) => (flowId === undefined) !== (flowName === undefined),
    'exactly one of flowId and flowName must be set',
  );

const action: z.ZodType<InteractiveAction> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('buttons'),
    buttons: z.array(z.object({ id: text, title: text })),
  }),
  z.object({
    type: z.literal('list'),
    button: text,
    sections: z.array(
      z.object({
        title: optionalText,
        rows: z.array(z.object({ id: text, title: text, description: optionalText })),
      }),
    ),
  }),
  z.object({ type: z.literal('cta_url'), displayText: text, url: text }),
  flow,
  z.object({ type: z.literal('location_request') }),
  z.object({ type: z.literal('contact_request') }),
  z.object({ type: z.literal('product'), catalogId: text, productId: text }),
  z.object({ type: z.literal('product_list'), catalogId: text, sections: productSections }),
  z.object({ type: z.literal('catalog'), thumbnailProductId: optionalText }),
  z.object({
    type: z.literal('address'),
    country: text,
    values: texts.optional(),
    savedAddresses: z.array(z.object({ id: text, value: texts })).optional(),
    validationErrors: texts.optional(),
  }),
]);

const interactive = z.object({
  type: z.literal('interactive'),
  header: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text }),
      z.object({ type: z.enum(['image', 'video']), ...source }).refine(hasOneSource, oneSource),
      z
        .object({ type: z.literal('document'), filename: optionalText, ...source })
        .refine(hasOneSource, oneSource),
    ])
    .optional(),
  body: optionalText,
  footer: optionalText,
  action,
});

const contentSchema: z.ZodType<OutboundContent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('template'),
    name: text,
    language: text,
    components: z.array(component),
  }),
  z.object({ type: z.literal('text'), body: text, previewUrl: z.boolean().optional() }),
  z
    .object({ type: z.enum(['image', 'video']), caption: optionalText, ...source })
    .refine(hasOneSource, oneSource),
  z
    .object({ type: z.literal('audio'), voice: z.boolean().optional(), ...source })
    .refine(hasOneSource, oneSource),
  z
    .object({
      type: z.literal('document'),
      caption: optionalText,
      filename: optionalText,
      ...source,
    })
    .refine(hasOneSource, oneSource),
  z.object({ type: z.literal('sticker'), ...source }).refine(hasOneSource, oneSource),
  z.object({ type: z.literal('location'), ...place }),
  z.object({ type: z.literal('contacts'), contacts: z.array(contact) }),
  z.object({ type: z.literal('reaction'), wamid: text, emoji: z.string() }),
  interactive,
]);
