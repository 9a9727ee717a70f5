import {
  META_NUMBER,
  startSimulator,
  templatePost,
  type TestSimulator,
} from '../support/simulator';

const TO = '+14155550100';
const text = (body: unknown) => ({
  messaging_product: 'whatsapp',
  to: TO,
  type: 'text',
  text: { body },
});
const named = [{ type: 'text', parameter_name: 'first_name', text: 'Ann' }];
let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.sim('POST', '/reset'));
afterAll(() => simulator.close());

test('a template is accepted with a wamid that holds the recipient', async () => {
  const { status, json } = await simulator.post(templatePost(TO));
  expect(status).toBe(200);
  expect(json).toEqual({
    messaging_product: 'whatsapp',
    contacts: [{ input: TO, wa_id: '14155550100' }],
    messages: [{ id: expect.stringMatching(/^wamid\./), message_status: 'accepted' }],
  });
  const [message] = json.messages as { id: string }[];
  expect(Buffer.from(message?.id.slice(6) ?? '', 'base64').toString('latin1')).toContain(
    '14155550100',
  );
});

test('free-form messages carry no message_status, and named parameters fit by name', async () => {
  const free = await simulator.post(text('Hi'));
  expect(free.json.messages).toEqual([{ id: expect.any(String) }]);
  expect((await simulator.post(templatePost(TO, 'named', named))).status).toBe(200);
});

test.each<[string, object | string, number, number]>([
  ['no JSON', '{', 400, 100],
  ['the sender itself', { ...text('x'), to: META_NUMBER.phone }, 400, 131021],
  ['an unknown template', templatePost(TO, 'nobody'), 404, 132001],
  ['a group', { ...text('x'), recipient_type: 'group' }, 400, 100],
])('%s is refused', async (_what, body, status, code) => {
  const answer = await simulator.post(body);
  expect([answer.status, answer.json.error?.code]).toEqual([status, code]);
});

test('a wrong token, a missing one and an unknown number are refused', async () => {
  const wrong = await simulator.post(text('x'), { headers: { authorization: 'Bearer other' } });
  expect([wrong.status, wrong.json.error?.code]).toEqual([401, 190]);
  const none = await simulator.post(text('x'), { headers: {} });
  expect([none.status, none.json.error?.code]).toEqual([401, 190]);
  const unknown = await simulator.post(text('x'), { path: '/v24.0/999/messages' });
  expect(unknown).toMatchObject({ status: 400, json: { error: { code: 100, error_subcode: 33 } } });
  const key = await simulator.post(text('x'), {
    path: '/messages',
    headers: { 'd360-api-key': 'no' },
  });
  expect(key).toMatchObject({ status: 401, json: { error: 'Invalid API key' } });
});

test('a read mark is answered and is no message', async () => {
  const received = { from: TO, to: META_NUMBER.phoneNumberId, text: 'Hi' };
  const { id } = await simulator.sim<{ id: string }>('POST', '/inbound', received);
  const mark = { messaging_product: 'whatsapp', status: 'read', message_id: id };
  expect(await simulator.post(mark)).toEqual({ status: 200, json: { success: true } });
  expect(await simulator.sim('GET', '/stats')).toMatchObject({ requests: 1, accepted: 0 });
});

test('beyond the rate of the number comes 130429, and the busiest second is measured', async () => {
  await simulator.sim('PUT', '/faults', { rate_per_second: 5 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => simulator.post(templatePost(TO))),
  );
  const accepted = answers.filter(({ status }) => status === 200).length;
  expect(accepted).toBeGreaterThanOrEqual(5);
  expect(accepted).toBeLessThan(10);
  expect(await simulator.sim('GET', '/stats')).toMatchObject({
    requests: 20,
    accepted,
    rejected: { '130429': 20 - accepted },
    busiest_second: { count: accepted, phone_number_id: '1001' },
  });
});

test('the pair limit lets 45 messages through to one user', async () => {
  await simulator.sim('PUT', '/faults', { pair_limit: true });
  const answers = await Promise.all(
    Array.from({ length: 47 }, () => simulator.post(templatePost(TO))),
  );
  const codes = answers.flatMap(({ json }) => json.error?.code ?? []);
  expect(codes).toEqual([131056, 131056]);
  expect((await simulator.post(templatePost('+14155550111'))).status).toBe(200);
});

test('faults strike every nth time and by recipient, and are mended by an empty set', async () => {
  await simulator.sim('PUT', '/faults', {
    reject: { code: 131016, every: 3 },
    recipients: { '14155550177': 131048 },
    suffixes: { '88': { code: 100, via: 'response' } },
  });
  const statuses = [];
  for (let n = 0; n < 6; n += 1) statuses.push((await simulator.post(templatePost(TO))).status);
  expect(statuses).toEqual([200, 200, 500, 200, 200, 500]);
  expect((await simulator.post(templatePost('+14155550177'))).json.error?.code).toBe(131048);
  expect((await simulator.post(templatePost('+14155550188'))).json.error?.code).toBe(100);
  await simulator.sim('PUT', '/faults', {});
  expect((await simulator.post(templatePost('+14155550177'))).status).toBe(200);
});

test('a message repeated with its reference counts as a duplicate', async () => {
  const message = { ...templatePost(TO), biz_opaque_callback_data: 'r1' };
  await simulator.post(message);
  await simulator.post(message);
  await simulator.post({ ...message, biz_opaque_callback_data: 'r2' });
  await simulator.post({ ...message, to: '+14155550199' });
  expect(await simulator.sim('GET', '/stats')).toMatchObject({
    accepted: 4,
    distinct_recipients: 2,
    repeated_recipients: 1,
    max_messages_per_recipient: 3,
    duplicates: 1,
    template_repeats: 2,
    posts_in_flight: 0,
    last_post_at: expect.stringMatching(/^20/),
  });
});

test('the control API refuses what it does not know', async () => {
  await expect(simulator.sim('PUT', '/faults', { latency: 5 })).rejects.toThrow('latency');
  await expect(simulator.sim('GET', '/nothing')).rejects.toThrow('No route');
  await expect(simulator.sim('POST', '/inbound', { from: '1', to: '2' })).rejects.toThrow(
    'No number',
  );
});
