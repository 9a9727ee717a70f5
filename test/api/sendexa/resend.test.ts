import { parseSendexaId } from '../../../wire/sendexaId';
import { openWindow } from '../../support/direct';
import { eventually } from '../../support/eventually';
import { accepted } from '../../support/scriptedProvider';
import {
  expectError,
  RESEND,
  SEND,
  startSendexa,
  status,
  type SendexaWorld,
} from '../../support/sendexa';

let sendexa: SendexaWorld;

beforeAll(async () => {
  sendexa = await startSendexa();
});

beforeEach(() => sendexa.answerWith(accepted));

afterAll(() => sendexa.close());

let customers = 0;

/** A customer's number whose window is open. */
async function customer(): Promise<string> {
  const to = String(233244100000 + customers++);
  await openWindow(sendexa.db, sendexa.world, `+${to}`);
  return to;
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** Lets the failure of a message, or its first sending, lie in the past. */
async function age(messageId: string, values: { updated_at?: Date; created_at?: Date }) {
  await sendexa.db
    .updateTable('messages')
    .set(values)
    .where('id', '=', parseSendexaId('exa_wa', messageId)!)
    .execute();
}

interface Failed {
  to: string;
  messageId: string;
}

/** A message that failed so many minutes ago. */
async function failedMessage(minutes: number, code = 131000): Promise<Failed> {
  const to = await customer();
  const body = { to, type: 'text', text: { body: 'Hello', preview_url: true } };
  const { messageId } = (await sendexa.call('POST', SEND, body)).body.data;
  await sendexa.report(messageId, 'failed', { code });
  await age(messageId, { updated_at: minutesAgo(minutes) });
  return { to, messageId };
}

const read = async (messageId: string) => (await sendexa.call('GET', status(messageId))).body.data;

test.each([
  ['by its body', (messageId: string) => sendexa.call('POST', RESEND, { messageId })],
  ['by its path', (messageId: string) => sendexa.call('POST', `${RESEND}/${messageId}`)],
])('a failed message is sent again, named %s, with its content', async (_label, resend) => {
  const { to, messageId } = await failedMessage(2);
  const answer = await resend(messageId);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    success: true,
    message: 'WhatsApp message resent successfully',
    data: {
      messageId: expect.stringMatching(/^exa_wa_[0-9a-f]{32}$/),
      originalMessageId: messageId,
      wamid: expect.stringMatching(/^wamid\./),
      status: 'sent',
      to,
      type: 'text',
      resendAttempt: 1,
      cost: 1,
      deliveredAt: null,
    },
  });
  expect(sendexa.provider.posts.at(-1)).toMatchObject({
    to: `+${to}`,
    content: { type: 'text', body: 'Hello', previewUrl: true },
  });
  const resent = answer.body.data.messageId;
  await sendexa.report(resent, 'delivered');
  expect(await read(resent)).toMatchObject({
    messageId: resent,
    status: 'delivered',
    originalMessageId: messageId,
    resendAttempt: 1,
  });
  expect(await read(messageId)).toMatchObject({ messageId, status: 'failed' });
});

test('what is told to have arrived after it was resent is not resent again', async () => {
  const { messageId } = await failedMessage(2);
  const resent = (await sendexa.call('POST', RESEND, { messageId })).body.data.messageId;
  await sendexa.report(resent, 'failed', { code: 131000 });
  await sendexa.report(messageId, 'delivered');
  await age(resent, { updated_at: minutesAgo(90) });
  const again = await sendexa.call('POST', RESEND, { messageId: resent });
  expectError(again, 400, 'NOT_RESENDABLE');
});

test('one that comes too early is scheduled, and goes out in its time', async () => {
  const { messageId } = await failedMessage(0);
  const posts = sendexa.provider.posts.length;
  const { status: code, body } = await sendexa.call('POST', RESEND, { messageId });
  expect({ code, data: body.data }).toMatchObject({
    code: 202,
    data: { status: 'pending', resendAttempt: 1, scheduledAt: expect.any(String) },
  });
  const wait = new Date(body.data.scheduledAt).getTime() - Date.now();
  expect(wait).toBeGreaterThan(50_000);
  expect(wait).toBeLessThan(61_000);
  expect(sendexa.provider.posts).toHaveLength(posts);
  expectError(await sendexa.call('POST', RESEND, { messageId }), 409, 'RESEND_IN_PROGRESS');
  const id = parseSendexaId('exa_wa', body.data.messageId)!;
  await sendexa.db
    .updateTable('send_queue')
    .set({ next_attempt_at: new Date() })
    .where('message_id', '=', id)
    .execute();
  await eventually(async () =>
    expect(await read(body.data.messageId)).toMatchObject({ status: 'sent' }),
  );
});

test('what is said meanwhile does not wait for a scheduled resend', async () => {
  const { to, messageId } = await failedMessage(0);
  expect((await sendexa.call('POST', RESEND, { messageId })).status).toBe(202);
  const reply = { to, type: 'text', text: { body: 'One thing more' } };
  expect(await sendexa.call('POST', SEND, reply)).toMatchObject({
    status: 200,
    body: { data: { status: 'sent' } },
  });
});

test('attempts wait 1, 5, 15, 30 and 60 minutes, count on the first message, and end at five', async () => {
  const { messageId } = await failedMessage(2);
  let last = messageId;
  for (const [index, minutes] of [1, 5, 15, 30, 60].entries()) {
    await age(last, { updated_at: minutesAgo(minutes - 0.5) });
    const due = Date.now() + 30_000;
    // A resend of a resend is one of the first message.
    const early = await sendexa.call('POST', RESEND, { messageId: last });
    expect(early).toMatchObject({
      status: 202,
      body: { data: { originalMessageId: messageId, resendAttempt: index + 1 } },
    });
    const scheduled = new Date(early.body.data.scheduledAt).getTime();
    expect(Math.abs(scheduled - due)).toBeLessThan(5_000);
    last = early.body.data.messageId;
    await sendexa.db
      .updateTable('send_queue')
      .set({ next_attempt_at: new Date() })
      .where('message_id', '=', parseSendexaId('exa_wa', last)!)
      .execute();
    await eventually(async () => expect(await read(last)).toMatchObject({ status: 'sent' }));
    await sendexa.report(last, 'failed', { code: 131000 });
  }
  await age(last, { updated_at: minutesAgo(90) });
  const sixth = await sendexa.call('POST', RESEND, { messageId });
  expectError(sixth, 400, 'NOT_RESENDABLE');
  expect(sixth.body.message).toContain('5 times');
});

test('after 48 hours a message cannot be resent', async () => {
  const { messageId } = await failedMessage(10);
  await age(messageId, { created_at: minutesAgo(48 * 60 + 1) });
  const answer = await sendexa.call('POST', RESEND, { messageId });
  expectError(answer, 400, 'NOT_RESENDABLE');
  expect(answer.body.message).toContain('48 hours');
});

describe('what has not failed is not resent', () => {
  test.each(['sent', 'delivered', 'read'] as const)('a message that was %s', async (state) => {
    const to = await customer();
    const sent = await sendexa.call('POST', SEND, { to, type: 'text', text: { body: 'x' } });
    const { messageId } = sent.body.data;
    if (state !== 'sent') await sendexa.report(messageId, state);
    expectError(await sendexa.call('POST', RESEND, { messageId }), 400, 'NOT_RESENDABLE');
  });

  test('a message whose outcome is not known', async () => {
    sendexa.answerWith(() => ({ kind: 'unknown', detail: 'timeout' }));
    const to = await customer();
    const sent = await sendexa.call('POST', SEND, { to, type: 'text', text: { body: 'x' } });
    const { messageId } = sent.body.data;
    const answer = await sendexa.call('POST', RESEND, { messageId });
    expectError(answer, 400, 'NOT_RESENDABLE');
  });

  test('a message whose resend arrived', async () => {
    const { messageId } = await failedMessage(2);
    const { body } = await sendexa.call('POST', RESEND, { messageId });
    await sendexa.report(body.data.messageId, 'delivered');
    expectError(await sendexa.call('POST', RESEND, { messageId }), 400, 'NOT_RESENDABLE');
  });
});

test('of concurrent resends one runs, and the others are told so', async () => {
  const { messageId } = await failedMessage(2);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  sendexa.answerWith(async (message) => {
    await held;
    return accepted(message);
  });
  const posts = sendexa.provider.posts.length;
  const answers = Array.from({ length: 5 }, () => sendexa.call('POST', RESEND, { messageId }));
  let settled = 0;
  for (const answer of answers) void answer.then(() => settled++);
  await eventually(() => expect(settled).toBe(4));
  release();
  const codes = (await Promise.all(answers)).map((answer) => answer.status);
  expect(codes.toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409, 409]);
  expect(sendexa.provider.posts).toHaveLength(posts + 1);
});

test('outside the window it stays failed with WA003, and costs no attempt', async () => {
  const { to, messageId } = await failedMessage(2, 131047);
  const close = (at: Date) =>
    sendexa.db
      .updateTable('conversations')
      .set({ window_closes_at: at })
      .where('contact_id', 'in', (contacts) =>
        contacts.selectFrom('contacts').select('id').where('phone', '=', `+${to}`),
      )
      .execute();
  await close(minutesAgo(1));
  expectError(await sendexa.call('POST', RESEND, { messageId }), 403, 'WA003');
  expect(await read(messageId)).toMatchObject({ status: 'failed', error: { code: 'WA003' } });
  await close(minutesAgo(-60));
  const again = await sendexa.call('POST', RESEND, { messageId });
  expect(again).toMatchObject({ status: 200, body: { data: { resendAttempt: 1 } } });
});

test('a resend that fails at once is an error that names it', async () => {
  const { messageId } = await failedMessage(2);
  sendexa.answerWith(() => ({ kind: 'rejected', code: 131026, detail: 'no' }));
  const answer = await sendexa.call('POST', RESEND, { messageId });
  expectError(answer, 400, 'WA002');
  const resent = await read(answer.body.data.messageId);
  expect(resent).toMatchObject({ status: 'failed', cost: 0, resendAttempt: 1 });
});

test('who has opted out meanwhile is not written to again', async () => {
  const { to, messageId } = await failedMessage(2);
  const blocker = { sender_id: sendexa.world.sender.id, phone: `+${to}`, source: 'inbound' };
  await sendexa.db.insertInto('blockers').values(blocker).execute();
  expectError(await sendexa.call('POST', RESEND, { messageId }), 403, 'RECIPIENT_OPTED_OUT');
});
