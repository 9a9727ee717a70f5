import { z } from 'zod';
import type {
  InteractiveAction,
  InteractiveContent,
  InteractiveHeader,
  ProductSection,
} from '../domain/message';
import type { JsonValue } from '../domain/json';

const optional = z.string().optional();
const source = { id: optional, link: optional };
const words = z.strictObject({ text: z.string() }).transform(({ text }) => text);
const texts = z.record(z.string(), z.string());
const jsonValue: z.ZodType<JsonValue> = z.json();

const headerShape = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('text'), text: z.string() })
    .transform((header): InteractiveHeader => header),
  z
    .strictObject({ type: z.literal('image'), image: z.strictObject(source) })
    .transform(({ type, image }): InteractiveHeader => ({ type, ...image })),
  z
    .strictObject({ type: z.literal('video'), video: z.strictObject(source) })
    .transform(({ type, video }): InteractiveHeader => ({ type, ...video })),
  z
    .strictObject({
      type: z.literal('document'),
      document: z.strictObject({ ...source, filename: optional }),
    })
    .transform(({ type, document }): InteractiveHeader => ({ type, ...document })),
]);

export const productSectionShape = z
  .strictObject({
    title: z.string(),
    product_items: z.array(z.strictObject({ product_retailer_id: z.string() })),
  })
  .transform(({ title, product_items }): ProductSection => ({
    title,
    productIds: product_items.map(({ product_retailer_id }) => product_retailer_id),
  }));

const buttonsShape = z
  .strictObject({
    buttons: z.array(
      z.strictObject({
        type: z.literal('reply'),
        reply: z.strictObject({ id: z.string(), title: z.string() }),
      }),
    ),
  })
  .transform(({ buttons }): InteractiveAction => ({
    type: 'buttons',
    buttons: buttons.map(({ reply }) => reply),
  }));

const listShape = z
  .strictObject({
    button: z.string(),
    sections: z.array(
      z.strictObject({
        title: optional,
        rows: z.array(z.strictObject({ id: z.string(), title: z.string(), description: optional })),
      }),
    ),
  })
  .transform((list): InteractiveAction => ({ type: 'list', ...list }));

const ctaUrlShape = z
  .strictObject({
    name: z.literal('cta_url'),
    parameters: z.strictObject({ display_text: z.string(), url: z.string() }),
  })
  .transform(({ parameters }): InteractiveAction => ({
    type: 'cta_url',
    displayText: parameters.display_text,
    url: parameters.url,
  }));

const flowShape = z
  .strictObject({
    name: z.literal('flow'),
    parameters: z.strictObject({
      flow_message_version: z.union([z.literal('3'), z.literal(3)]),
      flow_id: optional,
      flow_name: optional,
      flow_cta: z.string(),
      flow_token: optional,
      mode: z.enum(['draft', 'published']).optional(),
      flow_action: z.enum(['navigate', 'data_exchange']).optional(),
      flow_action_payload: z
        .strictObject({ screen: z.string(), data: z.record(z.string(), jsonValue).optional() })
        .optional(),
    }),
  })
  .transform(({ parameters }): InteractiveAction => ({
    type: 'flow',
    flowId: parameters.flow_id,
    flowName: parameters.flow_name,
    cta: parameters.flow_cta,
    token: parameters.flow_token,
    mode: parameters.mode,
    action: parameters.flow_action,
    payload: parameters.flow_action_payload,
  }));

const locationRequestShape = z
  .strictObject({ name: z.literal('send_location') })
  .transform((): InteractiveAction => ({ type: 'location_request' }));

const contactRequestShape = z
  .strictObject({ name: z.literal('request_contact_info') })
  .transform((): InteractiveAction => ({ type: 'contact_request' }));

const productShape = z
  .strictObject({ catalog_id: z.string(), product_retailer_id: z.string() })
  .transform(({ catalog_id, product_retailer_id }): InteractiveAction => ({
    type: 'product',
    catalogId: catalog_id,
    productId: product_retailer_id,
  }));

const productListShape = z
  .strictObject({ catalog_id: z.string(), sections: z.array(productSectionShape) })
  .transform(({ catalog_id, sections }): InteractiveAction => ({
    type: 'product_list',
    catalogId: catalog_id,
    sections,
  }));

const catalogShape = z
  .strictObject({
    name: z.literal('catalog_message'),
    parameters: z.strictObject({ thumbnail_product_retailer_id: z.string() }).optional(),
  })
  .transform(({ parameters }): InteractiveAction => ({
    type: 'catalog',
    thumbnailProductId: parameters?.thumbnail_product_retailer_id,
  }));

const addressShape = z
  .strictObject({
    name: z.literal('address_message'),
    parameters: z.strictObject({
      country: z.string(),
      values: texts.optional(),
      saved_addresses: z.array(z.strictObject({ id: z.string(), value: texts })).optional(),
      validation_errors: texts.optional(),
    }),
  })
  .transform(({ parameters }): InteractiveAction => ({
    type: 'address',
    country: parameters.country,
    values: parameters.values,
    savedAddresses: parameters.saved_addresses,
    validationErrors: parameters.validation_errors,
  }));

/** One form per `interactive.type`; they differ in the action alone. */
function formOf<Type extends string>(type: Type, action: z.ZodType<InteractiveAction>) {
  return z
    .strictObject({
      type: z.literal(type),
      header: headerShape.optional(),
      body: words.optional(),
      footer: words.optional(),
      action,
    })
    .transform((message): InteractiveContent => ({ ...message, type: 'interactive' }));
}

const common = [
  formOf('button', buttonsShape),
  formOf('list', listShape),
  formOf('cta_url', ctaUrlShape),
] as const;

/** Reply buttons, lists and links: the forms that every API offers. */
export const commonInteractiveShape = z.discriminatedUnion('type', common);

export const interactiveShape = z.discriminatedUnion('type', [
  ...common,
  formOf('flow', flowShape),
  formOf('location_request_message', locationRequestShape),
  formOf('contact_request', contactRequestShape),
  formOf('product', productShape),
  formOf('product_list', productListShape),
  formOf('catalog_message', catalogShape),
  formOf('address_message', addressShape),
]);
