import type { OutboundContent } from '../../domain/message';
import type { ContentCase } from './contentCase';

interface TemplateCase {
  /** What the message fills. */
  components: Extract<OutboundContent, { type: 'template' }>['components'];
  wire: object[];
  template: object[];
}

const template = (
  name: string,
  { components, wire, template: made }: TemplateCase,
): ContentCase => ({
  name: `template with ${name}`,
  content: { type: 'template', name: 'offer', language: 'en_US', components },
  wire: { name: 'offer', language: { code: 'en_US' }, components: wire },
  template: made,
});

const BODY = { type: 'BODY', text: 'Look!' };

export const TEMPLATES: readonly ContentCase[] = [
  template('positional and formatted values', {
    template: [{ type: 'BODY', text: 'Hello {{1}}, {{2}} until {{3}}!' }],
    components: [
      {
        type: 'body',
        parameters: [
          { type: 'text', text: 'Ann' },
          { type: 'currency', fallback: '$10', code: 'USD', amount1000: 10_000 },
          { type: 'date_time', fallback: 'Monday' },
        ],
      },
    ],
    wire: [
      {
        type: 'body',
        parameters: [
          { type: 'text', text: 'Ann' },
          {
            type: 'currency',
            currency: { fallback_value: '$10', code: 'USD', amount_1000: 10_000 },
          },
          { type: 'date_time', date_time: { fallback_value: 'Monday' } },
        ],
      },
    ],
  }),
  template('named values', {
    template: [
      { type: 'HEADER', format: 'TEXT', text: 'For {{first_name}}' },
      { type: 'BODY', text: 'Hello {{first_name}}!' },
    ],
    components: [
      { type: 'header', parameters: [{ type: 'text', text: 'Ann', name: 'first_name' }] },
      { type: 'body', parameters: [{ type: 'text', text: 'Ann', name: 'first_name' }] },
    ],
    wire: [
      {
        type: 'header',
        parameters: [{ type: 'text', parameter_name: 'first_name', text: 'Ann' }],
      },
      {
        type: 'body',
        parameters: [{ type: 'text', parameter_name: 'first_name', text: 'Ann' }],
      },
    ],
  }),
  ...(['image', 'video'] as const).map((type) =>
    template(`a header of type ${type}`, {
      template: [{ type: 'HEADER', format: type.toUpperCase() }, BODY],
      components: [{ type: 'header', parameters: [{ type, link: 'https://example.com/a' }] }],
      wire: [
        {
          type: 'header',
          parameters: [{ type, [type]: { link: 'https://example.com/a' } }],
        },
      ],
    }),
  ),
  template('a document header', {
    template: [{ type: 'HEADER', format: 'DOCUMENT' }, BODY],
    components: [
      {
        type: 'header',
        parameters: [{ type: 'document', link: 'https://example.com/a', filename: 'a.pdf' }],
      },
    ],
    wire: [
      {
        type: 'header',
        parameters: [
          { type: 'document', document: { link: 'https://example.com/a', filename: 'a.pdf' } },
        ],
      },
    ],
  }),
  template('a place, and an offer that ends', {
    template: [
      { type: 'HEADER', format: 'LOCATION' },
      BODY,
      {
        type: 'LIMITED_TIME_OFFER',
        limited_time_offer: { text: 'Ends soon', has_expiration: true },
      },
    ],
    components: [
      { type: 'header', parameters: [{ type: 'location', latitude: 1, longitude: 2, name: 'X' }] },
      {
        type: 'limited_time_offer',
        parameters: [{ type: 'limited_time_offer', expiresAtMs: 1_800_000_000_000 }],
      },
    ],
    wire: [
      {
        type: 'header',
        parameters: [{ type: 'location', location: { latitude: 1, longitude: 2, name: 'X' } }],
      },
      {
        type: 'limited_time_offer',
        parameters: [
          {
            type: 'limited_time_offer',
            limited_time_offer: { expiration_time_ms: 1_800_000_000_000 },
          },
        ],
      },
    ],
  }),
  template('buttons of every kind', {
    template: [
      BODY,
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'URL', text: 'Shop', url: 'https://example.com/{{1}}' },
          { type: 'COPY_CODE', example: 'SAVE' },
          { type: 'FLOW', text: 'Book', flow_id: '1' },
          { type: 'CATALOG', text: 'All' },
          { type: 'MPM', text: 'Some' },
          { type: 'PHONE_NUMBER', text: 'Call', phone_number: '+15550001001' },
          { type: 'QUICK_REPLY', text: 'Yes' },
          { type: 'QUICK_REPLY', text: 'No' },
        ],
      },
    ],
    components: [
      { type: 'button', subType: 'url', index: 0, parameters: [{ type: 'text', text: 'abc' }] },
      {
        type: 'button',
        subType: 'copy_code',
        index: 1,
        parameters: [{ type: 'coupon_code', code: 'SAVE10' }],
      },
      {
        type: 'button',
        subType: 'flow',
        index: 2,
        parameters: [{ type: 'flow', token: 't', data: { a: 1 } }],
      },
      {
        type: 'button',
        subType: 'catalog',
        index: 3,
        parameters: [{ type: 'catalog', thumbnailProductId: 'p1' }],
      },
      {
        type: 'button',
        subType: 'mpm',
        index: 4,
        parameters: [
          {
            type: 'product_list',
            thumbnailProductId: 'p1',
            sections: [{ title: 'Shoes', productIds: ['p1'] }],
          },
        ],
      },
      {
        type: 'button',
        subType: 'quick_reply',
        index: 6,
        parameters: [{ type: 'payload', payload: 'p' }],
      },
    ],
    wire: [
      { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: 'abc' }] },
      {
        type: 'button',
        sub_type: 'copy_code',
        index: '1',
        parameters: [{ type: 'coupon_code', coupon_code: 'SAVE10' }],
      },
      {
        type: 'button',
        sub_type: 'flow',
        index: '2',
        parameters: [{ type: 'action', action: { flow_token: 't', flow_action_data: { a: 1 } } }],
      },
      {
        type: 'button',
        sub_type: 'catalog',
        index: '3',
        parameters: [{ type: 'action', action: { thumbnail_product_retailer_id: 'p1' } }],
      },
      {
        type: 'button',
        sub_type: 'mpm',
        index: '4',
        parameters: [
          {
            type: 'action',
            action: {
              thumbnail_product_retailer_id: 'p1',
              sections: [{ title: 'Shoes', product_items: [{ product_retailer_id: 'p1' }] }],
            },
          },
        ],
      },
      {
        type: 'button',
        sub_type: 'quick_reply',
        index: '6',
        parameters: [{ type: 'payload', payload: 'p' }],
      },
    ],
  }),
  template('a carousel', {
    template: [
      BODY,
      {
        type: 'CAROUSEL',
        cards: [
          {
            components: [
              { type: 'HEADER', format: 'PRODUCT' },
              { type: 'BODY', text: 'For {{1}}!' },
            ],
          },
        ],
      },
    ],
    components: [
      {
        type: 'carousel',
        cards: [
          {
            index: 0,
            components: [
              {
                type: 'header',
                parameters: [{ type: 'product', productId: 'p1', catalogId: 'c1' }],
              },
              { type: 'body', parameters: [{ type: 'text', text: 'Ann' }] },
            ],
          },
        ],
      },
    ],
    wire: [
      {
        type: 'carousel',
        cards: [
          {
            card_index: 0,
            components: [
              {
                type: 'header',
                parameters: [
                  { type: 'product', product: { product_retailer_id: 'p1', catalog_id: 'c1' } },
                ],
              },
              { type: 'body', parameters: [{ type: 'text', text: 'Ann' }] },
            ],
          },
        ],
      },
    ],
  }),
];
