import type { Db } from '../../db/connect';
import type { SendOutcome } from '../../domain/ports';
import { sendMessages, type DirectMessage } from '../../usecases/message';
import { messageStates, sendTexts } from '../support/direct';
import { change, deliver, inboundBody, seconds, text } from '../support/inbound';
import { accepted } from '../support/scriptedProvider';
import { openSending, type SendingGround, type SendingStage } from '../support/sendingGround';

let ground: SendingGround;
let db: Db;

beforeAll(async () => {
  ground = await openSending();
  db = ground.db;
});
afterAll(() => ground.close());

/** A marketing template to each of these users, whose numbers nobody knows. */
function send({ world }: SendingStage, bsuids: readonly string[]): Promise<string[]> {
  const { sender, template } = world;
  const messages = bsuids.map((bsuid): DirectMessage => ({
    recipient: { phone: null, bsuid },
    content: { type: 'template', name: template.name, language: 'en_US', components: [] },
    text: 'Hello!',
    template,
  }));
  return sendMessages(ground.usecases, sender, messages);
}

const blocked = async ({ world }: SendingStage) => {
  const { id } = world.sender;
  const query = db.selectFrom('blockers').select('phone').where('sender_id', '=', id);
  return (await query.orderBy('phone').execute()).map(({ phone }) => phone);
};

test('two of them who have stopped marketing at the provider are two', async () => {
  const scene = await ground.stage(accepted, { recipients: 0 });
  const ids = await send(scene, ['US.1', 'US.2']);
  await scene.runLane();
  const failed = ids.map((id, n) => ({
    id: `wamid.stopped${n}`,
    status: 'failed',
    timestamp: seconds(new Date()),
    recipient_user_id: `US.${n + 1}`,
    biz_opaque_callback_data: `m.${id}`,
    errors: [{ code: 131050, title: 'x' }],
  }));
  const metadata = { phone_number_id: scene.world.sender.phone_number_id };
  await deliver(db, scene.world, change('messages', { metadata, statuses: failed }));
  expect(await blocked(scene)).toEqual(['US.1', 'US.2']);
});

test('a STOP that shows the number counts for what waits under the hidden one', async () => {
  const scene = await ground.stage(accepted, { recipients: 0 });
  await deliver(db, scene.world, inboundBody(scene.world, { bsuid: 'US.9' }, text('hi')));
  const ids = await send(scene, ['US.9']);
  const customer = { phone: '14155550009', bsuid: 'US.9' };
  await deliver(db, scene.world, inboundBody(scene.world, customer, text('STOP')));
  expect(await blocked(scene)).toEqual(['+14155550009']);
  await scene.runLane();
  expect(await messageStates(db, ids)).toMatchObject([{ status: 'skipped', reason: 'blocked' }]);
  expect(scene.provider.posts).toEqual([]);
});

test('what waits for somebody whose number shows goes to the number', async () => {
  const scene = await ground.stage(accepted, { recipients: 0 });
  await deliver(db, scene.world, inboundBody(scene.world, { bsuid: 'US.3' }, text('hi')));
  await send(scene, ['US.3']);
  const customer = { phone: '14155550003', bsuid: 'US.3' };
  await deliver(db, scene.world, inboundBody(scene.world, customer, text('me again')));
  await scene.runLane();
  expect(scene.provider.posts).toMatchObject([{ to: '+14155550003' }]);
});

test('a reply follows the customer to another number, a second try as well', async () => {
  const refused: SendOutcome = { kind: 'rejected', code: 131056, detail: 'pair' };
  const outcomes = [refused];
  const scene = await ground.stage((message) => outcomes.pop() ?? accepted(message), {
    recipients: 0,
  });
  const { world, provider } = scene;
  const moved = (from: string, to: string) =>
    inboundBody(
      world,
      { phone: from },
      { type: 'system', system: { type: 'user_changed_number', wa_id: to } },
    );
  await deliver(db, world, inboundBody(world, { phone: '14155550004' }, text('hi')));
  const ids = await sendTexts(ground.usecases, world, '+14155550004', 'For you alone');
  await deliver(db, world, moved('14155550004', '14155550005'));
  await scene.runLane();
  await deliver(db, world, moved('14155550005', '14155550006'));
  await db
    .updateTable('send_queue')
    .set({ next_attempt_at: new Date(0) })
    .execute();
  await scene.runLane();
  expect(provider.posts.map(({ to }) => to)).toEqual(['+14155550005', '+14155550006']);
  expect(await messageStates(db, ids)).toMatchObject([{ status: 'sent' }]);
});
