import { CampaignModel } from '../support/campaignModel';
import { CampaignStage } from '../support/campaignStage';
import { eventually } from '../support/eventually';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let stage: CampaignStage;

beforeAll(async () => {
  stage = await CampaignStage.open();
}, 60_000);

afterAll(() => stage?.end());

describe('before its time', () => {
  test('a campaign due in 40 days begins exactly then', async () => {
    const dueAt = (await stage.now()) + 40 * DAY;
    const { model, handle } = await stage.start({ dueAt });
    expect(await handle.result()).toBe('completed');
    expect(model.begunAt! - dueAt).toBeGreaterThanOrEqual(0);
    expect(model.begunAt! - dueAt).toBeLessThan(10 * SECOND);
    expect(model.countOf('beginCampaign')).toBe(1);
    expect(model.everybodyOnce()).toBe(true);
  });

  test('rescheduled twice, later and then earlier, it begins at the last time it was given', async () => {
    const start = await stage.now();
    const campaign = await stage.start({ dueAt: start + 2 * DAY });
    await stage.env.sleep(DAY);
    await campaign.reschedule(start + 30 * DAY);
    await stage.env.sleep(DAY);
    await campaign.reschedule(start + 5 * DAY);
    expect(await campaign.handle.result()).toBe('completed');
    expect(campaign.model.begunAt! - (start + 5 * DAY)).toBeGreaterThanOrEqual(0);
    expect(campaign.model.begunAt! - (start + 5 * DAY)).toBeLessThan(10 * SECOND);
    expect(campaign.model.everybodyOnce()).toBe(true);
  });

  test('canceled while it waits, it sends to nobody and skips everybody', async () => {
    const campaign = await stage.start({ dueAt: (await stage.now()) + 40 * DAY });
    await stage.env.sleep(DAY);
    await campaign.cancel();
    expect(await campaign.handle.result()).toBe('canceled');
    expect(campaign.model.calls.map((call) => call.name)).toEqual(['skipTheRest']);
    expect(campaign.model.sent).toEqual([]);
  });

  test('a start that was missed pauses it, and resuming begins it at once', async () => {
    const campaign = await stage.start({ dueAt: (await stage.now()) - 5 * HOUR });
    await eventually(() => expect(campaign.model.reason).toBe('missed_start'));
    await stage.env.sleep(DAY);
    expect(campaign.model.countOf('beginCampaign')).toBe(1);
    campaign.model.dueAt = await stage.now();
    await campaign.resume();
    expect(await campaign.handle.result()).toBe('completed');
    expect(campaign.model.everybodyOnce()).toBe(true);
  });

  test('a clock that runs behind the due time is waited for, not asked again and again', async () => {
    const model = new CampaignModel();
    model.apply('pause', 'requested');
    model.dueAt = (await stage.now()) + HOUR;
    const revision = model.apply('resume');
    const { handle } = await stage.start({ model }, { signal: 'resume', payload: { revision } });
    expect(await handle.result()).toBe('completed');
    expect(model.countOf('beginCampaign')).toBeLessThanOrEqual(3);
  });
});

describe('control while it sends', () => {
  test('paused in the middle of a range and resumed a day later, it hands out nobody twice', async () => {
    const model = new CampaignModel({ recipients: 100 });
    const campaign = await stage.start({ model });
    model.before.set(25, () => campaign.pause());
    await eventually(() => expect(model.status).toBe('paused'));
    await stage.env.sleep(DAY);
    const before = model.sent.length;
    expect(before).toBeLessThan(100);
    expect(model.sent).not.toContain(25);
    model.before.clear();
    await campaign.resume();
    expect(await campaign.handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
  });

  test('a pause that an activity finds stops it before the signal arrives, which then changes nothing', async () => {
    const model = new CampaignModel({ recipients: 100, lanes: 1 });
    const campaign = await stage.start({ model });
    model.before.set(15, () => void model.apply('pause', 'template_paused'));
    await eventually(() => expect(model.status).toBe('paused'));
    await stage.env.sleep(HOUR);
    const calls = model.calls.length;
    await campaign.handle.signal('pause', { revision: model.revision });
    await stage.env.sleep(HOUR);
    expect(model.calls).toHaveLength(calls);
    expect(model.sent).toHaveLength(14);
    model.before.clear();
    await campaign.resume();
    expect(await campaign.handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
  });

  test('late signals of an older revision are ignored', async () => {
    const model = new CampaignModel({ recipients: 60, lanes: 1 });
    const campaign = await stage.start({ model });
    model.before.set(15, async () => {
      model.before.clear();
      const paused = model.apply('pause', 'requested');
      const resumed = model.apply('resume');
      await campaign.handle.signal('resume', { revision: resumed });
      await campaign.handle.signal('pause', { revision: paused });
      await campaign.handle.signal('cancel', { revision: 1 });
      await campaign.handle.signal('reschedule', { at: Date.now() + 400 * DAY, revision: 1 });
    });
    expect(await campaign.handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
    expect(model.countOf('skipTheRest')).toBe(0);
  });

  test('canceled while it sends, it stops within the range and skips the rest once', async () => {
    const model = new CampaignModel({ recipients: 100, lanes: 1 });
    const campaign = await stage.start({ model });
    model.before.set(35, () => campaign.cancel());
    expect(await campaign.handle.result()).toBe('canceled');
    expect(model.sent).toHaveLength(34);
    expect(model.skippedTheRest).toBe(1);
  });

  test('a campaign that the database failed skips the rest as well', async () => {
    const model = new CampaignModel({ recipients: 30, lanes: 1 });
    const { handle } = await stage.start({ model });
    model.before.set(5, () => void model.apply('fail', 'sender_deleted'));
    expect(await handle.result()).toBe('failed');
    expect(model.skippedTheRest).toBe(1);
  });
});

describe('waiting for the provider', () => {
  test('a provider that is down for a day is asked every five minutes and then served whole', async () => {
    const model = new CampaignModel({ recipients: 200, lanes: 2 });
    model.downUntil = (await stage.now()) + DAY;
    const { handle } = await stage.start({ model });
    expect(await handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
    expect(model.calls.length).toBeLessThan(1_200);
    const last = Math.max(...model.calls.map((call) => call.at));
    expect(last - model.downUntil).toBeLessThan(10 * 60 * SECOND);
  });

  test('retries that are due by one clock and not yet by the other are not asked for in a row', async () => {
    const model = new CampaignModel({ recipients: 10 });
    model.putOff.set(3, HOUR);
    model.behindMs = 5 * SECOND;
    const { handle } = await stage.start({ model });
    expect(await handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
    expect(model.countOf('sendDue')).toBeLessThan(15);
  });

  test('recipients whose next try lies hours ahead are waited for without asking in between', async () => {
    const model = new CampaignModel({ recipients: 40 });
    model.putOff
      .set(3, 6 * HOUR)
      .set(17, 30 * HOUR)
      .set(18, 30 * HOUR);
    const started = await stage.now();
    const { handle } = await stage.start({ model });
    expect(await handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
    expect(model.sent.slice(-3)).toEqual([3, 17, 18]);
    expect(model.countOf('sendDue')).toBe(2);
    const last = Math.max(...model.calls.map((call) => call.at));
    expect(last - started).toBeGreaterThanOrEqual(30 * HOUR);
    expect(last - started).toBeLessThan(30 * HOUR + 60 * SECOND);
  });
});

describe('runs', () => {
  test('continued as new while it sends, it carries its state over and sends to nobody twice', async () => {
    const model = new CampaignModel({ recipients: 200 });
    model.putOff.set(7, HOUR);
    const { handle, runId } = await stage.start({ model, renewAfterEvents: 30 });
    expect(await handle.result()).toBe('completed');
    expect((await handle.describe()).runId).not.toBe(runId);
    expect(model.everybodyOnce()).toBe(true);
    expect(model.countOf('beginCampaign')).toBe(1);
  });

  test('a range cut short survives continue-as-new and a pause', async () => {
    const model = new CampaignModel({ recipients: 100, lanes: 2 });
    const campaign = await stage.start({ model, renewAfterEvents: 25 });
    model.before.set(45, () => campaign.pause());
    await eventually(() => expect(model.status).toBe('paused'));
    model.before.clear();
    await stage.env.sleep(HOUR);
    await campaign.resume();
    expect(await campaign.handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
  });

  test('a fresh run of a campaign that was partly sent goes on from the plan', async () => {
    const model = new CampaignModel({ recipients: 100 });
    model.frozen = true;
    model.dueAt = await stage.now();
    model.status = 'in_progress';
    model.sent.push(...Array.from({ length: 37 }, (_, i) => i + 1));
    const payload = { revision: model.revision };
    const { handle } = await stage.start({ model }, { signal: 'resume', payload });
    expect(await handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
  });

  test('40,000 recipients in ranges of 800 cost at most ten events per thousand', async () => {
    const recipients = 40_000;
    const { model, handle } = await stage.start({ recipients, rangeSize: 800, lanes: 1 });
    expect(await handle.result()).toBe('completed');
    expect(model.everybodyOnce()).toBe(true);
    const { events } = await handle.fetchHistory();
    expect(events!.length).toBeLessThanOrEqual((10 * recipients) / 1_000);
  });
});
