import { openWindow } from '../../support/direct';
import { accepted } from '../../support/scriptedProvider';
import { SEND, startSendexa, status, type SendexaWorld } from '../../support/sendexa';

let sendexa: SendexaWorld;

/** The recipient of the documentation's examples. */
const TO = '233244000000';

beforeAll(async () => {
  sendexa = await startSendexa();
  await openWindow(sendexa.db, sendexa.world, `+${TO}`);
});

beforeEach(() => sendexa.answerWith(accepted));

afterAll(() => sendexa.close());

const hello = { to: TO, type: 'text', text: { body: 'Hello! Your order has been confirmed.' } };

const sent = () => sendexa.provider.posts.at(-1);

test('the first example of the documentation', async () => {
  const answer = await sendexa.call('POST', SEND, hello);
  const { data } = answer.body;
  expect(answer).toMatchObject({
    status: 200,
    body: { success: true, message: 'WhatsApp message sent successfully' },
  });
  expect(data).toEqual({
    id: expect.stringMatching(/^wamid\./),
    wamid: data.id,
    messageId: expect.stringMatching(/^exa_wa_[0-9a-f]{32}$/),
    status: 'sent',
    to: TO,
    type: 'text',
    cost: 1,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  expect(sent()).toMatchObject({
    to: `+${TO}`,
    content: { type: 'text', body: 'Hello! Your order has been confirmed.' },
  });
});

const link = 'https://cdn.example/file';
const reply = (id: string, title: string) => ({ type: 'reply', reply: { id, title } });

const BUTTONS = {
  type: 'button',
  header: { type: 'text', text: 'Order 17' },
  body: { text: 'Shall we send it?' },
  footer: { text: 'Answer by noon' },
  action: { buttons: [reply('yes', 'Yes'), reply('no', 'No'), reply('later', 'Later')] },
};
const LIST = {
  type: 'list',
  body: { text: 'How can we help?' },
  action: {
    button: 'Select',
    sections: [{ title: 'Sales', rows: [{ id: 'a', title: 'General', description: 'Anything' }] }],
  },
};
const CTA = {
  type: 'cta_url',
  body: { text: 'Track it' },
  action: { name: 'cta_url', parameters: { display_text: 'Track', url: 'https://a.example/t' } },
};

/** label, body without its recipient, what the provider gets */
const TYPES: [string, Record<string, unknown>, object][] = [
  [
    'a text with a preview',
    { type: 'text', text: { body: 'See https://a.example', preview_url: true } },
    { type: 'text', body: 'See https://a.example', previewUrl: true },
  ],
  ['an image', { type: 'image', image: { link } }, { type: 'image', link }],
  [
    'an image with a caption, named as the older pages do',
    { type: 'image', image: { url: link, caption: 'Shoes' } },
    { type: 'image', link, caption: 'Shoes' },
  ],
  ['a video', { type: 'video', video: { link, caption: 'c' } }, { type: 'video', caption: 'c' }],
  ['audio', { type: 'audio', audio: { link } }, { type: 'audio', link }],
  [
    'a document',
    { type: 'document', document: { link, filename: 'bill.pdf', caption: 'Your bill' } },
    { type: 'document', link, filename: 'bill.pdf', caption: 'Your bill' },
  ],
  [
    'reply buttons',
    { type: 'interactive', interactive: BUTTONS },
    {
      type: 'interactive',
      header: { type: 'text', text: 'Order 17' },
      body: 'Shall we send it?',
      footer: 'Answer by noon',
      action: { type: 'buttons', buttons: BUTTONS.action.buttons.map((button) => button.reply) },
    },
  ],
  [
    'a list',
    { type: 'interactive', interactive: LIST },
    { action: { type: 'list', ...LIST.action } },
  ],
  [
    'a link button',
    { type: 'interactive', interactive: CTA },
    { action: { type: 'cta_url', displayText: 'Track', url: 'https://a.example/t' } },
  ],
];

test.each(TYPES)('sends %s', async (_label, body, content) => {
  const answer = await sendexa.call('POST', SEND, { to: `+${TO}`, ...body });
  expect(answer).toMatchObject({
    status: 200,
    body: { data: { type: body['type'], to: TO, status: 'sent' } },
  });
  expect(sent()?.content).toMatchObject(content);
});

describe('a template', () => {
  const NEW = '233244000001';
  const template = (given: object, to = NEW) => ({ to, type: 'template', template: given });

  beforeAll(async () => {
    const { accountId, sender } = sendexa.world;
    const common = { account_id: accountId, channel: 'WHATSAPP', category: 'UTILITY' as const };
    await sendexa.db
      .insertInto('templates')
      .values([
        {
          ...common,
          sender_id: sender.id,
          name: 'order_confirmed',
          language: 'en',
          status: 'approved',
          body: 'Hi {{1}}, order {{2}} is confirmed.',
          parameter_format: 'positional',
          placeholders: ['1', '2', 'button_1'],
          buttons: JSON.stringify([{ type: 'url', text: 'See', url: 'https://a.example/{{1}}' }]),
        },
        {
          ...common,
          name: 'hello_world',
          status: 'approved',
          body: 'Hello World',
          parameter_format: 'positional',
          placeholders: [],
        },
        {
          ...common,
          name: 'in_review',
          status: 'in_review',
          body: 'Soon',
          parameter_format: 'positional',
          placeholders: [],
        },
      ])
      .execute();
  });

  const components = [
    {
      type: 'body',
      parameters: [
        { type: 'text', text: 'Kofi' },
        { type: 'text', text: '17' },
      ],
    },
    { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: 't/17' }] },
  ];

  test.each(['en', { code: 'en' }])(
    'opens a conversation, with its language as %j',
    async (language) => {
      const body = template({ name: 'order_confirmed', language, components });
      const { status: code, body: answer } = await sendexa.call('POST', SEND, body);
      expect({ code, type: answer.data?.type }).toEqual({ code: 200, type: 'template' });
      expect(sent()?.content).toEqual({
        type: 'template',
        name: 'order_confirmed',
        language: 'en',
        components: [
          components[0],
          {
            type: 'button',
            subType: 'url',
            index: 0,
            parameters: [{ type: 'text', text: 't/17' }],
          },
        ],
      });
      const { text } = await sendexa.db
        .selectFrom('messages')
        .select('text')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      expect(text).toBe('Hi Kofi, order 17 is confirmed.');
    },
  );

  test('without values needs no components', async () => {
    const body = template({ name: 'hello_world', language: 'en_US' });
    expect((await sendexa.call('POST', SEND, body)).status).toBe(200);
    expect(sent()?.content).toMatchObject({ name: 'hello_world', components: [] });
  });

  /** label, template, status, code */
  test.each<[string, object, number, string]>([
    ['an unknown name', { name: 'nothing', language: 'en' }, 404, 'TEMPLATE_NOT_FOUND'],
    ['another language', { name: 'hello_world', language: 'de' }, 404, 'TEMPLATE_NOT_FOUND'],
    ['one in review', { name: 'in_review', language: 'en_US' }, 403, 'TEMPLATE_NOT_APPROVED'],
    ['missing values', { name: 'order_confirmed', language: 'en' }, 400, 'INVALID_PARAMETERS'],
    [
      'a value too many',
      {
        name: 'hello_world',
        language: 'en_US',
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'x' }] }],
      },
      400,
      'INVALID_PARAMETERS',
    ],
  ])('of %s is refused', async (_label, given, code, name) => {
    const before = sendexa.provider.posts.length;
    const answer = await sendexa.call('POST', SEND, template(given));
    expect(answer).toMatchObject({ status: code, body: { code: name } });
    expect(sendexa.provider.posts).toHaveLength(before);
  });
});

test('an answer quotes one of our messages, or one of the customer', async () => {
  const first = await sendexa.call('POST', SEND, hello);
  const { messageId, wamid } = first.body.data;
  await sendexa.call('POST', SEND, { ...hello, context: { message_id: messageId } });
  expect(sent()?.context).toEqual({ wamid });
  await sendexa.call('POST', SEND, { ...hello, context: { message_id: 'wamid.theirs' } });
  expect(sent()?.context).toEqual({ wamid: 'wamid.theirs' });
});

test('a status follows the message to its reader', async () => {
  const { body } = await sendexa.call('POST', SEND, hello);
  const { messageId, wamid } = body.data;
  const read = async () => (await sendexa.call('GET', status(messageId))).body.data;
  expect(await read()).toEqual({
    messageId,
    wamid,
    status: 'sent',
    to: TO,
    type: 'text',
    sentAt: expect.any(String),
    deliveredAt: null,
    readAt: null,
    cost: 1,
  });
  const delivered = '2024-01-15T10:30:03Z';
  await sendexa.report(messageId, 'delivered', { at: new Date(delivered) });
  expect(await read()).toMatchObject({
    status: 'delivered',
    deliveredAt: delivered,
    readAt: null,
  });
  const seen = '2024-01-15T10:31:00Z';
  await sendexa.report(messageId, 'read', { at: new Date(seen) });
  expect(await read()).toMatchObject({ status: 'read', deliveredAt: delivered, readAt: seen });
});

test('a message that WhatsApp does not answer in time is pending', async () => {
  sendexa.answerWith(() => ({ kind: 'unknown', detail: 'timeout' }));
  const { body } = await sendexa.call('POST', SEND, hello);
  expect(body.data).toMatchObject({ id: null, wamid: null, status: 'pending', cost: 1 });
  const read = await sendexa.call('GET', status(body.data.messageId));
  expect(read.body.data).toMatchObject({ status: 'pending', wamid: null, sentAt: null });
});

/** the provider's code, and what it is here */
const FAILURES: [number, string][] = [
  [131026, 'WA002'],
  [131047, 'WA003'],
  [131052, 'WA004'],
  [131053, 'WA004'],
  [130429, 'WA005'],
  [368, 'WA006'],
  [131031, 'WA006'],
  [131050, 'RECIPIENT_OPTED_OUT'],
  [132015, 'TEMPLATE_NOT_APPROVED'],
  [131000, 'MESSAGE_FAILED'],
];

test.each(FAILURES)('a message that failed later with %i shows %s', async (code, name) => {
  const { body } = await sendexa.call('POST', SEND, hello);
  await sendexa.report(body.data.messageId, 'failed', { code });
  const { body: read } = await sendexa.call('GET', status(body.data.messageId));
  expect(read.data).toMatchObject({ status: 'failed', cost: 0, error: { code: name } });
  expect(read.data.error.message).toContain(String(code));
});
