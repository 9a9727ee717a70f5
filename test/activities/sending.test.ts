import { MockActivityEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import type { Pool } from 'pg';
import { createActivities, type Activities } from '../../activities';
import type { ActivityDeps } from '../../activities/deps';
import { Slots } from '../../activities/slots';
import { Spacing } from '../../activities/spacing';
import { setGates, transition } from '../../db/campaign';
import { openPool } from '../../db/connect';
import { Notifications } from '../../db/notifications';
import { progressOf } from '../../db/recipient';
import type { OutboundMessage, SendOutcome } from '../../domain/ports';
import { parseReference } from '../../domain/reference';
import type { Progress } from '../../domain/recipient';
import { buildWorld, phoneOf, type World, type WorldOptions } from '../support/build';
import { eventually } from '../support/eventually';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { accepted, ScriptedProvider } from '../support/scriptedProvider';

let database: TestDatabase;
let pool: Pool;
let notifications: Notifications;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openPool(database.url);
  notifications = await Notifications.open(database.url);
});

afterAll(async () => {
  await notifications.close();
  await pool.end();
  await database.drop();
});

interface Stage {
  world: World;
  provider: ScriptedProvider;
  deps: ActivityDeps;
  activities: Activities;
  run<R>(work: (activities: Activities) => Promise<R>, attempt?: number): Promise<R>;
  progress(): Promise<Progress>;
}

async function stage(
  answer: (message: OutboundMessage) => Promise<SendOutcome> | SendOutcome,
  options: WorldOptions & { inFlight?: number; now?: () => DateTime<true> } = {},
): Promise<Stage> {
  const world = await buildWorld(database.db, options);
  const provider = new ScriptedProvider(answer);
  const deps: ActivityDeps = {
    db: database.db,
    pool,
    clock: { now: options.now ?? (() => DateTime.utc()) },
    slots: new Slots(options.inFlight ?? 64),
    spacing: new Spacing(),
    providerFor: () => provider,
    notifications,
    settings: {
      missedStartMs: 3_600_000,
      unknownAfterMs: 900_000,
      sendTimeoutMs: 1_000,
      laneLingerMs: 200,
    },
  };
  const activities = createActivities(deps);
  const id = world.campaign.id;
  return {
    world,
    provider,
    deps,
    activities,
    run: (work, attempt = 1) =>
      new MockActivityEnvironment({ attempt }).run(() => work(activities)),
    progress: async () => (await progressOf(database.db, [id])).get(id)!,
  };
}

async function sendAll(scene: Stage): Promise<void> {
  const campaignId = scene.world.campaign.id;
  const begun = await scene.run((a) => a.beginCampaign({ campaignId }));
  const { next, end } = begun.plan!;
  await scene.run((a) => a.sendRange({ campaignId, slot: 0, from: next, to: end }));
}

describe('sendRange', () => {
  test('sends to everybody once, with the frozen parameters, and tallies it', async () => {
    const scene = await stage(accepted, {
      recipients: 500,
      body: 'Hi {{first_name}}',
      placeholders: ['first_name'],
    });
    await sendAll(scene);
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
        const row = await database.db
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
    await sendAll(scene);
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
    await sendAll(scene);
    expect(await scene.progress()).toMatchObject({ sent: 7, failed: 1, pending: 1, unknown: 1 });
    const waiting = await database.db
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
    await database.db
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
    await database.db
      .updateTable('templates')
      .set({ category: 'UTILITY' })
      .where('id', '=', scene.world.template.id)
      .execute();
    const stopMarketing = (n: number) =>
      database.db
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
    await sendAll(scene);
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
    const { claimed, posted } = await database.db.transaction().execute(async (tx) => {
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
    await sendAll(scene);
    const campaign = await database.db
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
    const { db } = database;
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
    await database.db
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
