/** The requests that the documentation of 360dialog and of Meta's Cloud API shows. */
export const NUMBER = '14155550001';

const to = { messaging_product: 'whatsapp', to: NUMBER };
const individual = { ...to, recipient_type: 'individual' };

export const TEXT = {
  ...individual,
  type: 'text',
  text: { body: 'Hello from WhatsApp API' },
};

export interface MessageExample {
  name: string;
  body: Record<string, unknown>;
}

const example = (name: string, type: string, content: unknown): MessageExample => ({
  name,
  body: { ...individual, type, [type]: content },
});

const LINK = 'https://example.com/file';

export const FREE_FORM_EXAMPLES: readonly MessageExample[] = [
  { name: 'text', body: TEXT },
  { name: 'text that names no type', body: { ...to, text: { body: 'Hi' } } },
  example('text with a preview', 'text', { preview_url: true, body: `See ${LINK}` }),
  example('image', 'image', { link: `${LINK}.png`, caption: 'A' }),
  example('video', 'video', { link: `${LINK}.mp4`, caption: 'A' }),
  example('audio', 'audio', { link: `${LINK}.ogg` }),
  example('voice message', 'audio', { link: `${LINK}.ogg`, voice: true }),
  example('document', 'document', { link: `${LINK}.pdf`, caption: 'A', filename: 'a.pdf' }),
  example('sticker', 'sticker', { link: `${LINK}.webp` }),
  example('location in text', 'location', {
    latitude: '37.44216251868683',
    longitude: '-122.16153582049394',
    name: 'Philz Coffee',
    address: '101 Forest Ave',
  }),
  example('location in numbers', 'location', { latitude: 37.4, longitude: -122.1 }),
  example('contacts', 'contacts', [
    {
      name: { formatted_name: 'Barbara J. Johnson', first_name: 'Barbara' },
      phones: [{ phone: '+16505559999', type: 'Mobile', wa_id: '19175559999' }],
      emails: [{ email: 'b@example.com', type: 'Work' }],
      org: { company: 'Social Tsunami' },
      birthday: '1999-01-23',
    },
  ]),
  example('reply buttons', 'interactive', {
    type: 'button',
    body: { text: 'Change your slot?' },
    action: {
      buttons: [
        { type: 'reply', reply: { id: 'change', title: 'Change' } },
        { type: 'reply', reply: { id: 'cancel', title: 'Cancel' } },
      ],
    },
  }),
  example('list', 'interactive', {
    type: 'list',
    header: { type: 'text', text: 'Shipping' },
    body: { text: 'Which option?' },
    footer: { text: 'Lucky Shrub' },
    action: {
      button: 'Options',
      sections: [
        { title: 'Soon', rows: [{ id: 'express', title: 'Express', description: '1 d' }] },
      ],
    },
  }),
  example('link button', 'interactive', {
    type: 'cta_url',
    body: { text: 'Dates' },
    action: { name: 'cta_url', parameters: { display_text: 'See', url: LINK } },
  }),
  example('location request', 'interactive', {
    type: 'location_request_message',
    body: { text: 'Where?' },
    action: { name: 'send_location' },
  }),
];

export const TEMPLATE = {
  ...to,
  type: 'template',
  template: { name: 'plain', language: { code: 'en_US' } },
};

/** A message of the template `hello`, whose body has one placeholder. */
export const hello = (...texts: string[]) => ({
  ...to,
  type: 'template',
  template: {
    name: 'hello',
    language: { code: 'en_US' },
    components: [{ type: 'body', parameters: texts.map((text) => ({ type: 'text', text })) }],
  },
});
