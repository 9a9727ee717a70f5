import type { OutboundContent } from '../../domain/message';

/** One message of every kind, with the Cloud API's JSON for it. Everything optional is filled at least once. */
export interface ContentCase {
  name: string;
  content: OutboundContent;
  /** What goes out under the key of the content's type. */
  wire: unknown;
  /** Of a template: the components it was made of. */
  template?: object[];
}

const interactive = (
  name: string,
  content: Omit<Extract<OutboundContent, { type: 'interactive' }>, 'type'>,
  wire: object,
): ContentCase => ({ name, content: { type: 'interactive', ...content }, wire });

export const FREE_FORM: readonly ContentCase[] = [
  {
    name: 'text',
    content: { type: 'text', body: 'See https://example.com', previewUrl: true },
    wire: { body: 'See https://example.com', preview_url: true },
  },
  {
    name: 'image',
    content: { type: 'image', link: 'https://example.com/a.png', caption: 'A' },
    wire: { link: 'https://example.com/a.png', caption: 'A' },
  },
  {
    name: 'video',
    content: { type: 'video', link: 'https://example.com/a.mp4', caption: 'A' },
    wire: { link: 'https://example.com/a.mp4', caption: 'A' },
  },
  {
    name: 'voice message',
    content: { type: 'audio', link: 'https://example.com/a.ogg', voice: true },
    wire: { link: 'https://example.com/a.ogg', voice: true },
  },
  {
    name: 'document',
    content: {
      type: 'document',
      link: 'https://example.com/a.pdf',
      caption: 'A',
      filename: 'a.pdf',
    },
    wire: { link: 'https://example.com/a.pdf', caption: 'A', filename: 'a.pdf' },
  },
  {
    name: 'sticker',
    content: { type: 'sticker', link: 'https://example.com/a.webp' },
    wire: { link: 'https://example.com/a.webp' },
  },
  {
    name: 'location',
    content: { type: 'location', latitude: -1.5, longitude: 36.8, name: 'Shop', address: 'Road 1' },
    wire: { latitude: -1.5, longitude: 36.8, name: 'Shop', address: 'Road 1' },
  },
  {
    name: 'contacts',
    content: {
      type: 'contacts',
      contacts: [
        {
          name: {
            formattedName: 'Dr Ann B. Lee Jr',
            firstName: 'Ann',
            middleName: 'B.',
            lastName: 'Lee',
            prefix: 'Dr',
            suffix: 'Jr',
          },
          phones: [{ phone: '+14155550101', type: 'WORK', waId: '14155550101' }],
          emails: [{ email: 'ann@example.com', type: 'WORK' }],
          urls: [{ url: 'https://example.com', type: 'WORK' }],
          addresses: [
            {
              street: 'Road 1',
              city: 'Town',
              state: 'CA',
              zip: '94000',
              country: 'United States',
              countryCode: 'us',
              type: 'HOME',
            },
          ],
          org: { company: 'Shop', department: 'Sales', title: 'Head' },
          birthday: '1990-02-28',
        },
      ],
    },
    wire: [
      {
        name: {
          formatted_name: 'Dr Ann B. Lee Jr',
          first_name: 'Ann',
          middle_name: 'B.',
          last_name: 'Lee',
          prefix: 'Dr',
          suffix: 'Jr',
        },
        phones: [{ phone: '+14155550101', type: 'WORK', wa_id: '14155550101' }],
        emails: [{ email: 'ann@example.com', type: 'WORK' }],
        urls: [{ url: 'https://example.com', type: 'WORK' }],
        addresses: [
          {
            street: 'Road 1',
            city: 'Town',
            state: 'CA',
            zip: '94000',
            country: 'United States',
            country_code: 'us',
            type: 'HOME',
          },
        ],
        org: { company: 'Shop', department: 'Sales', title: 'Head' },
        birthday: '1990-02-28',
      },
    ],
  },
  {
    name: 'reaction',
    content: { type: 'reaction', wamid: 'wamid.A', emoji: '👍' },
    wire: { message_id: 'wamid.A', emoji: '👍' },
  },
  {
    name: 'reaction taken back',
    content: { type: 'reaction', wamid: 'wamid.A', emoji: '' },
    wire: { message_id: 'wamid.A', emoji: '' },
  },
];

export const INTERACTIVE: readonly ContentCase[] = [
  interactive(
    'reply buttons under an image',
    {
      header: { type: 'image', link: 'https://example.com/a.png' },
      body: 'Coming?',
      footer: 'Shop',
      action: {
        type: 'buttons',
        buttons: [
          { id: 'y', title: 'Yes' },
          { id: 'n', title: 'No' },
        ],
      },
    },
    {
      type: 'button',
      header: { type: 'image', image: { link: 'https://example.com/a.png' } },
      body: { text: 'Coming?' },
      footer: { text: 'Shop' },
      action: {
        buttons: [
          { type: 'reply', reply: { id: 'y', title: 'Yes' } },
          { type: 'reply', reply: { id: 'n', title: 'No' } },
        ],
      },
    },
  ),
  interactive(
    'list',
    {
      header: { type: 'text', text: 'Menu' },
      body: 'Choose',
      action: {
        type: 'list',
        button: 'Open',
        sections: [
          { title: 'Hot', rows: [{ id: '1', title: 'Tea', description: 'Green' }] },
          { title: 'Cold', rows: [{ id: '2', title: 'Juice' }] },
        ],
      },
    },
    {
      type: 'list',
      header: { type: 'text', text: 'Menu' },
      body: { text: 'Choose' },
      action: {
        button: 'Open',
        sections: [
          { title: 'Hot', rows: [{ id: '1', title: 'Tea', description: 'Green' }] },
          { title: 'Cold', rows: [{ id: '2', title: 'Juice' }] },
        ],
      },
    },
  ),
  interactive(
    'link button',
    {
      body: 'Look',
      action: { type: 'cta_url', displayText: 'Open', url: 'https://example.com' },
    },
    {
      type: 'cta_url',
      body: { text: 'Look' },
      action: {
        name: 'cta_url',
        parameters: { display_text: 'Open', url: 'https://example.com' },
      },
    },
  ),
  interactive(
    'flow',
    {
      body: 'Book',
      action: {
        type: 'flow',
        flowId: '77',
        cta: 'Book now',
        token: 't1',
        mode: 'draft',
        action: 'navigate',
        payload: { screen: 'START', data: { seats: 2 } },
      },
    },
    {
      type: 'flow',
      body: { text: 'Book' },
      action: {
        name: 'flow',
        parameters: {
          flow_message_version: '3',
          flow_id: '77',
          flow_cta: 'Book now',
          flow_token: 't1',
          mode: 'draft',
          flow_action: 'navigate',
          flow_action_payload: { screen: 'START', data: { seats: 2 } },
        },
      },
    },
  ),
  interactive(
    'request for a location',
    { body: 'Where are you?', action: { type: 'location_request' } },
    {
      type: 'location_request_message',
      body: { text: 'Where are you?' },
      action: { name: 'send_location' },
    },
  ),
  interactive(
    'request for the number',
    { body: 'Share your number', action: { type: 'contact_request' } },
    {
      type: 'contact_request',
      body: { text: 'Share your number' },
      action: { name: 'request_contact_info' },
    },
  ),
  interactive(
    'product',
    { action: { type: 'product', catalogId: 'c1', productId: 'p1' } },
    { type: 'product', action: { catalog_id: 'c1', product_retailer_id: 'p1' } },
  ),
  interactive(
    'products',
    {
      header: { type: 'text', text: 'New' },
      body: 'Look',
      action: {
        type: 'product_list',
        catalogId: 'c1',
        sections: [{ title: 'Shoes', productIds: ['p1', 'p2'] }],
      },
    },
    {
      type: 'product_list',
      header: { type: 'text', text: 'New' },
      body: { text: 'Look' },
      action: {
        catalog_id: 'c1',
        sections: [
          {
            title: 'Shoes',
            product_items: [{ product_retailer_id: 'p1' }, { product_retailer_id: 'p2' }],
          },
        ],
      },
    },
  ),
  interactive(
    'catalog',
    { body: 'Browse', action: { type: 'catalog', thumbnailProductId: 'p1' } },
    {
      type: 'catalog_message',
      body: { text: 'Browse' },
      action: { name: 'catalog_message', parameters: { thumbnail_product_retailer_id: 'p1' } },
    },
  ),
  interactive(
    'address form',
    {
      body: 'Where to?',
      action: {
        type: 'address',
        country: 'IN',
        values: { city: 'Pune' },
        savedAddresses: [{ id: 'a1', value: { city: 'Pune' } }],
        validationErrors: { in_pin_code: 'No such code' },
      },
    },
    {
      type: 'address_message',
      body: { text: 'Where to?' },
      action: {
        name: 'address_message',
        parameters: {
          country: 'IN',
          values: { city: 'Pune' },
          saved_addresses: [{ id: 'a1', value: { city: 'Pune' } }],
          validation_errors: { in_pin_code: 'No such code' },
        },
      },
    },
  ),
];

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

export const CONTENTS: readonly ContentCase[] = [...FREE_FORM, ...INTERACTIVE, ...TEMPLATES];
