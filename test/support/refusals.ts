/** What WhatsApp refuses by a message's shape or content alone, with its code and words. */
export interface Refusal {
  name: string;
  /** Put over a text message to +14155550100. */
  body: Record<string, unknown>;
  code: number;
  /** Part of the message or of the details. */
  says: string;
}

const refused = (
  name: string,
  body: Record<string, unknown>,
  code: number,
  says: string,
): Refusal => ({ name, body, code, says });

const of = (type: string, content: unknown) => ({ type, text: undefined, [type]: content });
const interactive = (content: Record<string, unknown>) =>
  of('interactive', { body: { text: 'x' }, ...content });
const buttons = (...replies: { id: string; title: string }[]) =>
  interactive({
    type: 'button',
    action: { buttons: replies.map((reply) => ({ type: 'reply', reply })) },
  });
const list = (sections: object[], button = 'Open') =>
  interactive({ type: 'list', action: { button, sections } });
const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `r${n}`, title: `Row ${n}` }));
const x = (length: number) => 'x'.repeat(length);
const component = (given: object) =>
  of('template', { name: 'hello', language: { code: 'en_US' }, components: [given] });

const ENVELOPE: readonly Refusal[] = [
  refused('no product', { messaging_product: undefined }, 100, 'messaging_product is required'),
  refused('another product', { messaging_product: 'sms' }, 100, 'must be one of {WHATSAPP}'),
  refused('an unknown key', { colour: 'red' }, 100, 'Unexpected key "colour".'),
  refused('the content of another type', { image: { id: '1' } }, 100, 'Unexpected key "image".'),
  refused('no recipient', { to: undefined }, 100, 'The parameter to is required.'),
  refused('a recipient that is no number', { to: 'abc' }, 131009, 'not a phone number'),
  refused('a wrong user id', { to: undefined, recipient: 'US' }, 131009, 'business-scoped user id'),
  refused('an odd kind of recipient', { recipient_type: 'crowd' }, 100, '{INDIVIDUAL, GROUP}'),
  refused('an unknown type', of('hologram', {}), 100, 'Param type must be one of {AUDIO,'),
  refused('no content', of('image', undefined), 100, 'The parameter image is required.'),
  refused('a long reference', { biz_opaque_callback_data: x(513) }, 100, 'at most 512 characters'),
  refused('a context without id', { context: {} }, 100, "context['message_id'] is required"),
];

const FREE_FORM: readonly Refusal[] = [
  refused('no text', { text: {} }, 100, "The parameter text['body'] is required."),
  refused('an empty text', { text: { body: '' } }, 100, "The parameter text['body'] is required."),
  refused('a long text', { text: { body: x(4097) } }, 100, 'at most 4096 characters'),
  refused('a text that is none', { text: { body: 5 } }, 100, "text['body'] must be a string"),
  refused('media from nowhere', of('image', {}), 131008, 'image: id or link is required'),
  refused('media from two places', of('video', { id: '1', link: 'https://a.b' }), 131009, 'only'),
  refused('an odd link', of('audio', { link: 'ftp://a.b/c' }), 131009, 'link is not a URL'),
  refused('a long caption', of('image', { id: '1', caption: x(1025) }), 100, 'at most 1024'),
  refused('a named image', of('image', { id: '1', filename: 'a' }), 100, 'on param "image"'),
  refused('a caption on audio', of('audio', { id: '1', caption: 'a' }), 100, '"caption"'),
  refused('a caption on a sticker', of('sticker', { id: '1', caption: 'a' }), 100, '"caption"'),
  refused('half a place', of('location', { latitude: 1 }), 100, "['longitude'] is required"),
  refused('a place off the globe', of('location', { latitude: 91, longitude: 0 }), 131009, 'range'),
  refused('no contacts', of('contacts', []), 131008, 'at least one contact'),
  refused(
    'a contact without name',
    of('contacts', [{ name: {} }]),
    100,
    "contacts[0]['name']['formatted_name'] is required",
  ),
  refused(
    'an odd birthday',
    of('contacts', [{ name: { formatted_name: 'A' }, birthday: '1.2.1990' }]),
    131009,
    'YYYY-MM-DD',
  ),
  refused('a reaction to nothing', of('reaction', { emoji: '👍' }), 100, "['message_id'] is"),
  refused('two emoji', of('reaction', { message_id: 'w', emoji: '👍👍' }), 131009, 'one emoji'),
  refused('a word as reaction', of('reaction', { message_id: 'w', emoji: 'ok' }), 131009, 'emoji'),
  refused(
    'a reaction that answers',
    { ...of('reaction', { message_id: 'w', emoji: '👍' }), context: { message_id: 'w' } },
    100,
    'context is not allowed',
  ),
];

const INTERACTIVE: readonly Refusal[] = [
  refused('an unknown kind', interactive({ type: 'juggle', action: {} }), 100, "['type']"),
  refused('no action', interactive({ type: 'button' }), 100, "['action'] is required"),
  refused(
    'an unknown key inside',
    interactive({ type: 'button', action: { buttons: [] }, templateId: 1 }),
    100,
    'Unexpected key "templateId" on param "interactive".',
  ),
  refused(
    'no body',
    of('interactive', { type: 'list', action: { button: 'x', sections: [{ rows: rows(1) }] } }),
    100,
    "interactive['body'] is required",
  ),
  refused(
    'a long body',
    interactive({
      type: 'button',
      body: { text: x(1025) },
      action: { buttons: [{ type: 'reply', reply: { id: 'a', title: 'a' } }] },
    }),
    131009,
    'Body text length invalid. Min length: 1, Max length: 1024',
  ),
  refused(
    'a long footer',
    interactive({
      type: 'list',
      footer: { text: x(61) },
      action: { button: 'x', sections: [{ rows: rows(1) }] },
    }),
    131009,
    'Footer text length invalid. Min length: 0, Max length: 60',
  ),
  refused(
    'a long header',
    interactive({
      type: 'list',
      header: { type: 'text', text: x(61) },
      action: { button: 'x', sections: [{ rows: rows(1) }] },
    }),
    131009,
    'Header text length invalid',
  ),
  refused(
    'an image over a list',
    interactive({
      type: 'list',
      header: { type: 'image', image: { id: '1' } },
      action: { button: 'x', sections: [{ rows: rows(1) }] },
    }),
    131009,
    'Header type image is not allowed',
  ),
  refused('no buttons', buttons(), 131009, 'Invalid buttons count'),
  refused(
    'four buttons',
    buttons(...['a', 'b', 'c', 'd'].map((title) => ({ id: title, title }))),
    131009,
    'Min allowed buttons: 1, Max allowed buttons: 3',
  ),
  refused('a long title', buttons({ id: 'a', title: x(21) }), 131009, 'Button title length'),
  refused('a long id', buttons({ id: x(257), title: 'a' }), 131009, 'Button id length'),
  refused(
    'two buttons of one title',
    buttons({ id: 'a', title: 'Yes' }, { id: 'b', title: 'Yes' }),
    131009,
    'Duplicate button title',
  ),
  refused(
    'two buttons of one id',
    buttons({ id: 'a', title: 'Yes' }, { id: 'a', title: 'No' }),
    131009,
    'Duplicate button id',
  ),
  refused('no sections', list([]), 131009, 'Invalid sections count'),
  refused('an empty section', list([{ rows: [] }]), 131009, 'Section without rows'),
  refused('eleven rows', list([{ rows: rows(11) }]), 131009, 'Total row count exceed max allowed'),
  refused('a long row', list([{ rows: [{ id: 'a', title: x(25) }] }]), 131009, 'Max length is 24'),
  refused(
    'a long description',
    list([{ rows: [{ id: 'a', title: 'a', description: x(73) }] }]),
    131009,
    'Max length is 72',
  ),
  refused('a long row id', list([{ rows: [{ id: x(201), title: 'a' }] }]), 131009, 'Row id length'),
  refused(
    'two sections without titles',
    list([{ rows: rows(1) }, { rows: [{ id: 'b', title: 'b' }] }]),
    131008,
    'Section title is required',
  ),
  refused('a long list button', list([{ rows: rows(1) }], x(21)), 131009, 'Button text length'),
  refused(
    'a long link button',
    interactive({
      type: 'cta_url',
      action: { name: 'cta_url', parameters: { display_text: x(21), url: 'https://a.b' } },
    }),
    131009,
    'Display text length',
  ),
  refused(
    'a link button to nowhere',
    interactive({
      type: 'cta_url',
      action: { name: 'cta_url', parameters: { display_text: 'x', url: 'home' } },
    }),
    131009,
    'URL is not valid',
  ),
  refused(
    'a flow without name',
    interactive({
      type: 'flow',
      action: { name: 'flow', parameters: { flow_message_version: '3', flow_cta: 'x' } },
    }),
    131009,
    'flow_id and flow_name',
  ),
  refused(
    'the wrong name of an action',
    interactive({ type: 'location_request_message', action: { name: 'send' } }),
    100,
    "interactive['action']['name'] must be one of {SEND_LOCATION}",
  ),
  refused(
    'products without header',
    interactive({
      type: 'product_list',
      action: {
        catalog_id: 'c',
        sections: [{ title: 'A', product_items: [{ product_retailer_id: 'p' }] }],
      },
    }),
    131008,
    'header is required',
  ),
  refused(
    'an address form for no country',
    interactive({
      type: 'address_message',
      action: { name: 'address_message', parameters: { country: 'India' } },
    }),
    131009,
    'ISO code',
  ),
];

const TEMPLATES: readonly Refusal[] = [
  refused('a template without name', of('template', {}), 100, "template['name'] is required"),
  refused(
    'an unknown key of a language',
    of('template', { name: 'hello', language: { code: 'en', policystring: 'x' } }),
    100,
    `Unexpected key "policystring" on param "template['language']".`,
  ),
  refused('an unknown component', component({ type: 'tail' }), 100, "['components'][0]['type']"),
  refused(
    'a parameter of no kind',
    component({ type: 'body', parameters: [{ text: 'x' }] }),
    100,
    "['parameters'][0]['type'] is required",
  ),
  refused(
    'a button without place',
    component({ type: 'button', sub_type: 'url', parameters: [] }),
    100,
    "['index'] is required",
  ),
];

export const REFUSALS: readonly Refusal[] = [
  ...ENVELOPE,
  ...FREE_FORM,
  ...INTERACTIVE,
  ...TEMPLATES,
];
