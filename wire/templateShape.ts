import { z } from 'zod';
import type {
  TemplateCard,
  TemplateComponent,
  TemplateContent,
  TemplateParameter,
} from '../domain/message';
import type { JsonValue } from '../domain/json';
import { productSectionShape } from './interactiveShape';
import { locationShape } from './placeShape';

const optional = z.string().optional();
const jsonValue: z.ZodType<JsonValue> = z.json();
const source = { id: optional, link: optional };

/** A place among buttons or cards; Meta shows it as text and as a number. */
const position = z.union([z.number().int().min(0), z.string().regex(/^\d+$/)]).transform(Number);

type Media = Extract<TemplateParameter, { type: 'image' | 'video' | 'document' }>;

const parameterShape = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('text'), text: z.string(), parameter_name: optional })
    .transform(({ text, parameter_name: name }): TemplateParameter => ({
      type: 'text',
      text,
      ...(name !== undefined && { name }),
    })),
  z
    .strictObject({
      type: z.literal('currency'),
      currency: z.strictObject({
        fallback_value: z.string(),
        code: z.string(),
        amount_1000: z.number().int(),
      }),
      parameter_name: optional,
    })
    .transform(({ currency, parameter_name: name }): TemplateParameter => ({
      type: 'currency',
      fallback: currency.fallback_value,
      code: currency.code,
      amount1000: currency.amount_1000,
      name,
    })),
  z
    .strictObject({
      type: z.literal('date_time'),
      // Parts of the date are legacy: accepted, and ignored as Meta does.
      date_time: z.looseObject({ fallback_value: z.string() }),
      parameter_name: optional,
    })
    .transform(({ date_time, parameter_name: name }): TemplateParameter => ({
      type: 'date_time',
      fallback: date_time.fallback_value,
      name,
    })),
  z
    .strictObject({ type: z.literal('image'), image: z.strictObject(source) })
    .transform(({ type, image }): Media => ({ type, ...image })),
  z
    .strictObject({ type: z.literal('video'), video: z.strictObject(source) })
    .transform(({ type, video }): Media => ({ type, ...video })),
  z
    .strictObject({
      type: z.literal('document'),
      document: z.strictObject({ ...source, filename: optional }),
    })
    .transform(({ type, document }): Media => ({ type, ...document })),
  z
    .strictObject({ type: z.literal('location'), location: locationShape })
    .transform(({ location }): TemplateParameter => ({ type: 'location', ...location })),
  z
    .strictObject({
      type: z.literal('product'),
      product: z.strictObject({ product_retailer_id: z.string(), catalog_id: optional }),
    })
    .transform(({ product }): TemplateParameter => ({
      type: 'product',
      productId: product.product_retailer_id,
      catalogId: product.catalog_id,
    })),
  z
    .strictObject({ type: z.literal('payload'), payload: z.string() })
    .transform((parameter): TemplateParameter => parameter),
  z
    .strictObject({ type: z.literal('coupon_code'), coupon_code: z.string() })
    .transform(({ coupon_code }): TemplateParameter => ({
      type: 'coupon_code',
      code: coupon_code,
    })),
  z
    .strictObject({
      type: z.literal('limited_time_offer'),
      limited_time_offer: z.strictObject({ expiration_time_ms: z.number().int() }),
    })
    .transform(({ limited_time_offer }): TemplateParameter => ({
      type: 'limited_time_offer',
      expiresAtMs: limited_time_offer.expiration_time_ms,
    })),
  z
    .strictObject({
      type: z.literal('action'),
      action: z.strictObject({
        flow_token: optional,
        flow_action_data: z.record(z.string(), jsonValue).optional(),
        thumbnail_product_retailer_id: optional,
        sections: z.array(productSectionShape).optional(),
      }),
    })
    .transform(readAction),
]);

/** An action says by its keys to which kind of button it belongs. */
function readAction({
  action: { flow_token, flow_action_data, thumbnail_product_retailer_id: thumbnail, sections },
}: {
  action: {
    flow_token?: string;
    flow_action_data?: Record<string, JsonValue>;
    thumbnail_product_retailer_id?: string;
    sections?: z.output<typeof productSectionShape>[];
  };
}): TemplateParameter {
  if (thumbnail !== undefined && sections !== undefined)
    return { type: 'product_list', thumbnailProductId: thumbnail, sections };
  if (thumbnail !== undefined) return { type: 'catalog', thumbnailProductId: thumbnail };
  return { type: 'flow', token: flow_token, data: flow_action_data };
}

const parameters = z.array(parameterShape).default([]);

const componentShape: z.ZodType<TemplateComponent> = z.preprocess(
  inLowerCase,
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.enum(['header', 'body', 'limited_time_offer']), parameters }),
    z
      .strictObject({
        type: z.literal('button'),
        sub_type: z.enum(['url', 'quick_reply', 'copy_code', 'flow', 'catalog', 'mpm']),
        index: position,
        parameters,
      })
      .transform(({ sub_type: subType, ...button }): TemplateComponent => ({
        ...button,
        subType,
      })),
    z.strictObject({
      type: z.literal('carousel'),
      get cards() {
        return z.array(cardShape);
      },
    }),
  ]),
);

const cardShape: z.ZodType<TemplateCard> = z
  .strictObject({ card_index: position, components: z.array(componentShape) })
  .transform(({ card_index: index, components }) => ({ index, components }));

export const templateShape = z
  .strictObject({
    name: z.string(),
    // The policy is legacy: accepted and ignored.
    language: z.strictObject({ code: z.string(), policy: optional }),
    components: z.array(componentShape).default([]),
  })
  .transform(({ name, language, components }): TemplateContent => ({
    type: 'template',
    name,
    language: language.code,
    components,
  }));

/** Clients write `BODY` as well as `body`. */
function inLowerCase(component: unknown): unknown {
  if (typeof component !== 'object' || component === null) return component;
  const words = Object.entries(component).filter(
    (entry): entry is [string, string] =>
      (entry[0] === 'type' || entry[0] === 'sub_type') && typeof entry[1] === 'string',
  );
  const lower = Object.fromEntries(words.map(([key, word]) => [key, word.toLowerCase()]));
  return { ...component, ...lower };
}
