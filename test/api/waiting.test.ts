import { startCloud, type CloudStage } from '../support/cloud';
import { eventually } from '../support/eventually';
import { LIST, bearer } from '../support/inbox';

/** Every message goes through the API, the queue, the lane and a provider adapter to the simulator. */
let stage: CloudStage;

const SARAH = '14155552671';
const BEN = '14155552672';

beforeAll(async () => {
  stage = await startCloud({ patienceMs: 1_000 });
  await stage.wrote(`+${SARAH}`);
  await stage.wrote(`+${BEN}`);
});

afterAll(() => stage.close());

afterEach(() => stage.simulator.sim('PUT', '/faults', {}));

const dexatel = (changes: object = {}) =>
  stage.api.call('POST', '/v1/messages', {
    data: {
      channel: 'WHATSAPP',
      from: stage.world.sender.name,
      to: [SARAH],
      type: 'text',
      text: 'Hi Sarah!',
      ...changes,
    },
  });

const inbox = (path: string, body?: object) =>
  bearer(stage.api, stage.api.key)(body === undefined ? 'GET' : 'POST', path, body);

const conversation = async () => (await inbox(`${LIST}?search=${SARAH}`)).body.data[0].id;
const template = () => ({
  business_whatsapp_number_id: stage.world.sender.id,
  phone: '+2348012345678',
  template_key: 'named',
  variables: { first_name: 'Ada' },
});

/** What the provider took, by recipient: newest last. */
const taken = async (to: string) => {
  const path = `/messages?to=${to}`;
  const { messages } = await stage.simulator.sim<{ messages: { body: object }[] }>('GET', path);
  return messages.map(({ body }) => body);
};

test('the answer to a send is what the provider said', async () => {
  const { status, body } = await dexatel({ to: [SARAH, BEN], payload: 'order 7' });
  expect(status).toBe(201);
  expect(body.data).toMatchObject([
    { to: [SARAH], status: 'enroute', payload: 'order 7', error_code: null },
    { to: [BEN], status: 'enroute', payload: 'order 7', error_code: null },
  ]);
  expect(await taken(SARAH)).toMatchObject([
    { to: `+${SARAH}`, text: { body: 'Hi Sarah!' }, biz_opaque_callback_data: expect.any(String) },
  ]);
  const reply = await inbox(`${LIST}/${await conversation()}/messages`, { text: 'Hello' });
  expect(reply.body.data).toMatchObject({ text: 'Hello', deliveryStatus: 'sent' });
  const sent = await inbox('/v1/messaging/messages/template', template());
  expect(sent.body.data).toMatchObject({ text: 'Hello Ada', deliveryStatus: 'sent' });
  expect((await inbox(`${LIST}/${await conversation()}`)).body.data).toMatchObject({
    status: 'pending_customer',
    messages: [{ text: 'Hello', deliveryStatus: 'sent' }, { text: 'Hi Sarah!' }],
  });
});

test('pictures and buttons pass the adapter', async () => {
  const media = { type: 'image', url: 'https://cdn.example.com/a.jpg' };
  const button = { button_type: 'quick_reply', button_text: 'Call me' };
  const { body } = await dexatel({ ...media, ...button });
  expect(body.data).toMatchObject([{ status: 'enroute', type: 'image', url: media.url }]);
  expect((await taken(SARAH)).at(-1)).toMatchObject({
    interactive: {
      type: 'button',
      header: { type: 'image', image: { link: media.url } },
      body: { text: 'Hi Sarah!' },
      action: { buttons: [{ type: 'reply', reply: { title: 'Call me' } }] },
    },
  });
});

test('what the provider refuses at once is failed, with its code', async () => {
  const refused = { code: 131026, via: 'response' };
  await stage.simulator.sim('PUT', '/faults', { recipients: { [BEN]: refused } });
  const { body } = await dexatel({ to: [SARAH, BEN] });
  expect(body.data).toMatchObject([
    { status: 'enroute', error_code: null },
    { status: 'failed', error_code: 131026 },
  ]);
  await stage.simulator.sim('PUT', '/faults', { recipients: { [SARAH]: refused } });
  const reply = await inbox(`${LIST}/${await conversation()}/messages`, { text: 'Hello' });
  expect(reply).toMatchObject({ status: 201, body: { data: { deliveryStatus: 'failed' } } });
});

test('when the provider is slow the answer says that the message is queued', async () => {
  await stage.simulator.sim('PUT', '/faults', { latency_ms: 2_500 });
  const [{ body }, reply] = await Promise.all([
    dexatel(),
    inbox('/v1/messaging/messages/template', template()),
  ]);
  const [{ id, status }] = body.data;
  expect([status, reply.body.data.deliveryStatus]).toEqual(['sent', 'pending']);
  await eventually(async () => {
    const { data } = (await stage.api.call('GET', `/v1/messages/${id}`)).body;
    expect(data.status).toBe('enroute');
  });
});
