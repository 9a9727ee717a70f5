import { createHash } from 'node:crypto';
import { request } from 'undici';
import { sendBody } from '../../wire/cloudApi';
import type { OutboundContent } from '../../domain/message';
import { startSimulator, type TestSimulator } from '../support/simulator';

/** The page on which a developer plays a customer, and what it is drawn from. */

const TO = '+14155550100';

interface Message {
  id: string;
  direction: string;
  status: string;
  text?: string;
  buttons?: { label: string; url?: string; inbound?: Record<string, unknown> }[];
  [key: string]: unknown;
}

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(() => simulator.sim('POST', '/reset'));
afterAll(() => simulator.close());

const write = (body: object) =>
  simulator.sim<{ id: string }>('POST', '/inbound', { from: TO, to: '1001', ...body });
const send = (content: OutboundContent, context?: { wamid: string }) =>
  simulator.post(sendBody({ to: TO, reference: 'r1', content, ...(context && { context }) }));
const conversation = () =>
  simulator.sim<{ window_open: boolean; messages: Message[] }>(
    'GET',
    `/conversation?number=1001&user=${encodeURIComponent(TO)}`,
  );

test('the page runs its own script and style alone', async () => {
  const answer = await request(`${simulator.url}/_sim/chat`);
  const html = await answer.body.text();
  const policy = String(answer.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  for (const element of ['script', 'style']) {
    const found = html.match(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g')) ?? [];
    expect(found).toHaveLength(1);
    const content = found[0]!.slice(element.length + 2, -element.length - 3);
    const hash = createHash('sha256').update(content).digest('base64');
    expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
  }
  // Nothing from elsewhere, and nothing that the policy would stop.
  expect(html).not.toMatch(/<iframe|(src|href)="(http|\/\/)|\son[a-z]+="|\sstyle="/);
});

test('both sides of a conversation are shown in their order, with answers and read marks', async () => {
  const { id } = await write({ text: 'Is it blue?', profile_name: 'Ada' });
  await send({ type: 'text', body: 'Yes' }, { wamid: id });
  await simulator.post({ messaging_product: 'whatsapp', status: 'read', message_id: id });
  const { messages, window_open } = await conversation();
  expect(window_open).toBe(true);
  expect(messages).toMatchObject([
    { direction: 'in', text: 'Is it blue?', status: 'read' },
    { direction: 'out', text: 'Yes', reply_to: id },
  ]);
  expect(await simulator.sim('GET', '/conversations')).toMatchObject({
    conversations: [{ phone_number_id: '1001', user: '14155550100', name: 'Ada' }],
  });
});

test('a template is shown filled, and its buttons say what tapping them sends', async () => {
  await simulator.sim('PUT', '/templates', [
    {
      name: 'spring',
      components: [
        { type: 'HEADER', format: 'IMAGE' },
        { type: 'BODY', text: 'Hello {{1}}!' },
        { type: 'FOOTER', text: 'Reply STOP' },
        {
          type: 'BUTTONS',
          buttons: [
            { type: 'URL', text: 'Shop', url: 'https://a.b/{{1}}' },
            { type: 'QUICK_REPLY', text: 'More' },
          ],
        },
      ],
    },
  ]);
  await send({
    type: 'template',
    name: 'spring',
    language: 'en_US',
    components: [
      { type: 'header', parameters: [{ type: 'image', link: 'https://a.b/c.png' }] },
      { type: 'body', parameters: [{ type: 'text', text: 'Ada' }] },
      { type: 'button', subType: 'url', index: 0, parameters: [{ type: 'text', text: 'x' }] },
      {
        type: 'button',
        subType: 'quick_reply',
        index: 1,
        parameters: [{ type: 'payload', payload: 'more' }],
      },
    ],
  });
  const { messages } = await conversation();
  expect(messages).toMatchObject([
    {
      media: { type: 'image', url: 'https://a.b/c.png' },
      text: 'Hello Ada!',
      footer: 'Reply STOP',
      buttons: [
        { label: 'Shop', url: 'https://a.b/x' },
        { label: 'More', inbound: { type: 'button', button: { text: 'More', payload: 'more' } } },
      ],
    },
  ]);
  const [, more] = messages[0]!.buttons!;
  await write({ ...more!.inbound, context: { id: messages[0]!.id } });
  expect((await conversation()).messages[1]).toMatchObject({
    direction: 'in',
    text: 'More',
    reply_to: messages[0]!.id,
  });
});

test.each<[string, OutboundContent, object]>([
  [
    'reply buttons',
    {
      type: 'interactive',
      body: 'Coming?',
      action: { type: 'buttons', buttons: [{ id: 'y', title: 'Yes' }] },
    },
    { text: 'Yes' },
  ],
  [
    'a list',
    {
      type: 'interactive',
      body: 'Which?',
      action: { type: 'list', button: 'Open', sections: [{ rows: [{ id: '1', title: 'Tea' }] }] },
    },
    { text: 'Tea' },
  ],
  [
    'a flow',
    {
      type: 'interactive',
      body: 'Book',
      action: { type: 'flow', flowId: '1', cta: 'Book', token: 't' },
    },
    { text: '{"flow_token":"t"}' },
  ],
  [
    'a request for the place',
    { type: 'interactive', body: 'Where?', action: { type: 'location_request' } },
    { place: { latitude: 37.7749 } },
  ],
])('the button of %s can be tapped', async (_what, content, expected) => {
  await write({ text: 'Hi' });
  await send(content);
  const sent = (await conversation()).messages.at(-1)!;
  await write({ ...sent.buttons![0]!.inbound, context: { id: sent.id } });
  expect((await conversation()).messages.at(-1)).toMatchObject({ direction: 'in', ...expected });
});

test('files are shown without a token, and failures with their code', async () => {
  await simulator.sim('PUT', '/faults', { sent_ms: 5 });
  const data = Buffer.from('picture').toString('base64');
  await write({ type: 'image', image: { data, mime_type: 'image/png', caption: 'Look' } });
  const [message] = (await conversation()).messages;
  const { url } = message!.media as { url: string };
  const file = await request(simulator.url + url);
  expect(file.headers['content-type']).toBe('image/png');
  expect(await file.body.text()).toBe('picture');
  await expect(simulator.sim('GET', '/media/404')).rejects.toThrow('No such file');
});

test('a number that is not registered has no conversations', async () => {
  await expect(simulator.sim('GET', '/conversation?number=9&user=1')).rejects.toThrow('No number');
  await expect(simulator.sim('GET', '/conversation?number=1001')).rejects.toThrow('user');
});
