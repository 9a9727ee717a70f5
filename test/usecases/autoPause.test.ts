import { DateTime } from 'luxon';
import { setGates } from '../../db/campaign';
import type { Db } from '../../db/connect';
import { concludePause } from '../../db/template';
import type { TemplateStatus } from '../../domain/template';
import { createUrlGuard } from '../../outbound/guard';
import { pauseUnsendable, resumeSendable } from '../../usecases/autoPause';
import { cancelCampaign, pauseCampaign, resumeCampaign } from '../../usecases/campaignControl';
import type { Caller, Deps } from '../../usecases/deps';
import { buildWorld, type World, type WorldOptions } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

const clock = { now: () => DateTime.utc() };

let database: TestDatabase;
let db: Db;
let deps: Pick<Deps, 'db' | 'clock'> & Deps;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.db;
  const unused = () => {
    throw new Error('This test has no provider.');
  };
  deps = {
    db,
    clock,
    secrets: { seal: unused, open: unused },
    providerFor: unused,
    urlGuard: createUrlGuard({ allowPrivate: false }),
    deliverSignals: () => undefined,
  };
});

afterEach(() => database.drop());

/** A campaign that is being sent, as its workflow and its operators see it. */
async function running(campaign: WorldOptions['campaign'] = {}): Promise<Running> {
  const world = await buildWorld(db, { campaign: { frozen_at: new Date(), ...campaign } });
  await setGates(db, world.campaign.id, world.campaign.status === 'in_progress');
  return new Running(world);
}

class Running {
  readonly id: string;
  private readonly caller: Caller;

  constructor(readonly world: World) {
    this.id = world.campaign.id;
    const { accountId } = world;
    this.caller = { accountId, keyId: 'operator', scopes: ['*'], senderId: null, agentId: null };
  }

  pause = () => pauseCampaign(deps, this.caller, this.id);
  resume = () => resumeCampaign(deps, this.caller, this.id);
  cancel = () => cancelCampaign(deps, this.caller, this.id);

  template(status: TemplateStatus) {
    return db
      .updateTable('templates')
      .set({ status })
      .where('id', '=', this.world.template.id)
      .execute();
  }

  async templateStatus() {
    const { id } = this.world.template;
    const row = await db
      .selectFrom('templates')
      .select('status')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return row.status;
  }

  /** Status with its reason, and whether its lanes may claim. */
  async state() {
    const { status, status_reason, revision } = await db
      .selectFrom('campaigns')
      .selectAll()
      .where('id', '=', this.id)
      .executeTakeFirstOrThrow();
    const gates = await db
      .selectFrom('campaign_gates')
      .select('open')
      .where('campaign_id', '=', this.id)
      .execute();
    return { status, reason: status_reason, open: gates.some(({ open }) => open), revision };
  }

  /** The newest revision that the workflow is told of, by signal. */
  async told() {
    const rows = await db
      .selectFrom('workflow_signals')
      .select(['signal', 'payload'])
      .where('workflow_id', '=', `campaign/${this.id}`)
      .execute();
    return Object.fromEntries(rows.map(({ signal, payload }) => [signal, payload.revision]));
  }
}

const PAUSED = { status: 'paused', reason: 'template_paused', open: false };
const SENDING = { status: 'in_progress', reason: null, open: true };

test.each(['paused', 'disabled', 'rejected', 'in_review'] as const)(
  'a running campaign pauses when its template is %s, others go on',
  async (status) => {
    const hit = await running();
    const other = await running();
    await hit.template(status);
    expect(await pauseUnsendable(db)).toBe(1);
    expect(await hit.state()).toMatchObject(PAUSED);
    expect(await other.state()).toMatchObject(SENDING);
    expect(await pauseUnsendable(db)).toBe(0);
    expect(await resumeSendable(deps)).toBe(0);
  },
);

test('it goes on when its template returns, and its workflow is told', async () => {
  const campaign = await running();
  await campaign.template('paused');
  await pauseUnsendable(db);
  await campaign.template('approved');
  expect(await resumeSendable(deps)).toBe(1);
  const state = await campaign.state();
  expect(state).toMatchObject(SENDING);
  expect(await campaign.told()).toEqual({ resume: state.revision });
  expect(await resumeSendable(deps)).toBe(0);
  const actions = await db
    .selectFrom('audit_log')
    .select(['actor', 'action'])
    .orderBy('at')
    .orderBy('id')
    .execute();
  expect(actions).toEqual([
    { actor: 'casement', action: 'campaign.pause' },
    { actor: 'casement', action: 'campaign.resume' },
  ]);
});

test.each(['requested', 'sender_halted', 'missed_start', 'too_many_content_failures'])(
  'a campaign that is paused for another reason (%s) stays paused',
  async (reason) => {
    const campaign = await running({ status: 'paused', status_reason: reason });
    expect(await resumeSendable(deps)).toBe(0);
    expect(await campaign.state()).toMatchObject({ status: 'paused', reason });
  },
);

test('an operator who pauses it too keeps it paused, until an operator resumes it', async () => {
  const campaign = await running();
  await campaign.template('paused');
  await pauseUnsendable(db);
  expect(await campaign.pause()).toMatchObject({ status: 'paused' });
  await campaign.template('approved');
  expect(await resumeSendable(deps)).toBe(0);
  expect(await campaign.state()).toMatchObject({ ...PAUSED, reason: 'requested' });
  await expect(campaign.pause()).rejects.toMatchObject({ code: 'campaign_status_conflict' });
  await campaign.resume();
  expect(await campaign.state()).toMatchObject(SENDING);
});

test('one that an operator paused before its template was is not resumed with it', async () => {
  const campaign = await running();
  await campaign.pause();
  await campaign.template('paused');
  expect(await pauseUnsendable(db)).toBe(0);
  await campaign.template('approved');
  expect(await resumeSendable(deps)).toBe(0);
  expect(await campaign.state()).toMatchObject({ status: 'paused', reason: 'requested' });
});

test('one that an operator resumed too early pauses again, and goes on by itself after that', async () => {
  const campaign = await running();
  await campaign.template('paused');
  await pauseUnsendable(db);
  await campaign.resume();
  expect(await campaign.templateStatus()).toBe('paused');
  expect(await pauseUnsendable(db)).toBe(1);
  expect(await campaign.state()).toMatchObject(PAUSED);
  await campaign.template('approved');
  expect(await resumeSendable(deps)).toBe(1);
  expect(await campaign.state()).toMatchObject(SENDING);
});

test('one that an operator resumed and paused again stays paused', async () => {
  const campaign = await running();
  await campaign.template('paused');
  await pauseUnsendable(db);
  await campaign.resume();
  await campaign.pause();
  await campaign.template('approved');
  expect(await resumeSendable(deps)).toBe(0);
  expect(await campaign.state()).toMatchObject({ status: 'paused', reason: 'requested' });
});

test('a canceled one stays canceled', async () => {
  const campaign = await running();
  await campaign.template('paused');
  await pauseUnsendable(db);
  await campaign.cancel();
  await campaign.template('approved');
  expect(await resumeSendable(deps)).toBe(0);
  expect(await campaign.state()).toMatchObject({ status: 'canceled', open: false });
});

test('one whose sender is halted waits for the sender as well', async () => {
  const campaign = await running({ status: 'paused', status_reason: 'template_paused' });
  const halted = (health: 'halted' | 'active') =>
    db.updateTable('senders').set({ health }).where('id', '=', campaign.world.sender.id).execute();
  await halted('halted');
  expect(await resumeSendable(deps)).toBe(0);
  await halted('active');
  expect(await resumeSendable(deps)).toBe(1);
});

test('one that was paused before it began is due when its template returns', async () => {
  const due = DateTime.utc().minus({ hours: 5 });
  const waiting = { status: 'paused', status_reason: 'template_paused', frozen_at: null } as const;
  const late = await running({ ...waiting, due_at: due.toJSDate() });
  const early = await running({ ...waiting, due_at: due.plus({ days: 1 }).toJSDate() });
  expect(await resumeSendable(deps)).toBe(2);
  expect(await late.state()).toMatchObject({ status: 'in_progress', open: false });
  expect(await early.state()).toMatchObject({ status: 'scheduled', open: false });
  const row = await db
    .selectFrom('campaigns')
    .select('due_at')
    .where('id', '=', late.id)
    .executeTakeFirstOrThrow();
  expect(row.due_at.getTime()).toBeGreaterThan(due.plus({ hours: 4 }).toMillis());
  expect(Object.keys(await early.told())).toEqual(['reschedule']);
});

test('what was concluded of a template is tried again by whoever resumes, what the provider told is not', async () => {
  const campaign = await running({ status: 'paused', status_reason: 'template_paused' });
  await concludePause(db, campaign.id, 132015, new Date());
  expect(await campaign.templateStatus()).toBe('paused');
  expect(await resumeSendable(deps)).toBe(0);
  await campaign.resume();
  expect(await campaign.templateStatus()).toBe('approved');
  expect(await pauseUnsendable(db)).toBe(0);
  await campaign.template('disabled');
  await concludePause(db, campaign.id, 132016, new Date());
  expect(await campaign.templateStatus()).toBe('disabled');
});

test('an operator and the template’s return at the same moment: whoever was last, the operator’s word stands', async () => {
  for (let round = 0; round < 15; round += 1) {
    const campaign = await running({ status: 'paused', status_reason: 'template_paused' });
    const [answer] = await Promise.all([
      campaign.pause(),
      resumeSendable(deps),
      resumeSendable(deps),
    ]);
    expect(answer.status).toBe('paused');
    expect(await campaign.state()).toMatchObject({ ...PAUSED, reason: 'requested' });
    expect(await resumeSendable(deps)).toBe(0);
  }
});

test('two workers resume and pause a campaign once', async () => {
  const campaign = await running();
  await campaign.template('paused');
  const { revision } = await campaign.state();
  const paused = await Promise.all([1, 2, 3].map(() => pauseUnsendable(db)));
  expect(paused.reduce((sum, n) => sum + n, 0)).toBe(1);
  await campaign.template('approved');
  const resumed = await Promise.all([1, 2, 3].map(() => resumeSendable(deps)));
  expect(resumed.reduce((sum, n) => sum + n, 0)).toBe(1);
  expect(await campaign.state()).toMatchObject({ ...SENDING, revision: revision + 2 });
});
