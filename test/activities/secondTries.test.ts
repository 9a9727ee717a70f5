import { DateTime } from 'luxon';
import { sql } from 'kysely';
import { createCampaignActivities } from '../../activities/campaign';
import { changeCampaign } from '../../usecases/campaign';
import { pauseCampaign, resumeCampaign, retryFailed } from '../../usecases/campaignControl';
import type { Db } from '../../db/connect';
import { takeLane } from '../../db/lane';
import { claimMessages } from '../../db/sendQueue';
import { openWindow, messageStates, sendTexts } from '../support/direct';
import { formatReference } from '../../domain/reference';
import { deleteSender } from '../../usecases/sender';
import { phoneOf } from '../support/build';
import { change, deliver, seconds } from '../support/inbound';
import { accepted } from '../support/scriptedProvider';
import { openSending, type SendingGround, type SendingStage } from '../support/sendingGround';

let ground: SendingGround;
let db: Db;

beforeAll(async () => {
  ground = await openSending();
  db = ground.db;
});
afterAll(() => ground.close());

const callerOf = ({ world }: SendingStage) => ({
  accountId: world.accountId,
  keyId: 'test',
  scopes: [],
  senderId: null,
  agentId: null,
});

const campaignOf = ({ world }: SendingStage) =>
  db
    .selectFrom('campaigns')
    .selectAll()
    .where('id', '=', world.campaign.id)
    .executeTakeFirstOrThrow();

/** The database, with something that happens just before the next transaction. */
function interleaved(first: () => Promise<unknown>): Db {
  let done = false;
  return new Proxy(db, {
    get(target, key) {
      if (key === 'transaction' && !done) {
        done = true;
        return () => ({
          execute: async (work: (tx: never) => Promise<unknown>) => {
            await first();
            return db.transaction().execute((tx) => work(tx as never));
          },
        });
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A webhook that tells a status of a message. */
function told(
  { world }: SendingStage,
  reference: string,
  { status, wamid, code, to }: { status: string; wamid: string; code?: number; to?: object },
): object {
  const item = {
    id: wamid,
    status,
    timestamp: seconds(new Date()),
    recipient_id: phoneOf(1).slice(1),
    biz_opaque_callback_data: reference,
    ...(code && { errors: [{ code, title: 'x' }] }),
    ...to,
  };
  const metadata = { phone_number_id: world.sender.phone_number_id };
  return change('messages', { messaging_product: 'whatsapp', metadata, statuses: [item] });
}

describe('a campaign that is steered while its activity looks at it', () => {
  test('does not complete over those who are to be retried', async () => {
    const scene = await ground.stage(
      (message) =>
        message.to === phoneOf(1)
          ? { kind: 'rejected', code: 131026, detail: '' }
          : accepted(message),
      { recipients: 3 },
    );
    await scene.sendAll();
    const campaignId = scene.world.campaign.id;
    const meanwhile = interleaved(() => retryFailed(ground.usecases, callerOf(scene), campaignId));
    await createCampaignActivities({ ...scene.deps, db: meanwhile }).finishCampaign({ campaignId });
    expect((await campaignOf(scene)).status).toBe('in_progress');
    expect(await scene.progress()).toMatchObject({ pending: 1 });
  });

  test('does not begin when it has just been put off', async () => {
    const due = DateTime.utc().minus(500).toJSDate();
    const scene = await ground.stage(accepted, {
      recipients: 3,
      campaign: { status: 'scheduled', schedule: due, due_at: due },
    });
    const campaignId = scene.world.campaign.id;
    const schedule = DateTime.utc().plus({ days: 7 });
    const meanwhile = interleaved(() =>
      changeCampaign(ground.usecases, callerOf(scene), campaignId, { schedule }),
    );
    const activities = createCampaignActivities({ ...scene.deps, db: meanwhile });
    const begun = await activities.beginCampaign({ campaignId });
    expect([begun.plan, (await campaignOf(scene)).status]).toEqual([null, 'scheduled']);
  });
});

test('a status of an earlier try, told again, says nothing of a later one', async () => {
  let posts = 0;
  const scene = await ground.stage(
    () => ({ kind: 'accepted', wamid: `wamid.try${(posts += 1)}`, held: false }),
    { recipients: 1 },
  );
  await scene.sendAll();
  const campaignId = scene.world.campaign.id;
  const reference = formatReference(campaignId, 1);
  const failed = told(scene, reference, { status: 'failed', wamid: 'wamid.try1', code: 131026 });
  await deliver(db, scene.world, failed);
  await retryFailed(ground.usecases, callerOf(scene), campaignId);
  await scene.sendDue();
  await deliver(db, scene.world, failed);
  expect(await scene.progress()).toMatchObject({ sent: 1, failed: 0 });
  await deliver(db, scene.world, told(scene, reference, { status: 'read', wamid: 'wamid.try1' }));
  expect(await scene.progress()).toMatchObject({ read: 1 });
});

test('what stays unknown is sent at most five times, and then the campaign completes', async () => {
  const scene = await ground.stage(() => ({ kind: 'unknown', detail: 'timeout' }), {
    recipients: 1,
    campaign: { on_unknown: 'resend' },
  });
  await scene.sendAll();
  const campaignId = scene.world.campaign.id;
  for (let round = 0; round < 8; round += 1) {
    await sql`UPDATE recipients SET attempt_at = attempt_at - interval '16 minutes'
      WHERE campaign_id = ${campaignId}`.execute(db);
    await scene.run((a) => a.finishCampaign({ campaignId }));
    await scene.sendDue();
  }
  expect(scene.provider.posts).toHaveLength(5);
  expect((await campaignOf(scene)).status).toBe('completed');
});

test('a pause does not count as time in which somebody was tried', async () => {
  const scene = await ground.stage(() => ({ kind: 'rejected', code: 130429, detail: '' }), {
    recipients: 2,
  });
  await scene.sendAll();
  const campaignId = scene.world.campaign.id;
  await pauseCampaign(ground.usecases, callerOf(scene), campaignId);
  await sql`UPDATE recipients SET first_attempt_at = first_attempt_at - interval '2 days', next_attempt_at = now()
    WHERE campaign_id = ${campaignId}`.execute(db);
  await resumeCampaign(ground.usecases, callerOf(scene), campaignId);
  await scene.sendDue();
  expect(await scene.progress()).toMatchObject({ pending: 2, failed: 0 });
});

test('nobody is sent to again from a number that has been deleted', async () => {
  const scene = await ground.stage(() => ({ kind: 'rejected', code: 131026, detail: '' }), {
    recipients: 1,
  });
  await scene.sendAll();
  const campaignId = scene.world.campaign.id;
  await scene.run((a) => a.finishCampaign({ campaignId }));
  await deleteSender(ground.usecases, callerOf(scene), scene.world.sender.id);
  await expect(retryFailed(ground.usecases, callerOf(scene), campaignId)).rejects.toMatchObject({
    code: 'campaign_status_conflict',
  });
});

test('a direct message that was delivered before its POST failed is not sent again', async () => {
  const scene = await ground.stage(async (message) => {
    const news = told(scene, message.reference, { status: 'delivered', wamid: 'wamid.first' });
    if (scene.provider.posts.length > 1) return accepted(message);
    await deliver(db, scene.world, news);
    return { kind: 'rejected', code: 131000, detail: '', retryAfterMs: 0 };
  });
  await openWindow(db, scene.world, phoneOf(1));
  const ids = await sendTexts(ground.usecases, scene.world, phoneOf(1), 'Hello');
  await scene.runLane();
  await sql`UPDATE send_queue SET next_attempt_at = now()`.execute(db);
  await scene.runLane();
  expect(scene.provider.posts).toHaveLength(1);
  expect(await messageStates(db, ids)).toMatchObject([{ status: 'delivered' }]);
});

test('a message that a dead attempt has claimed becomes unknown, also when the number is deleted', async () => {
  const scene = await ground.stage(accepted, { campaign: { status: 'completed' } });
  const { sender } = scene.world;
  await openWindow(db, scene.world, phoneOf(1));
  const ids = await sendTexts(ground.usecases, scene.world, phoneOf(1), 'Hello');
  const lease = '00000000-0000-4000-8000-000000000001';
  await takeLane(db, sender.id, lease);
  await claimMessages(scene.deps.pool, sender.id, lease, 1);
  await deleteSender(ground.usecases, callerOf(scene), sender.id);
  await scene.runLane({ attempt: 2 });
  expect(await messageStates(db, ids)).toMatchObject([{ status: 'unknown' }]);
});
