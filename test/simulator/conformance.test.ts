import type { OutboundContent } from '../../domain/message';
import type { Provider } from '../../domain/ports';
import { createProvider } from '../../providers/registry';
import { CONTENTS } from '../support/contents';
import { eventually } from '../support/eventually';
import { REFUSALS } from '../support/refusals';
import {
  d360Settings,
  FLAVOURS,
  metaSettings,
  startSimulator,
  type TestSimulator,
} from '../support/simulator';

/** Each kind of message through each adapter, against a provider as strict as the real ones. */

const TO = '+14155550100';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(() => simulator.sim('POST', '/reset'));
afterAll(() => simulator.close());

describe.each([
  ['cloud_api', '1001', metaSettings],
  ['360dialog', '1002', d360Settings],
] as const)('%s', (flavour, phoneNumberId, settingsFor) => {
  let provider: Provider;
  beforeAll(() => {
    provider = createProvider(settingsFor(simulator.url), { connections: 2, timeoutMs: 5000 });
  });
  afterAll(() => provider.close());

  const fromCustomer = () =>
    simulator.sim<{ id: string }>('POST', '/inbound', {
      from: TO,
      to: phoneNumberId,
      text: 'Hi',
    });

  test.each(CONTENTS)('$name is accepted and delivered', async ({ content, template }) => {
    if (template !== undefined)
      await simulator.sim('PUT', '/templates', [{ name: 'offer', components: template }]);
    const { id: wamid } = await fromCustomer();
    const said: OutboundContent = content.type === 'reaction' ? { ...content, wamid } : content;
    expect(await provider.send({ to: TO, reference: 'r1', content: said })).toMatchObject({
      kind: 'accepted',
    });
    await eventually(async () => {
      const { messages } = await simulator.sim<{ messages: { status: string }[] }>(
        'GET',
        '/messages',
      );
      expect(messages).toMatchObject([
        { error_code: null, status: expect.not.stringMatching('accepted') },
      ]);
    });
  });

  test('a message that answers, and one to a user without a number', async () => {
    const { id: wamid } = await fromCustomer();
    const content: OutboundContent = { type: 'text', body: 'Yes' };
    for (const to of [TO, 'US.13491208655302741918'])
      expect(
        await provider.send({ to, reference: 'r1', context: { wamid }, content }),
      ).toMatchObject({ kind: 'accepted' });
    const { messages } = await simulator.sim<{ messages: object[] }>('GET', '/messages');
    expect(messages).toMatchObject([
      { to: '14155550100', to_user_id: null, body: { context: { message_id: wamid } } },
      { to: 'US.13491208655302741918', to_user_id: 'US.13491208655302741918' },
    ]);
  });

  test.each(REFUSALS)('$name is refused', async ({ body, code, says }) => {
    const text = { messaging_product: 'whatsapp', to: TO, type: 'text', text: { body: 'Hi' } };
    const path = `${FLAVOURS[flavour].number}/messages`;
    const { status, json } = await simulator.post({ ...text, ...body }, { path });
    expect([status, json.error?.code]).toEqual([400, code]);
    expect(JSON.stringify(json).replaceAll('\\"', '"')).toContain(says);
  });

  test('what is refused reaches the caller with its code and its words', async () => {
    const send = (content: OutboundContent) => provider.send({ to: TO, reference: 'r1', content });
    expect(await send({ type: 'text', body: 'x'.repeat(4097) })).toEqual({
      kind: 'rejected',
      code: 100,
      detail: "(#100) Param text['body'] must be at most 4096 characters long.",
    });
    expect(
      await send({
        type: 'interactive',
        body: 'Choose',
        action: { type: 'buttons', buttons: [{ id: '1', title: 'x'.repeat(21) }] },
      }),
    ).toEqual({
      kind: 'rejected',
      code: 131009,
      detail: 'Button title length invalid. Min length: 1, Max length: 20',
    });
    expect(await send({ type: 'image', id: '404' })).toEqual({
      kind: 'rejected',
      code: 100,
      detail:
        "(#100) Param image['id'] is not a valid whatsapp business account media attachment ID",
    });
  });
});
