import type { Db } from '../../db/connect';
import { sendMessages, type DirectMessage } from '../../usecases/message';
import { messageStates } from '../support/direct';
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
