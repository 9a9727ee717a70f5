import type { OutboundContent } from '../../domain/message';
import type { ContentCase } from './contentCase';

const interactive = (
  name: string,
  content: Omit<Extract<OutboundContent, { type: 'interactive' }>, 'type'>,
  wire: object,
): ContentCase => ({ name, content: { type: 'interactive', ...content }, wire });

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
