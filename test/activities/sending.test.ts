import { MockActivityEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import { createActivities } from '../../activities';
import { Slots } from '../../activities/slots';
import { setGates, transition } from '../../db/campaign';
import type { Db } from '../../db/connect';
import { progressOf } from '../../db/recipient';
import type { SendOutcome } from '../../domain/ports';
import { parseReference } from '../../domain/reference';
import { phoneOf } from '../support/build';
import { eventually } from '../support/eventually';
import { accepted } from '../support/scriptedProvider';
import { openSending, type SendingGround } from '../support/sendingGround';

let ground: SendingGround;
let stage: SendingGround['stage'];
let db: Db;

beforeAll(async () => {
  ground = await openSending();
  ({ stage, db } = ground);
});

afterAll(() => ground.close());

describe('sendRange', () => {
  test('sends to everybody once, with the frozen parameters, and tallies it', async () => {
    const scene = await stage(accepted, {
      recipients: 500,
      body: 'Hi {{first_name}}',
      placeholders: ['first_name'],
    });
    await scene.sendAll();
    expect(new Set(scene.provider.posts.map((post) => post.to)).size).toBe(500);
    expect(scene.provider.posts).toHaveLength(500);
    const first = scene.provider.posts.find((post) => post.to === phoneOf(1))!;
    expect(first.content).toMatchObject({
      type: 'template',
      components: [{ parameters: [{ text: 'Name 1', name: 'first_name' }] }],
    });
    expect(await scene.progress()).toMatchObject({ total: 500, sent: 500, pending: 0, claimed: 0 });
    expect(scene.deps.slots.takeNow(1000)).toBe(64);
  });

  test('writes the attempt before the POST', async () => {
    const seen: string[] = [];
    const scene = await stage(
      async (message) => {
        const { campaignId, position } = parseReference(message.reference)!;
        const row = await db
          .selectFrom('recipients')
          .select(['state', 'attempts'])
          .where('campaign_id', '=', campaignId)
          .where('position', '=', position)
          .executeTakeFirstOrThrow();
        seen.push(`${row.state} ${row.attempts}`);
        return accepted(message);
      },
      { recipients: 20 },
    );
    await scene.sendAll();
    expect(new Set(seen)).toEqual(new Set(['claimed 1']));
  });

  test('records a rejected recipient with its code, a transient one for a later try, a lost answer as unknown', async () => {
    const scene = await stage(
      (message): SendOutcome => {
        if (message.to === phoneOf(1)) return { kind: 'rejected', code: 131026, detail: '' };
        if (message.to === phoneOf(2)) return { kind: 'rejected', code: 131016, detail: '' };
        if (message.to === phoneOf(3)) return { kind: 'unknown', detail: 'timeout' };
        return accepted(message);
      },
      { recipients: 10 },
    );
    await scene.sendAll();
    expect(await scene.progress()).toMatchObject({ sent: 7, failed: 1, pending: 1, unknown: 1 });
    const waiting = await db
      .selectFrom('recipients')
      .selectAll()
      .where('campaign_id', '=', scene.world.campaign.id)
      .where('state', '=', 'pending')
      .executeTakeFirstOrThrow();
    expect(waiting).toMatchObject({ attempts: 1, reason: '131016', phone: phoneOf(2) });
    expect(waiting.next_attempt_at!.getTime()).toBeGreaterThan(Date.now());
  });

  test('honours an opt-out that came after the freeze', async () => {
    const scene = await stage(accepted, { recipients: 10 });
    const campaignId = scene.world.campaign.id;
    const begun = await scene.run((a) => a.beginCampaign({ campaignId }));
    await db
      .insertInto('blockers')
      .values({ sender_id: scene.world.sender.id, phone: phoneOf(4), source: 'api' })
      .execute();
    await scene.run((a) => a.sendRange({ campaignId, slot: 0, from: 1, to: begun.plan!.end }));
    expect(scene.provider.posts.map((post) => post.to)).not.toContain(phoneOf(4));
    expect(await scene.progress()).toMatchObject({ sent: 9, skipped: 1 });
  });

  test('sends a utility template to who has stopped marketing alone', async () => {
    const scene = await stage(accepted, { recipients: 10 });
    const campaignId = scene.world.campaign.id;
    await db
      .updateTable('templates')
      .set({ category: 'UTILITY' })
      .where('id', '=', scene.world.template.id)
      .execute();
    const stopMarketing = (n: number) =>
      db
        .insertInto('blockers')
        .values({
          sender_id: scene.world.sender.id,
          phone: phoneOf(n),
          source: 'user_preferences',
          scope: 'marketing',
        })
        .execute();
    await stopMarketing(3);
    const begun = await scene.run((a) => a.beginCampaign({ campaignId }));
    await stopMarketing(4);
    await scene.run((a) => a.sendRange({ campaignId, slot: 0, from: 1, to: begun.plan!.end }));
    expect(await scene.progress()).toMatchObject({ sent: 10, skipped: 0 });
  });

  test('holds the rate of the sender in every second', async () => {
    const scene = await stage(accepted, { recipients: 120, ratePerSecond: 60 });
    await scene.sendAll();
    const times = scene.provider.postedAt;
    const busiest = Math.max(
      ...times.map((start) => times.filter((t) => t >= start && t < start + 1000).length),
    );
    expect(busiest).toBeLessThanOrEqual(60);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(1900);
  });

  test('after a stop, no more POSTs than the claims that were counted behind the closed gates', async () => {
    const scene = await stage(
      async (message) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return accepted(message);
      },
      { recipients: 2000 },
    );
    const campaignId = scene.world.campaign.id;
    const begun = await scene.run((a) => a.beginCampaign({ campaignId }));
    const sending = scene.run((a) =>
      a.sendRange({ campaignId, slot: 0, from: 1, to: begun.plan!.end }),
    );
    await eventually(() => expect(scene.provider.posts.length).toBeGreaterThan(200));
    const { claimed, posted } = await db.transaction().execute(async (tx) => {
      await transition(tx, campaignId, 'cancel');
      await setGates(tx, campaignId, false);
      const progress = (await progressOf(tx, [campaignId])).get(campaignId)!;
      return { claimed: progress.claimed, posted: scene.provider.posts.length };
    });
    const result = await sending;
    expect(result.status).toBe('canceled');
    expect(claimed).toBeLessThanOrEqual(64);
    expect(scene.provider.posts.length - posted).toBeLessThanOrEqual(claimed);
    expect(scene.provider.posts.length).toBeLessThan(2000);
    await scene.run((a) => a.skipTheRest({ campaignId }));
    const progress = await scene.progress();
    expect(progress.pending + progress.claimed).toBe(0);
    expect(progress.sent + progress.skipped).toBe(2000);
  });

  test('a second attempt calls unknown what the first left claimed; late answers of the first settle it', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let dead = true;
    const scene = await stage(
      async (message) => {
        if (dead) await released;
        return accepted(message);
      },
      { recipients: 300 },
    );
    const campaignId = scene.world.campaign.id;
    const begun = await scene.run((a) => a.beginCampaign({ campaignId }));
    const range = { campaignId, slot: 0, from: 1, to: begun.plan!.end };
    const first = scene.run((a) => a.sendRange(range));
    await eventually(() => expect(scene.provider.posts).toHaveLength(64));
    dead = false;
    const other = createActivities({ ...scene.deps, slots: new Slots(64) });
    await new MockActivityEnvironment({ attempt: 2 }).run(() => other.sendRange(range));
    expect(await scene.progress()).toMatchObject({ unknown: 64, sent: 236 });
    expect(scene.provider.posts).toHaveLength(300);
    release();
    await first;
    expect(await scene.progress()).toMatchObject({ unknown: 0, sent: 300 });
    expect(scene.provider.posts).toHaveLength(300);
  });

  test('pauses the campaign when the template is paused, without losing the recipients it met', async () => {
    const scene = await stage(() => ({ kind: 'rejected', code: 132015, detail: '' }), {
      recipients: 50,
    });
    await scene.sendAll();
    const campaign = await db
      .selectFrom('campaigns')
      .selectAll()
      .where('id', '=', scene.world.campaign.id)
      .executeTakeFirstOrThrow();
    expect(campaign).toMatchObject({ status: 'paused', status_reason: 'template_paused' });
    expect(await scene.progress()).toMatchObject({ pending: 50, failed: 0 });
  });

  test('leaves a provider alone that refuses every connection', async () => {
    const scene = await stage(() => ({ kind: 'rejected', code: -1, detail: 'refused' }), {
      recipients: 1000,
    });
    const campaignId = scene.world.campaign.id;
    const begun = await scene.run((a) => a.beginCampaign({ campaignId }));
    const result = await scene.run((a) =>
      a.sendRange({ campaignId, slot: 0, from: 1, to: begun.plan!.end }),
    );
    expect(result.unreachable).toBe(true);
    expect(scene.provider.posts.length).toBeLessThan(200);
    expect(await scene.progress()).toMatchObject({ pending: 1000, failed: 0 });
  });
});

describe('beginCampaign', () => {
  test('skips who is blocked or lacks a variable, behind the sendable ones', async () => {
    const scene = await stage(accepted, {
      recipients: 5,
      body: '{{city}}',
      placeholders: ['city'],
    });
    const campaignId = scene.world.campaign.id;
    await db
      .updateTable('contacts')
      .set({ attributes: JSON.stringify({ city: 'Lagos' }) })
      .where('account_id', '=', scene.world.accountId)
      .where('phone', 'in', [phoneOf(1), phoneOf(2), phoneOf(3)])
      .execute();
    await db
      .insertInto('blockers')
      .values({ sender_id: scene.world.sender.id, phone: phoneOf(1), source: 'api' })
      .execute();
    const begun = await scene.run((a) => a.beginCampaign({ campaignId }));
    expect(begun.progress).toMatchObject({ total: 5, pending: 2, skipped: 3 });
    const rows = await db
      .selectFrom('recipients')
      .select(['position', 'state', 'reason'])
      .where('campaign_id', '=', campaignId)
      .orderBy('position')
      .execute();
    expect(rows.map((row) => row.state)).toEqual([
      'pending',
      'pending',
      'skipped',
      'skipped',
      'skipped',
    ]);
    const reasons = rows.slice(2).map((row) => row.reason ?? '');
    expect(reasons.sort((a, b) => a.localeCompare(b))).toEqual([
      'blocked',
      'missing_variable',
      'missing_variable',
    ]);
  });

  test.each([
    ['audiences', 'audience_deleted'],
    ['senders', 'sender_deleted'],
    ['templates', 'template_gone'],
  ] as const)('fails when its row of %s was deleted before the start', async (table, reason) => {
    const scene = await stage(accepted, { campaign: { status: 'scheduled' } });
    const { campaign } = scene.world;
    const id = {
      audiences: campaign.audience_id,
      senders: campaign.sender_id,
      templates: campaign.template_id,
    };
    await db
      .updateTable(table)
      .set({ deleted_at: new Date() })
      .where('id', '=', id[table])
      .execute();
    const begun = await scene.run((a) => a.beginCampaign({ campaignId: campaign.id }));
    expect(begun).toMatchObject({ status: 'failed', reason, plan: null });
  });

  test('a start that is late by more than the limit pauses instead', async () => {
    const scene = await stage(accepted, {
      campaign: { status: 'scheduled', due_at: DateTime.utc().minus({ hours: 2 }).toJSDate() },
    });
    const begun = await scene.run((a) => a.beginCampaign({ campaignId: scene.world.campaign.id }));
    expect(begun).toMatchObject({ status: 'paused', reason: 'missed_start', plan: null });
  });
});
