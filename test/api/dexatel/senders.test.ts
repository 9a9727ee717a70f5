import {
  ABSENT,
  campaign,
  expectError,
  startDexatel,
  type DexatelWorld,
} from '../../support/dexatel';

let dexatel: DexatelWorld;
let at: string;

beforeEach(async () => {
  dexatel = await startDexatel();
  at = `/v1/senders/${dexatel.world.sender.id}`;
});

afterEach(() => dexatel.close());

const halt = (health_reason = '190') =>
  dexatel.db.updateTable('senders').set({ health: 'halted', health_reason }).execute();

/** What the sender's workflow is told. */
const told = async () => {
  const rows = await dexatel.db
    .selectFrom('workflow_signals')
    .select(['signal', 'input'])
    .where('workflow_id', '=', `sender/${dexatel.world.sender.id}`)
    .execute();
  return rows.map(({ signal }) => signal);
};

const audited = async () => {
  const rows = await dexatel.db.selectFrom('audit_log').select('action').orderBy('id').execute();
  return rows.map(({ action }) => action);
};

test('an operator says that a halted number is fine', async () => {
  await halt();
  expect((await dexatel.api.call('GET', at)).body.data).toMatchObject({
    status: 'HALTED',
    status_reason: '190',
  });
  const { status, body } = await dexatel.api.call('POST', `${at}/resume`);
  expect(status).toBe(200);
  expect(body.data).toMatchObject({ status: 'ACTIVE', status_reason: null });
  expect(body).toEqual((await dexatel.api.call('GET', at)).body);
  expect(await told()).toEqual(['resume']);
  expect(await audited()).toEqual(['sender.resume']);
  expect(dexatel.api.signaled).toEqual([`sender/${dexatel.world.sender.id}`]);
});

test('resuming a number that is fine tries again what waits, too', async () => {
  expect((await dexatel.api.call('POST', `${at}/resume`)).body.data.status).toBe('ACTIVE');
  expect(await told()).toEqual(['resume']);
});

test.each<[object, string[]]>([
  [{ provider: { token: 'a-new-one' } }, ['resume']],
  [{ provider: { base_url: 'https://graph.example' } }, ['resume']],
  [{ provider: { phone_number_id: '77' } }, ['resume']],
  [{ provider: { app_secret: 'for-webhooks' } }, []],
  [{ rate_per_second: 10 }, []],
])('a halted number that is changed by %j', async (change, signals) => {
  await halt();
  const { body } = await dexatel.api.call('PATCH', at, { data: change });
  expect(body.data.status).toBe(signals.length > 0 ? 'ACTIVE' : 'HALTED');
  expect(await told()).toEqual(signals);
});

test.each(['version', 'phone_number_id'])("Meta's paths need the %s", async (setting) => {
  const before = await dexatel.api.call('GET', at);
  const change = { data: { name: 'Other', provider: { [setting]: null } } };
  expectError(await dexatel.api.call('PATCH', at, change), 400, 400);
  expect(await dexatel.api.call('GET', at)).toMatchObject({ body: before.body });
});

test('a number without a version gets one', async () => {
  const { body } = await dexatel.api.call('POST', '/v1/senders', {
    data: {
      name: 'Shop',
      channel: 'WHATSAPP',
      phone: '14155550199',
      provider: {
        kind: 'cloud_api',
        base_url: 'https://graph.example',
        phone_number_id: '55',
        token: 'a-token',
      },
    },
  });
  expect(body.data.provider.version).toMatch(/^v[0-9]+\.0$/);
});

test('a number that is fine is told nothing when its token changes', async () => {
  await dexatel.api.call('PATCH', at, { data: { provider: { token: 'a-new-one' } } });
  expect(await told()).toEqual([]);
});

test('resuming a campaign resumes its halted number', async () => {
  const created = await dexatel.api.call('POST', '/v1/campaigns', campaign(dexatel.world));
  const path = `/v1/campaigns/${created.body.data.id}`;
  await dexatel.api.call('POST', `${path}/pause`);
  await dexatel.api.call('POST', `${path}/resume`);
  expect(await told()).toEqual([]);
  await dexatel.api.call('POST', `${path}/pause`);
  await halt();
  expect((await dexatel.api.call('POST', `${path}/resume`)).status).toBe(200);
  expect(await told()).toEqual(['resume']);
  expect((await dexatel.api.call('GET', at)).body.data.status).toBe('ACTIVE');
});

test('a number is slowed until its pace has grown back', async () => {
  const { db, world } = dexatel;
  await db.updateTable('senders').set({ rate_per_second: 80 }).execute();
  const list = async (health: string) =>
    (await dexatel.api.call('GET', `/v1/senders?filter[status]=${health}`)).body.pagination.total;
  expect([await list('ACTIVE'), await list('SLOWED')]).toEqual([1, 0]);
  const slowed = (secondsAgo: number) =>
    db
      .updateTable('budgets')
      .set({ slowed_rate: 40, slowed_at: new Date(Date.now() - secondsAgo * 1000) })
      .where('id', '=', world.sender.id)
      .execute();
  await slowed(0);
  expect((await dexatel.api.call('GET', at)).body.data.status).toBe('SLOWED');
  expect([await list('ACTIVE'), await list('slowed'), await list('HALTED')]).toEqual([0, 1, 0]);
  // 40 a second and 5% of the rate more each second: at its full pace after ten seconds.
  await slowed(5);
  expect((await dexatel.api.call('GET', at)).body.data.status).toBe('SLOWED');
  await slowed(11);
  expect((await dexatel.api.call('GET', at)).body.data.status).toBe('ACTIVE');
  await slowed(0);
  await halt();
  expect((await dexatel.api.call('GET', at)).body.data.status).toBe('HALTED');
  expect([await list('SLOWED'), await list('HALTED')]).toEqual([0, 1]);
});

test('there is no such sender to resume', async () => {
  expectError(await dexatel.api.call('POST', `/v1/senders/${ABSENT}/resume`), 404, 1402);
  expectError(await dexatel.api.call('POST', '/v1/senders/x/resume'), 400, 400);
  expectError(await dexatel.foreign.call('POST', `${at}/resume`), 404, 1402);
  expectError(await dexatel.api.call('GET', `${at}/resume`), 405, 405);
  expect(await told()).toEqual([]);
});
