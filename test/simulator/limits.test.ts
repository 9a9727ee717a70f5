import { eventually } from '../support/eventually';
import { startReceiver, type Receiver } from '../support/receiver';
import {
  D360_NUMBER,
  FLAVOURS,
  META_NUMBER,
  startSimulator,
  templatePost,
  type Flavour,
  type TestSimulator,
} from '../support/simulator';

/** How much a number may send, to whom, and what becomes of messages that the provider thinks better of. */

const TO = '+14155550100';
const HOUR = 3_600_000;
const FAST = { sent_ms: 5, delivered_ms: 10, read_ms: 15, read_rate: 1 };

let receiver: Receiver;
let simulator: TestSimulator;
beforeAll(async () => {
  receiver = await startReceiver();
  simulator = await startSimulator(receiver.url);
});
beforeEach(async () => {
  await simulator.sim('POST', '/reset');
  await simulator.sim('PUT', '/faults', FAST);
  receiver.posts.splice(0);
});
afterAll(async () => {
  await simulator.close();
  await receiver.close();
});

const number = (more: object) =>
  simulator.sim('PUT', '/numbers', [{ ...META_NUMBER, hookUrl: receiver.url, ...more }]);
const write = (from = TO) =>
  simulator.sim<{ id: string; blocked?: true }>('POST', '/inbound', {
    from,
    to: '1001',
    text: 'Hi',
  });
const say = (to = TO) =>
  simulator.post({ messaging_product: 'whatsapp', to, type: 'text', text: { body: 'Hi' } });
const statusesOf = (reference: string) =>
  receiver
    .updates('status')
    .filter((update) => update.reference === reference)
    .map(({ status, errorCode }) => errorCode ?? status);
const offer = async (reference: string, to = TO, template = 'plain') => {
  const body = { ...templatePost(to, template, []), biz_opaque_callback_data: reference };
  const { json } = await simulator.post(body);
  const [message] = json.messages as { message_status: string }[];
  return message?.message_status;
};
const ended = (reference: string, expected: (number | string)[]) =>
  eventually(() => expect(statusesOf(reference)).toEqual(expected));

test('a portfolio reaches so many users a day outside of windows, by a moving 24 hours', async () => {
  await number({ dailyLimit: 2 });
  await offer('a', '+14155550101');
  await offer('b', '+14155550102');
  await offer('again', '+14155550101');
  await offer('c', '+14155550103');
  await ended('again', ['sent', 'delivered', 'read']);
  await ended('c', [131048]);
  await write('+14155550103');
  await offer('open', '+14155550103');
  await ended('open', ['sent', 'delivered', 'read']);
  await simulator.sim('PUT', '/clock', { offset_ms: 25 * HOUR });
  await offer('tomorrow', '+14155550104');
  await ended('tomorrow', ['sent', 'delivered', 'read']);
  await number({});
});

test('one user gets 45 messages at once from a number, unless it is told otherwise', async () => {
  const burst = async () =>
    (await Promise.all(Array.from({ length: 46 }, () => simulator.post(templatePost(TO))))).flatMap(
      ({ json }) => json.error?.code ?? [],
    );
  expect(await burst()).toEqual([131056]);
  await number({ pairLimit: false });
  expect(await burst()).toEqual([]);
  await number({});
});

test('held messages go out later, or fail when their quality was found wanting', async () => {
  await simulator.sim('PUT', '/faults', { ...FAST, held: { every: 1, release_ms: 50 } });
  expect(await offer('good')).toBe('held_for_quality_assessment');
  await ended('good', ['sent', 'delivered', 'read']);
  const dropped = { every: 1, release_ms: 50, outcome: 'drop', code: 135000 };
  await simulator.sim('PUT', '/faults', { ...FAST, held: dropped });
  expect(await offer('bad')).toBe('held_for_quality_assessment');
  await ended('bad', [135000]);
});

test('a new marketing template is paced: the first go out, the next wait for the verdict', async () => {
  const pacing = { threshold: 2, decide_ms: 100 };
  await simulator.sim('PUT', '/faults', { ...FAST, pacing });
  const answers: unknown[] = [];
  for (const reference of ['1', '2', '3', '4']) answers.push(await offer(reference));
  expect(answers).toEqual([
    'accepted',
    'accepted',
    'held_for_quality_assessment',
    'held_for_quality_assessment',
  ]);
  await ended('4', ['sent', 'delivered', 'read']);
  expect(await offer('5')).toBe('accepted');

  await simulator.sim('PUT', '/faults', { ...FAST, pacing: { ...pacing, outcome: 'drop' } });
  for (const reference of ['6', '7', '8']) await offer(reference);
  await ended('8', [132015]);
  await ended('6', ['sent', 'delivered', 'read']);
  expect((await simulator.post(templatePost(TO, 'plain', []))).json.error?.code).toBe(132015);
  await eventually(() =>
    expect(receiver.updates('template_status')).toMatchObject([{ event: 'PAUSED' }]),
  );
  await simulator.sim('PUT', '/templates', [{ name: 'plain', status: 'APPROVED' }]);
});

test('marketing to the United States can be switched off, as it is', async () => {
  await simulator.sim('PUT', '/faults', { ...FAST, us_marketing_blocked: true });
  await offer('us');
  await offer('de', '+4915112345678');
  await ended('us', [131049]);
  await ended('de', ['sent', 'delivered', 'read']);
});

test('numbers that are not registered or are blocked send nothing', async () => {
  await number({ registered: false });
  expect((await say()).json.error?.code).toBe(133010);
  await number({ canSend: 'BLOCKED' });
  expect((await say()).json.error?.code).toBe(131031);
  await number({});
});

test('a reaction needs a message to react to, and reports sent alone', async () => {
  const react = (message_id: string, reference: string) =>
    simulator.post({
      messaging_product: 'whatsapp',
      to: TO,
      type: 'reaction',
      reaction: { message_id, emoji: '👍' },
      biz_opaque_callback_data: reference,
    });
  const { id } = await write();
  await react('wamid.nothing', 'none');
  await react(id, 'first');
  await ended('none', [131009]);
  await ended('first', ['sent']);
  await simulator.sim('PUT', '/clock', { offset_ms: 31 * 24 * HOUR });
  await write();
  await react(id, 'late');
  await ended('late', [131009]);
});

test('links that cannot be fetched and files of another kind fail after they were accepted', async () => {
  await write();
  const send = (reference: string, type: string, media: object) =>
    simulator.post({
      messaging_product: 'whatsapp',
      to: TO,
      type,
      [type]: media,
      biz_opaque_callback_data: reference,
    });
  await send('gone', 'image', { link: 'https://nowhere.invalid/a.png' });
  await ended('gone', [131053]);
  const form = new FormData();
  form.append('messaging_product', 'whatsapp');
  form.append('file', new Blob(['%PDF'], { type: 'application/pdf' }), 'a.pdf');
  const { json } = await simulator.call('POST', '/v24.0/1001/media', form);
  await send('pdf', 'image', { id: json.id });
  await ended('pdf', [131053]);
  await send('document', 'document', { id: json.id });
  await ended('document', ['sent', 'delivered', 'read']);
});

test('a voice message is played, and some messages are read without being delivered', async () => {
  await write();
  await simulator.sim('PUT', '/faults', { ...FAST, skip_delivered_every: 1 });
  await simulator.post({
    messaging_product: 'whatsapp',
    to: TO,
    type: 'audio',
    audio: { link: 'https://example.com/a.ogg', voice: true },
  });
  await eventually(async () =>
    expect(await simulator.sim('GET', '/stats')).toMatchObject({
      statuses: { sent: 1, delivered: 0, read: 1, played: 1 },
    }),
  );
});

test('the price is told by sent and by delivered, or by read where delivered is skipped', async () => {
  const priced = () =>
    receiver.updates('status').flatMap(({ status, charge }) => (charge?.pricing ? status : []));
  await offer('usual');
  await ended('usual', ['sent', 'delivered', 'read']);
  expect(priced()).toEqual(['sent', 'delivered']);
  receiver.posts.splice(0);
  await simulator.sim('PUT', '/faults', { ...FAST, skip_delivered_every: 1 });
  await offer('open');
  await ended('open', ['sent', 'read']);
  expect(priced()).toEqual(['sent', 'read']);
});

describe.each(Object.keys(FLAVOURS) as Flavour[])('%s', (flavour) => {
  const path = `${FLAVOURS[flavour].number}/block_users`;
  const to = flavour === 'cloud_api' ? '1001' : '1002';
  const users = (...given: string[]) => ({
    messaging_product: 'whatsapp',
    block_users: given.map((user) => ({ user })),
  });

  test('users who wrote within a day are blocked, listed and unblocked', async () => {
    await simulator.sim('POST', '/inbound', { from: TO, to, text: 'Hi' });
    expect(await simulator.call('POST', path, users(TO))).toEqual({
      status: 200,
      json: {
        messaging_product: 'whatsapp',
        block_users: { added_users: [{ input: TO, wa_id: '14155550100' }] },
      },
    });
    expect((await simulator.call('GET', path)).json).toMatchObject({
      data: [{ wa_id: '14155550100' }],
    });
    const silent = await simulator.sim('POST', '/inbound', { from: TO, to, text: 'Hello?' });
    expect(silent).toMatchObject({ blocked: true });
    expect((await simulator.call('DELETE', path, users(TO))).status).toBe(200);
    expect((await simulator.call('GET', path)).json.data).toEqual([]);
  });

  test('others are not, and the answer says which', async () => {
    const { status, json } = await simulator.call('POST', path, users(TO, 'nobody'));
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error: { code: 139100 },
      block_users: {
        added_users: [],
        failed_users: [{ errors: [{ code: 131047 }] }, { errors: [{ code: 131021 }] }],
      },
    });
    expect((await simulator.call('POST', path, { block_users: [] })).json.error?.code).toBe(100);
  });
});

test('messages to a user whom the number has blocked fail', async () => {
  await write();
  await simulator.call('POST', '/v24.0/1001/block_users', {
    messaging_product: 'whatsapp',
    block_users: [{ user: TO }],
  });
  await offer('blocked');
  await ended('blocked', [131026]);
});

test("360dialog's webhook is read and set over its own API", async () => {
  await simulator.sim('PUT', '/numbers', [D360_NUMBER]);
  const path = '/v1/configs/webhook';
  expect((await simulator.call('GET', path)).json).toMatchObject({ url: '' });
  expect((await simulator.call('POST', path, { url: 'nowhere' })).status).toBe(400);
  const set = { url: receiver.url, headers: { authorization: 'Basic mine' } };
  expect(await simulator.call('POST', path, set)).toEqual({ status: 200, json: set });
  await simulator.sim('POST', '/inbound', { from: TO, to: '1002', text: 'Hi' });
  await eventually(() =>
    expect(receiver.posts[0]?.headers).toMatchObject({ authorization: 'Basic mine' }),
  );
});

test("Meta's number says what is asked of it", async () => {
  await number({ dailyLimit: 250, quality: 'YELLOW' });
  const { json } = await simulator.call('GET', '/v24.0/1001');
  expect(json).toEqual({
    id: '1001',
    display_phone_number: '+15550001001',
    verified_name: 'Simulated business',
    quality_rating: 'YELLOW',
    throughput: { level: 'STANDARD' },
  });
  const limit = 'whatsapp_business_manager_messaging_limit';
  const asked = await simulator.call('GET', `/v24.0/1001?fields=${limit}`);
  expect(asked.json).toEqual({ id: '1001', [limit]: 'TIER_250' });
  const odd = await simulator.call('GET', '/v24.0/1001?fields=colour');
  expect(odd.json.error?.code).toBe(100);
  await number({});
});
