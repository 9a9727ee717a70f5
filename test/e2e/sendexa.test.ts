import { request } from 'undici';
import { openDatabase, type Db } from '../../db/connect';
import { parseSendexaId } from '../../wire/sendexaId';
import { eventually } from '../support/eventually';
import { startTestStack, type TestStack } from '../support/stack';

let stack: TestStack;
let db: Db;

beforeAll(async () => {
  stack = await startTestStack();
  db = openDatabase(stack.stack.description().database, { max: 2 });
}, 120_000);

afterAll(async () => {
  await db?.destroy();
  await stack?.stop();
});

interface Answer {
  status: number;
  // The answer of whatever was asked for.
  // oxlint-disable-next-line typescript/no-explicit-any
  data: any;
}

/** As a program written for Sendexa: the token goes behind "Basic" as it was shown. */
async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const { api, keys } = stack.stack.description();
  const answer = await request(`${api}/v1/whatsapp${path}`, {
    method,
    headers: { Authorization: `Basic ${keys.sendexa}`, 'Content-Type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  // oxlint-disable-next-line typescript/no-explicit-any
  const json = (await answer.body.json()) as any;
  return { status: answer.statusCode, data: json.data ?? json };
}

const TO = '15554000001';
const UNREACHABLE = '15554000002';
const hello = (to: string) => ({
  to,
  type: 'template',
  template: { name: 'hello_world', language: { code: 'en_US' } },
});

async function becomes(messageId: string, status: string): Promise<Answer['data']> {
  return eventually(
    async () => {
      const { data } = await call('GET', `/status/${messageId}`);
      expect(data.status).toBe(status);
      return data;
    },
    { withinMs: 30_000 },
  );
}

test('a template, an answer, and a text in the window that it opens', async () => {
  await stack.simulator.faults({ read_rate: 0 });
  const sent = await call('POST', '/send', hello(TO));
  expect(sent).toMatchObject({ status: 200, data: { status: 'sent', to: TO, type: 'template' } });
  await becomes(sent.data.messageId, 'delivered');
  const text = { to: TO, type: 'text', text: { body: 'How can we help?' } };
  expect(await call('POST', '/send', text)).toMatchObject({ status: 403, data: { code: 'WA003' } });
  await stack.simulator.inbound(TO, 'Hello?');
  await eventually(
    async () => expect(await call('POST', '/send', text)).toMatchObject({ status: 200 }),
    { withinMs: 20_000 },
  );
  const { data } = await call('GET', `/numbers/check?phone=${TO}`);
  expect(data).toMatchObject({ isWhatsApp: true, source: 'memory' });
});

test('what failed is resent in its time: the timer of the sender’s workflow wakes its lane', async () => {
  await stack.simulator.faults({ read_rate: 0, recipients: { [UNREACHABLE]: 131026 } });
  const { data: first } = await call('POST', '/send', hello(UNREACHABLE));
  const failed = await becomes(first.messageId, 'failed');
  expect(failed.error).toMatchObject({ code: 'WA002' });
  const { data } = await call('GET', `/numbers/check?phone=${UNREACHABLE}`);
  expect(data).toMatchObject({ isWhatsApp: false, source: 'memory' });

  // The customer has a new phone, and the failure was 50 seconds ago.
  await stack.simulator.faults({ read_rate: 0 });
  await db
    .updateTable('messages')
    .set({ updated_at: new Date(Date.now() - 50_000) })
    .where('id', '=', parseSendexaId('exa_wa', first.messageId)!)
    .execute();
  const resend = await call('POST', '/resend', { messageId: first.messageId });
  expect(resend).toMatchObject({ status: 202, data: { status: 'pending', resendAttempt: 1 } });
  await becomes(resend.data.messageId, 'delivered');
});

test('the own number, with the quality that the provider tells', async () => {
  const { status, data } = await call('GET', '/numbers');
  expect({ status, data }).toMatchObject({
    status: 200,
    data: { numbers: [{ displayName: 'MyBusiness', status: 'CONNECTED' }], total: 1 },
  });
});
