import { setGates } from '../../db/campaign';
import { pauseUnsendable } from '../../usecases/autoPause';
import { buildWorld } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

test.each(['paused', 'disabled'] as const)(
  'a running campaign pauses when its template is %s, others go on',
  async (status) => {
    const { db } = database;
    const frozen = { frozen_at: new Date() };
    const hit = await buildWorld(db, { campaign: frozen });
    const other = await buildWorld(db, { campaign: frozen });
    await setGates(db, hit.campaign.id, true);
    await db.updateTable('templates').set({ status }).where('id', '=', hit.template.id).execute();

    expect(await pauseUnsendable(db)).toBe(1);

    const rows = await db
      .selectFrom('campaigns')
      .select(['id', 'status', 'status_reason'])
      .where('id', 'in', [hit.campaign.id, other.campaign.id])
      .execute();
    expect(rows.find((row) => row.id === hit.campaign.id)).toMatchObject({
      status: 'paused',
      status_reason: 'template_paused',
    });
    expect(rows.find((row) => row.id === other.campaign.id)?.status).toBe('in_progress');
    const gates = await db
      .selectFrom('campaign_gates')
      .select('open')
      .where('campaign_id', '=', hit.campaign.id)
      .execute();
    expect(gates.some((gate) => gate.open)).toBe(false);
    expect(await pauseUnsendable(db)).toBe(0);
  },
);
