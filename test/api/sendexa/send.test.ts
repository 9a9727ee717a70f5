import { openWindow } from '../../support/direct';
import { SEND, startSendexa, status, type SendexaWorld } from '../../support/sendexa';

let sendexa: SendexaWorld;

/** The recipient of the contract's examples. */
const TO = '233244000000';

beforeAll(async () => {
  sendexa = await startSendexa();
  await openWindow(sendexa.db, sendexa.world, `+${TO}`);
});

afterEach(() =>
  sendexa.answerWith(({ reference }) => ({
    kind: 'accepted',
    wamid: `wamid.${reference}`,
    held: false,
  })),
);

afterAll(() => sendexa.close());

const hello = { to: TO, type: 'text', text: { body: 'Hello! Your order has been confirmed.' } };

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
    messageId: expect.stringMatching(/^exa_wa_/),
    status: 'sent',
    to: TO,
    type: 'text',
    cost: 1,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  expect(sendexa.provider.posts.at(-1)).toMatchObject({
    to: `+${TO}`,
    content: { type: 'text', body: 'Hello! Your order has been confirmed.' },
  });
});

test('a status follows the message to its reader', async () => {
  const { body } = await sendexa.call('POST', SEND, hello);
  const { messageId, wamid } = body.data;
  const at = new Date('2024-01-15T10:30:03Z');
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
  await sendexa.report(messageId, 'delivered', { at });
  expect(await read()).toMatchObject({
    status: 'delivered',
    deliveredAt: '2024-01-15T10:30:03Z',
    readAt: null,
  });
  await sendexa.report(messageId, 'read', { at: new Date('2024-01-15T10:31:00Z') });
  expect(await read()).toMatchObject({
    status: 'read',
    deliveredAt: '2024-01-15T10:30:03Z',
    readAt: '2024-01-15T10:31:00Z',
  });
});
