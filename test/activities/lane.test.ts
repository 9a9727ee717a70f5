import { setTimeout as sleep } from 'node:timers/promises';
import { DateTime } from 'luxon';
import type { Db } from '../../db/connect';
import { takeLane } from '../../db/lane';
import type { OutboundMessage } from '../../domain/ports';
import { sendMessages } from '../../usecases/message';
import { messageStates, openWindow, sendTexts, text } from '../support/direct';
import { eventually } from '../support/eventually';
import { accepted, type ScriptedProvider } from '../support/scriptedProvider';
import { openSending, type SendingGround } from '../support/sendingGround';

let ground: SendingGround;
let db: Db;

beforeAll(async () => {
  ground = await openSending();
  db = ground.db;
});

afterAll(() => ground.close());

const ADA = '+14155550001';
const BOB = '+14155550002';

const stage = (
  answer: Parameters<SendingGround['stage']>[0] = accepted,
  options: Parameters<SendingGround['stage']>[1] = {},
) => ground.stage(answer, { recipients: 0, lingerMs: 400, ...options });

const bodies = ({ posts }: ScriptedProvider) =>
  posts.map(({ content }) => (content.type === 'text' ? content.body : content.type));

const statuses = async (ids: string[]) =>
  (await messageStates(db, ids)).map(({ status, reason }) =>
    reason === null ? status : `${status} ${reason}`,
  );

test('sends what is queued, once, and falls asleep', async () => {
  const scene = await stage();
  await openWindow(db, scene.world, ADA);
  const ids = await sendTexts(ground.usecases, scene.world, ADA, 'Hello', 'How are you?');
  expect(await scene.runLane()).toMatchObject({ state: 'idle', nextDueAt: null, sent: 2 });
  expect(bodies(scene.provider)).toEqual(['Hello', 'How are you?']);
  expect(await statuses(ids)).toEqual(['sent', 'sent']);
  expect(scene.provider.posts[0]).toMatchObject({ to: ADA, reference: `m.${ids[0]}` });
  expect(await scene.runLane()).toMatchObject({ state: 'idle', sent: 0 });
  expect(scene.deps.slots.takeNow(100)).toBe(64);
});

test('writes the attempt before the POST, and the conversation waits for the customer after it', async () => {
  const seen: string[] = [];
  const scene = await stage(async (message) => {
    const id = message.reference.slice(2);
    seen.push(...(await statuses([id])));
    return accepted(message);
  });
  const conversation = await openWindow(db, scene.world, ADA);
  await sendTexts(ground.usecases, scene.world, ADA, 'Hello');
  await scene.runLane();
  expect(seen).toEqual(['claimed']);
  const row = await db
    .selectFrom('conversations')
    .select(['status', 'last_outbound_at'])
    .where('id', '=', conversation)
    .executeTakeFirstOrThrow();
  expect(row.status).toBe('pending_customer');
  expect(row.last_outbound_at).not.toBeNull();
});

test('keeps the order within a conversation, and lets others pass', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const scene = await stage(async (message) => {
    if (message.to === ADA && message.content.type === 'text' && message.content.body === 'first') {
      await held;
    }
    return accepted(message);
  });
  await openWindow(db, scene.world, ADA);
  await openWindow(db, scene.world, BOB);
  await sendTexts(ground.usecases, scene.world, ADA, 'first', 'second', 'third');
  await sendTexts(ground.usecases, scene.world, BOB, 'to Bob', 'to Bob again');
  const running = scene.runLane();
  await eventually(() => expect(bodies(scene.provider)).toContain('to Bob again'));
  expect(bodies(scene.provider)).toEqual(['first', 'to Bob', 'to Bob again']);
  release();
  await running;
  expect(bodies(scene.provider).slice(3)).toEqual(['second', 'third']);
});

test('a provider that is slower than the lane is patient does not end it', async () => {
  const slow = async (message: OutboundMessage) => {
    await sleep(200);
    return accepted(message);
  };
  const scene = await stage(slow, { lingerMs: 50 });
  await openWindow(db, scene.world, ADA);
  await sendTexts(ground.usecases, scene.world, ADA, 'first', 'second');
  expect(await scene.runLane()).toMatchObject({ state: 'idle', sent: 2 });
});

test('a message that has to be tried again keeps its place', async () => {
  let refusals = 1;
  const scene = await stage((message) =>
    refusals-- > 0 ? { kind: 'rejected', code: 131056, detail: 'pair' } : accepted(message),
  );
  await openWindow(db, scene.world, ADA);
  const ids = await sendTexts(ground.usecases, scene.world, ADA, 'first', 'second');
  const result = await scene.runLane();
  expect(result.state).toBe('idle');
  expect(result.nextDueAt).toBeGreaterThan(Date.now());
  expect(await statuses(ids)).toEqual(['pending 131056', 'pending']);
  await db
    .updateTable('send_queue')
    .set({ next_attempt_at: new Date(0) })
    .where('message_id', '=', ids[0]!)
    .execute();
  expect(await scene.runLane()).toMatchObject({ state: 'idle', sent: 2 });
  expect(bodies(scene.provider)).toEqual(['first', 'first', 'second']);
});

test('a message that is put off for a day does not hold up the others', async () => {
  const scene = await stage((message) =>
    message.content.type === 'template'
      ? { kind: 'rejected', code: 131049, detail: 'not now' }
      : accepted(message),
  );
  await openWindow(db, scene.world, ADA);
  const { template, sender } = scene.world;
  const [marketing] = await sendMessages(ground.usecases, sender, [
    {
      recipient: { phone: ADA, bsuid: null },
      content: { type: 'template', name: template.name, language: 'en', components: [] },
      text: template.body,
      template,
    },
  ]);
  const [reply] = await sendTexts(ground.usecases, scene.world, ADA, 'a reply');
  await scene.runLane();
  expect(await statuses([marketing!, reply!])).toEqual(['pending 131049', 'sent']);
});

test('hears of messages that come while it listens', async () => {
  const scene = await stage(accepted, { lingerMs: 2_000 });
  await openWindow(db, scene.world, ADA);
  const running = scene.runLane();
  await eventually(async () => {
    const lane = await db
      .selectFrom('sender_lanes')
      .select('awake')
      .where('sender_id', '=', scene.world.sender.id)
      .executeTakeFirst();
    expect(lane?.awake).toBe(true);
  });
  await sendTexts(ground.usecases, scene.world, ADA, 'now');
  await eventually(() => expect(bodies(scene.provider)).toEqual(['now']));
  // A lane that listens needs no signal.
  const signals = await db
    .selectFrom('workflow_signals')
    .select('signal')
    .where('workflow_id', '=', `sender/${scene.world.sender.id}`)
    .execute();
  expect(signals).toEqual([]);
  expect(await running).toMatchObject({ state: 'idle', sent: 1 });
});

test('no message is missed between a lane that falls asleep and who writes meanwhile', async () => {
  const scene = await stage(accepted, { lingerMs: 1 });
  await openWindow(db, scene.world, ADA);
  const ids: string[] = [];
  let writing = true;
  const writer = (async () => {
    for (let n = 0; n < 60; n += 1) {
      ids.push(...(await sendTexts(ground.usecases, scene.world, ADA, `message ${n}`)));
      await sleep(n % 7);
    }
    writing = false;
  })();
  const told = async () => {
    const { numDeletedRows } = await db
      .deleteFrom('workflow_signals')
      .where('workflow_id', '=', `sender/${scene.world.sender.id}`)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  };
  // As the workflow does: the lane runs only when it was told of work, or left some.
  let needed = false;
  do {
    needed = (await told()) || needed;
    if (needed) needed = (await scene.runLane()).state === 'busy';
  } while (writing || needed);
  await writer;
  if (await told()) await scene.runLane();
  expect(new Set(await statuses(ids))).toEqual(new Set(['sent']));
  expect(bodies(scene.provider)).toEqual(ids.map((_, n) => `message ${n}`));
});

test('who opted out, and whose window closed, after the message was queued gets nothing', async () => {
  const scene = await stage();
  await openWindow(db, scene.world, ADA);
  const bobs = await openWindow(db, scene.world, BOB);
  const [toAda] = await sendTexts(ground.usecases, scene.world, ADA, 'to Ada');
  const [toBob] = await sendTexts(ground.usecases, scene.world, BOB, 'to Bob');
  await db
    .insertInto('blockers')
    .values({ sender_id: scene.world.sender.id, phone: ADA, source: 'inbound' })
    .execute();
  await db
    .updateTable('conversations')
    .set({ window_closes_at: new Date(Date.now() - 1) })
    .where('id', '=', bobs)
    .execute();
  await scene.runLane();
  expect(scene.provider.posts).toEqual([]);
  expect(await statuses([toAda!, toBob!])).toEqual([
    'skipped blocked',
    'failed outside_service_window',
  ]);
});

test('what a dead attempt had claimed becomes unknown and is never sent again', async () => {
  const scene = await stage();
  await openWindow(db, scene.world, ADA);
  const ids = await sendTexts(ground.usecases, scene.world, ADA, 'claimed', 'waiting');
  const dead = '00000000-0000-4000-8000-000000000001';
  await takeLane(db, scene.world.sender.id, dead);
  await db
    .updateTable('send_queue')
    .set({ lease: dead })
    .where('message_id', '=', ids[0]!)
    .execute();
  await db.updateTable('messages').set({ status: 'claimed' }).where('id', '=', ids[0]!).execute();
  await scene.runLane({ attempt: 2 });
  expect(bodies(scene.provider)).toEqual(['waiting']);
  expect(await statuses(ids)).toEqual(['unknown worker_lost', 'sent']);
});

test('an attempt that was taken over claims nothing more, and its late answers still count', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const scene = await stage(async (message) => {
    await held;
    return accepted(message);
  });
  await openWindow(db, scene.world, ADA);
  const [first] = await sendTexts(ground.usecases, scene.world, ADA, 'first');
  const zombie = scene.runLane();
  await eventually(() => expect(scene.provider.posts).toHaveLength(1));
  await takeLane(db, scene.world.sender.id, '00000000-0000-4000-8000-000000000002');
  expect(await statuses([first!])).toEqual(['unknown worker_lost']);
  const [second] = await sendTexts(ground.usecases, scene.world, ADA, 'second');
  release();
  expect(await zombie).toMatchObject({ state: 'busy' });
  expect(await statuses([first!, second!])).toEqual(['sent', 'pending']);
});

test('a number that the provider refuses is halted, and comes back when one message passes', async () => {
  let refused = true;
  const scene = await stage((message) =>
    refused ? { kind: 'rejected', code: 190, detail: 'token expired' } : accepted(message),
  );
  await openWindow(db, scene.world, ADA);
  const ids = await sendTexts(ground.usecases, scene.world, ADA, 'first', 'second');
  expect(await scene.runLane()).toMatchObject({ state: 'halted', reason: '190' });
  expect(await statuses(ids)).toEqual(['pending 190', 'pending']);
  expect(await scene.runLane()).toMatchObject({ state: 'halted' });
  expect(scene.provider.posts).toHaveLength(1);
  expect(await scene.runLane({ probe: true })).toMatchObject({ state: 'halted', reason: '190' });
  expect(scene.provider.posts).toHaveLength(2);
  refused = false;
  await db
    .updateTable('send_queue')
    .set({ next_attempt_at: new Date(0) })
    .execute();
  expect(await scene.runLane({ probe: true })).toMatchObject({ state: 'idle', sent: 2 });
  expect(await statuses(ids)).toEqual(['sent', 'sent']);
  const { health } = await db
    .selectFrom('senders')
    .select('health')
    .where('id', '=', scene.world.sender.id)
    .executeTakeFirstOrThrow();
  expect(health).toBe('active');
});

test('a number whose token was changed while its lane ran is tried with the new one', async () => {
  let changed = false;
  const scene = await stage(async (message) => {
    if (changed) return accepted(message);
    changed = true;
    await db
      .updateTable('senders')
      .set({ sealed_token: 'new', updated_at: DateTime.utc().plus(1).toJSDate() })
      .where('id', '=', scene.world.sender.id)
      .execute();
    return { kind: 'rejected', code: 190, detail: 'token expired' };
  });
  await openWindow(db, scene.world, ADA);
  const ids = await sendTexts(ground.usecases, scene.world, ADA, 'Hello');
  expect(await scene.runLane()).toMatchObject({ state: 'busy', reason: null });
  await db
    .updateTable('send_queue')
    .set({ next_attempt_at: new Date(0) })
    .execute();
  expect(await scene.runLane()).toMatchObject({ state: 'idle', sent: 1 });
  expect(await statuses(ids)).toEqual(['sent']);
});

test('a paused template fails its message and stops nobody else', async () => {
  const scene = await stage((message) =>
    message.content.type === 'template'
      ? { kind: 'rejected', code: 132015, detail: 'paused' }
      : accepted(message),
  );
  await openWindow(db, scene.world, BOB);
  const { template, sender } = scene.world;
  const [templated] = await sendMessages(ground.usecases, sender, [
    {
      recipient: { phone: ADA, bsuid: null },
      content: { type: 'template', name: template.name, language: 'en', components: [] },
      text: template.body,
      template,
    },
  ]);
  const [reply] = await sendTexts(ground.usecases, scene.world, BOB, 'hello');
  expect(await scene.runLane()).toMatchObject({ state: 'idle', sent: 1, failed: 1 });
  expect(await statuses([templated!, reply!])).toEqual(['failed 132015', 'sent']);
});

test('all of a request is queued, or none of it', async () => {
  const scene = await stage();
  await openWindow(db, scene.world, ADA);
  const refused = sendMessages(ground.usecases, scene.world.sender, [
    text(ADA, 'in the window'),
    text(BOB, 'never wrote'),
  ]);
  await expect(refused).rejects.toMatchObject({ code: 'outside_service_window' });
  const contacts = await db
    .selectFrom('contacts')
    .select('phone')
    .where('account_id', '=', scene.world.accountId)
    .execute();
  expect(contacts.map(({ phone }) => phone)).toEqual([ADA]);
  expect(await scene.runLane()).toMatchObject({ sent: 0 });
});
