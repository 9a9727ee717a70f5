import { verifySignature } from '../../wire/cloudApi';
import { eventually } from '../support/eventually';
import { startReceiver, type Receiver } from '../support/receiver';
import {
  D360_NUMBER,
  startSimulator,
  templatePost,
  type TestSimulator,
} from '../support/simulator';

const TO = '+14155550100';
const FAST = { sent_ms: 5, delivered_ms: 10, read_ms: 15, read_rate: 1 };
const WITHIN = { withinMs: 5000 };

let receiver: Receiver;
let simulator: TestSimulator;
beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startSimulator(receiver.url);
  await simulator.sim('PUT', '/faults', FAST);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const send = (to = TO, reference = 'r1') =>
  simulator.post({ ...templatePost(to), biz_opaque_callback_data: reference });
const words = () => receiver.updates('status').map(({ status }) => status);
const stats = () =>
  simulator.sim<{ webhooks: { waiting: number; failed_attempts: number } }>('GET', '/stats');

test('a message is sent, delivered and read, by signed webhooks in ASCII that echo the reference', async () => {
  await send();
  await eventually(() => expect(words()).toEqual(['sent', 'delivered', 'read']), WITHIN);
  for (const status of receiver.updates('status'))
    expect(status).toMatchObject({ reference: 'r1', recipientPhone: TO, phoneNumberId: '1001' });
  for (const post of receiver.posts) {
    const header = post.headers['x-hub-signature-256'];
    expect(verifySignature('app-secret', post.raw, String(header))).toBe(true);
    expect(post.raw.toString('latin1')).toMatch(/^[\x20-\x7e]*$/);
  }
});

test('a 360dialog number sends back its headers instead of a signature', async () => {
  const headers = { 'd360-api-key': D360_NUMBER.token };
  const text = { messaging_product: 'whatsapp', to: TO, type: 'text', text: { body: 'Hi' } };
  await simulator.post(text, { path: '/messages', headers });
  await eventually(() => expect(receiver.posts.length).toBeGreaterThan(0), WITHIN);
  expect(receiver.posts[0]?.headers).toMatchObject({ authorization: 'Basic hook' });
  expect(receiver.posts[0]?.headers).not.toHaveProperty('x-hub-signature-256');
});

test('a webhook that is not answered 200 comes again until it is', async () => {
  receiver.answer = (post) => (post <= 2 ? 503 : 200);
  await simulator.sim('PUT', '/faults', { ...FAST, delivered_rate: 0 });
  await send();
  await eventually(() => expect(words()).toEqual(['sent', 'sent', 'sent']), WITHIN);
  await eventually(async () => expect((await stats()).webhooks.waiting).toBe(0), WITHIN);
  expect((await stats()).webhooks.failed_attempts).toBe(2);
});

test('lost first attempts and duplicates still bring every status', async () => {
  await simulator.sim('PUT', '/faults', {
    ...FAST,
    webhook: { duplicate_every: 1, drop_first_attempt_every: 2, reorder: true, batch_size: 2 },
  });
  const recipients = Array.from({ length: 5 }, (_, n) => `+1415555020${n}`);
  for (const to of recipients) await send(to, to);
  await eventually(() => expect(words()).toHaveLength(30), { withinMs: 10_000 });
  for (const to of recipients) {
    const mine = receiver.updates('status').filter(({ reference }) => reference === to);
    expect(mine.map(({ status }) => status).toSorted()).toEqual([
      'delivered',
      'delivered',
      'read',
      'read',
      'sent',
      'sent',
    ]);
  }
});

test('unreachable and capped users fail by webhook, without contacts', async () => {
  await simulator.sim('PUT', '/faults', {
    ...FAST,
    recipients: { '14155550100': 131026 },
    per_user_cap: 1,
  });
  expect((await send()).status).toBe(200);
  await send('+14155550101');
  await send('+14155550101');
  await eventually(() => expect(words()).toHaveLength(5), WITHIN);
  const failed = receiver.updates('status').filter(({ status }) => status === 'failed');
  expect(
    failed.map(({ errorCode }) => errorCode).toSorted((a, b) => Number(a) - Number(b)),
  ).toEqual([131026, 131049]);
  const bodies = receiver.posts.map(({ raw }) => raw.toString());
  const changes = bodies.flatMap((body) => JSON.parse(body).entry[0].changes);
  for (const { value } of changes)
    expect('contacts' in value).toBe(value.statuses[0].status !== 'failed');
});

test('free-form text fails outside the window and passes once the customer wrote', async () => {
  const text = { messaging_product: 'whatsapp', to: TO, type: 'text', text: { body: 'Hi' } };
  expect((await simulator.post(text)).status).toBe(200);
  await eventually(
    () =>
      expect(receiver.updates('status')).toMatchObject([{ status: 'failed', errorCode: 131047 }]),
    WITHIN,
  );
  await simulator.sim('POST', '/inbound', {
    from: TO,
    to: '+15550001001',
    text: 'Hällo',
    profile_name: 'Ann',
  });
  await eventually(
    () =>
      expect(receiver.updates('inbound')).toMatchObject([
        { from: TO, type: 'text', profileName: 'Ann', raw: { text: { body: 'Hällo' } } },
      ]),
    WITHIN,
  );
  await simulator.post(text);
  await eventually(() => expect(words()).toEqual(['failed', 'sent', 'delivered', 'read']), WITHIN);
  await simulator.sim('PUT', '/clock', { offset_ms: 25 * 3_600_000 });
  await simulator.post(text);
  await eventually(() => expect(words().at(-1)).toBe('failed'), WITHIN);
});

test('a user who stopped marketing gets none', async () => {
  await simulator.sim('POST', '/inbound', {
    from: TO,
    to: '1001',
    type: 'user_preferences',
    value: 'stop',
  });
  await eventually(
    () => expect(receiver.updates('user_preference')).toMatchObject([{ phone: TO, value: 'stop' }]),
    WITHIN,
  );
  await send();
  await eventually(
    () => expect(receiver.updates('status')).toMatchObject([{ errorCode: 131050 }]),
    WITHIN,
  );
});

test('templates are reviewed, rejected by name, and paused by configuration', async () => {
  const submit = (name: string) =>
    simulator.post(
      { name, language: 'de', category: 'UTILITY', components: [{ type: 'BODY', text: 'Hallo' }] },
      { path: '/v24.0/2001/message_templates' },
    );
  expect((await submit('fresh')).json).toMatchObject({ status: 'PENDING', category: 'UTILITY' });
  await submit('reject_me');
  const events = () => receiver.updates('template_status').map(({ name, event }) => [name, event]);
  await eventually(
    () =>
      expect(events()).toEqual([
        ['fresh', 'APPROVED'],
        ['reject_me', 'REJECTED'],
      ]),
    WITHIN,
  );
  await simulator.sim('PUT', '/templates', [{ name: 'hello', status: 'PAUSED' }]);
  await eventually(() => expect(events().at(-1)).toEqual(['hello', 'PAUSED']), WITHIN);
  expect((await send()).json.error?.code).toBe(132015);
});

test('a held template reports only after its release', async () => {
  await simulator.sim('PUT', '/faults', { ...FAST, held: { every: 1, release_ms: 100 } });
  const { json } = await send();
  expect(json.messages).toMatchObject([{ message_status: 'held_for_quality_assessment' }]);
  await eventually(() => expect(words()).toEqual(['sent', 'delivered', 'read']), WITHIN);
});

test('shares of deliveries and reads come out exactly', async () => {
  await simulator.sim('PUT', '/faults', { ...FAST, delivered_rate: 0.5, read_rate: 0 });
  await Promise.all(Array.from({ length: 100 }, (_, n) => send(`+1415556${1000 + n}`)));
  await eventually(
    () => expect(words().filter((word) => word === 'delivered')).toHaveLength(50),
    WITHIN,
  );
  expect(words().filter((word) => word === 'sent')).toHaveLength(100);
});

test('the subscription handshake is verified, and a reset forgets what was under way', async () => {
  expect(await simulator.sim('POST', '/verify', { phone_number_id: '1001' })).toMatchObject({
    verified: true,
  });
  await send();
  await simulator.sim('POST', '/reset');
  expect(await simulator.sim('GET', '/stats')).toMatchObject({
    accepted: 0,
    statuses: { sent: 0 },
    webhooks: { waiting: 0 },
  });
});
