import { startCloud, type CloudStage, type Posted } from '../../support/cloud';
import { FREE_FORM_EXAMPLES, hello, NUMBER, TEMPLATE, TEXT } from '../../support/cloudCases';
import { messageStates } from '../../support/direct';
import { eventually } from '../../support/eventually';

let stage: CloudStage;

beforeAll(async () => {
  stage = await startCloud();
});

afterAll(() => stage.close());

const WAMID = /^wamid\.[\w+/=]+$/;

/** What reached the provider for a number, oldest first. */
const posted = async (to: string) =>
  (await stage.simulator.sim<{ messages: Posted[] }>('GET', `/messages?to=${to}`)).messages.sort(
    (a, b) => a.at.localeCompare(b.at),
  );

test.each(FREE_FORM_EXAMPLES)('$name, at both places', async ({ body }) => {
  await stage.wrote(`+${NUMBER}`);
  const d360 = await stage.d360('POST', '/messages', body);
  expect({ status: d360.status, body: d360.body }).toEqual({
    status: 200,
    body: {
      messaging_product: 'whatsapp',
      contacts: [{ input: NUMBER, wa_id: NUMBER }],
      messages: [{ id: expect.stringMatching(WAMID) }],
    },
  });
  const meta = await stage.meta('POST', '/1001/messages', body);
  expect(meta).toMatchObject({ status: 200, body: { contacts: d360.body.contacts } });
  const ids = [d360, meta].map((answer) => answer.body.messages[0].id);
  expect((await posted(NUMBER)).map(({ wamid }) => wamid)).toEqual(expect.arrayContaining(ids));
});

test('templates say how far they got, and need no window', async () => {
  const plain = await stage.d360('POST', '/messages', { ...TEMPLATE, to: '+1 (415) 555-0002' });
  expect(plain.body).toEqual({
    messaging_product: 'whatsapp',
    contacts: [{ input: '+1 (415) 555-0002', wa_id: '14155550002' }],
    messages: [{ id: expect.stringMatching(WAMID), message_status: 'accepted' }],
  });
  await stage.simulator.sim('PUT', '/faults', { held: { every: 1 } });
  const held = await stage.meta('POST', '/1001/messages', hello('Ann'));
  expect(held.body.messages[0]).toMatchObject({ message_status: 'held_for_quality_assessment' });
  await stage.simulator.sim('PUT', '/faults', {});
});

test("the client's own data stays here, ours travels", async () => {
  const to = '14155550003';
  await stage.wrote(`+${to}`);
  const body = { ...TEXT, to, biz_opaque_callback_data: 'order 7' };
  await stage.d360('POST', '/messages', body);
  const row = await stage.db
    .selectFrom('messages')
    .select(['id', 'client_data'])
    .where('direction', '=', 'outbound')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  expect(row.client_data).toBe('order 7');
  const [sent] = await posted(to);
  expect(sent!.body.biz_opaque_callback_data).toBe(`m.${row.id}`);
});

test('a text without a window is taken, and fails later with 131047', async () => {
  const answer = await stage.d360('POST', '/messages', { ...TEXT, to: '14155550004' });
  expect(answer).toMatchObject({ status: 200, body: { messages: [{ id: expect.any(String) }] } });
  const row = await stage.db
    .selectFrom('messages')
    .select(['id', 'status', 'error_code'])
    .where('cloud_id', '=', answer.body.messages[0].id)
    .executeTakeFirstOrThrow();
  expect(row).toMatchObject({ status: 'failed', error_code: 131047 });
  expect(await posted('14155550004')).toEqual([]);
});

test('nobody can react to a message that never left', async () => {
  const to = '14155550011';
  const failed = await stage.d360('POST', '/messages', { ...TEXT, to });
  const reaction = { message_id: failed.body.messages[0].id, emoji: '👍' };
  const answer = await stage.d360('POST', '/messages', {
    messaging_product: 'whatsapp',
    to,
    type: 'reaction',
    reaction,
  });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 131009 } } });
});

test('a message to somebody who has opted out is taken, and does not leave', async () => {
  const to = '14155550005';
  await stage.d360('POST', '/messages', { ...TEMPLATE, to });
  await stage.db
    .insertInto('blockers')
    .values({ sender_id: stage.world.sender.id, phone: `+${to}`, source: 'inbound' })
    .execute();
  const answer = await stage.d360('POST', '/messages', { ...TEMPLATE, to });
  expect(answer.status).toBe(200);
  expect(await posted(to)).toHaveLength(1);
});

test('what the provider refuses at once is refused here, with its code and status', async () => {
  const to = '14155550006';
  const refusal = (code: number) =>
    stage.simulator.sim('PUT', '/faults', { recipients: { [to]: { code, via: 'response' } } });
  await refusal(131026);
  const undeliverable = await stage.meta('POST', '/1001/messages', { ...TEMPLATE, to });
  expect(undeliverable).toMatchObject({
    status: 400,
    body: {
      error: {
        code: 131026,
        type: 'OAuthException',
        message: '(#131026) Message undeliverable',
        fbtrace_id: undeliverable.headers.get('X-Request-Id'),
      },
    },
  });
  const others = [
    [130497, 403],
    [131051, 400],
    [132015, 400],
  ] as const;
  for (const [code, status] of others) {
    await refusal(code);
    expect(await stage.d360('POST', '/messages', { ...TEMPLATE, to })).toMatchObject({
      status,
      body: { error: { code, type: 'OAuthException' } },
    });
  }
  await stage.simulator.sim('PUT', '/faults', {});
});

test.each([
  ['too fast for one user', 131056, '14155550021'],
  ['too fast for the number', 130429, '14155550022'],
])('what the provider finds %s is taken, and goes out later', async (_what, code, to) => {
  const recipients = { [to]: { code, via: 'response' } };
  await stage.simulator.sim('PUT', '/faults', { recipients });
  const answer = await stage.d360('POST', '/messages', { ...TEMPLATE, to });
  expect(answer).toMatchObject({
    status: 200,
    body: { messages: [{ id: expect.stringMatching(/^wamid\./) }] },
  });
  await stage.simulator.sim('PUT', '/faults', {});
  await eventually(async () => expect(await posted(to)).toHaveLength(1), { withinMs: 30_000 });
});

test('marketing messages go out through their own API, and are marketing templates alone', async () => {
  const to = '14155550007';
  const body = { ...hello('Ann'), to, message_activity_sharing: true };
  const sent = await stage.d360('POST', '/marketing_messages', body);
  const row = await stage.db
    .selectFrom('messages')
    .select(['marketing'])
    .where('direction', '=', 'outbound')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  expect(row.marketing).toEqual({ activitySharing: true });
  expect(sent.status).toBe(200);

  const utility = { ...TEMPLATE, to, template: { name: 'named', language: { code: 'en_US' } } };
  const wrapped = await stage.d360('POST', '/marketing_messages', { ...TEXT, to });
  expect(wrapped).toMatchObject({
    status: 400,
    body: {
      detail: { error: { code: 100, message: '(#100) Message must be a template message.' } },
    },
  });
  const named = {
    ...utility.template,
    components: [
      { type: 'body', parameters: [{ type: 'text', text: 'Ann', parameter_name: 'first_name' }] },
    ],
  };
  const other = await stage.meta('POST', '/1001/marketing_messages', {
    ...utility,
    template: named,
  });
  expect(other).toMatchObject({
    status: 400,
    body: {
      error: {
        code: 131055,
        message: '(#131055) Only marketing template messages are supported',
        error_data: { details: 'Only marketing template messages are supported' },
      },
    },
  });
});

test('customers known by an id alone can be written to', async () => {
  const recipient = 'US.13491208655302741918';
  const { to: _, ...body } = TEMPLATE;
  const answer = await stage.d360('POST', '/messages', { ...body, recipient });
  expect(answer.body.contacts).toEqual([{ input: recipient, user_id: recipient }]);
});

test('a repeated request with the same key is answered again and sent once', async () => {
  const to = '14155550008';
  const headers = { 'D360-API-KEY': stage.api.key, 'X-Dexatel-Key': '', 'Idempotency-Key': 'k1' };
  const send = () => stage.api.call('POST', '/messages', { ...TEMPLATE, to }, headers);
  const [first, again] = [await send(), await send()];
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('Idempotency-Replayed')).toBe('true');
  expect(await posted(to)).toHaveLength(1);
});

test('a customer’s message is marked as read, with and without typing', async () => {
  const from = '+14155550009';
  const { id } = await stage.simulator.sim<{ id: string }>('POST', '/inbound', {
    from,
    to: '1001',
    text: 'Hi',
  });
  await stage.received(from, id);
  const mark = { messaging_product: 'whatsapp', status: 'read', message_id: id };
  const read = await stage.d360('POST', '/messages', mark);
  expect({ status: read.status, body: read.body }).toEqual({
    status: 200,
    body: { success: true },
  });
  const typing = { ...mark, typing_indicator: { type: 'text' } };
  expect((await stage.meta('POST', '/1001/messages', typing)).body).toEqual({ success: true });
  for (const wrong of ['wamid.unknown', await sentId(from.slice(1))]) {
    const refused = await stage.d360('POST', '/messages', { ...mark, message_id: wrong });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  }
});

async function sentId(to: string): Promise<string> {
  const { body } = await stage.d360('POST', '/messages', { ...TEMPLATE, to });
  return body.messages[0].id;
}

describe('while the provider is slow', () => {
  const to = '14155550010';

  test('an id of ours is answered, and stands for the message from then on', async () => {
    const hasty = await startCloud({ patienceMs: 100 });
    try {
      await hasty.simulator.sim('PUT', '/faults', { latency_ms: 1500 });
      await hasty.wrote(`+${to}`);
      const answer = await hasty.d360('POST', '/messages', { ...TEXT, to });
      const { id } = answer.body.messages[0];
      expect(id).toMatch(WAMID);
      expect(id).not.toContain(Buffer.from(to).toString('base64').slice(2, 10));
      const reply = { ...TEXT, to, context: { message_id: id } };
      await hasty.d360('POST', '/messages', reply);
      const emoji = { ...TEXT, to, type: 'reaction', text: undefined };
      const thumb = { ...emoji, reaction: { message_id: id, emoji: '👍' } };
      const sent = await hasty.settled(2);
      expect(sent[1]!.body.context).toEqual({ message_id: sent[0]!.wamid });
      const reaction = await hasty.d360('POST', '/messages', thumb);
      expect(reaction.status).toBe(200);
      const all = await hasty.settled(3);
      expect(all[2]!.body.reaction).toEqual({ message_id: sent[0]!.wamid, emoji: '👍' });
      const rows = await hasty.db
        .selectFrom('messages')
        .select(['id', 'wamid', 'cloud_id'])
        .orderBy('id')
        .execute();
      expect(rows[0]).toMatchObject({ cloud_id: id, wamid: sent[0]!.wamid });
      expect(await messageStates(hasty.db, [rows[0]!.id])).toMatchObject([{ status: 'sent' }]);
    } finally {
      await hasty.close();
    }
  }, 40_000);
});
