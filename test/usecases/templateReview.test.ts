import { DateTime } from 'luxon';
import { setGates } from '../../db/campaign';
import type { Db } from '../../db/connect';
import { appendToInbox } from '../../db/webhookInbox';
import type { Provider } from '../../domain/ports';
import { NO_PARTS, type LibraryRequest } from '../../domain/templateLibrary';
import { createUrlGuard } from '../../outbound/guard';
import { createProvider } from '../../providers/registry';
import { pauseUnsendable, resumeSendable } from '../../usecases/autoPause';
import type { Caller, Deps } from '../../usecases/deps';
import { createTemplate, deleteTemplate, getTemplate } from '../../usecases/template';
import { importTemplates } from '../../usecases/templateImport';
import { submitTemplates, withdrawTemplates } from '../../usecases/templateSubmission';
import { applyWebhooks } from '../../usecases/webhookRelay';
import { buildWorld, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startFileServer, type FileServer } from '../support/fileServer';
import { startReceiver, type Receiver } from '../support/receiver';
import {
  d360Settings,
  metaSettings,
  startSimulator,
  type TestSimulator,
} from '../support/simulator';
import { callerOf, draft } from '../support/templates';

const everything = draft({
  name: 'offer_of_the_day',
  category: 'MARKETING',
  header: { format: 'text', text: 'On {{day}}' },
  body: 'Hi {{first_name}}, 20% off.',
  footer: 'Reply STOP to opt out.',
  buttons: [
    { type: 'quick_reply', text: 'Not now' },
    { type: 'url', text: 'Shop', url: 'https://shop.example/{{1}}' },
  ],
  examples: { day: 'Monday', first_name: 'Ann', button_2: 'sale' },
});

/** A template's life between this registry and a provider over HTTP, with the provider's webhooks on their way back. */
describe.each([
  { kind: 'cloud_api', settings: metaSettings, phoneNumberId: '1001', wabaId: '2001' },
  { kind: '360dialog', settings: d360Settings, phoneNumberId: '1002', wabaId: '2002' },
] as const)('a template at $kind', ({ kind, settings, phoneNumberId, wabaId }) => {
  let database: TestDatabase;
  let db: Db;
  let world: World;
  let receiver: Receiver;
  let simulator: TestSimulator;
  let files: FileServer;
  let provider: Provider;
  let deps: Pick<Deps, 'db' | 'clock' | 'urlGuard' | 'providerFor'>;
  let caller: Caller;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
    receiver = await startReceiver();
    simulator = await startSimulator(receiver.url);
    files = await startFileServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': 4 }).end('pict'),
    );
    provider = createProvider(settings(simulator.url), { connections: 4, timeoutMs: 5000 });
    world = await buildWorld(db, { phoneNumberId });
    // 360dialog's numbers know their account by their key alone.
    const account = kind === 'cloud_api' ? wabaId : null;
    await db.updateTable('senders').set({ provider_kind: kind, waba_id: account }).execute();
    await db.updateTable('templates').set({ sender_id: world.sender.id }).execute();
    const urlGuard = createUrlGuard({ allowPrivate: true });
    deps = { db, clock: { now: () => DateTime.utc() }, urlGuard, providerFor: () => provider };
    caller = callerOf(world);
  });

  afterAll(async () => {
    await provider.close();
    await simulator.close();
    await receiver.close();
    await files.close();
    await database.drop();
  });

  /** Carries what the provider sent so far to the registry, as hook and relay do. */
  async function carry(): Promise<void> {
    const bodies = receiver.posts.splice(0).map(({ raw }) => raw);
    await appendToInbox(
      db,
      bodies.map((body) => ({ senderId: world.sender.id, body })),
    );
    while ((await applyWebhooks(db)) > 0);
  }

  function untilStatus(id: string, status: string): Promise<unknown> {
    return eventually(async () => {
      await carry();
      return (await getTemplate(deps, caller, id)).status === status;
    });
  }

  test('with everything is submitted, reviewed and approved', async () => {
    const { id } = await createTemplate(deps, caller, everything);
    expect(await submitTemplates(deps)).toBe(1);
    await untilStatus(id, 'approved');
    expect(await getTemplate(deps, caller, id)).toMatchObject({
      provider_template_id: expect.stringMatching(/^\d+$/),
      status_reason: null,
    });
  });

  test('that the review refuses is rejected, with the reason', async () => {
    const { id } = await createTemplate(deps, caller, draft({ name: 'reject_this' }));
    await submitTemplates(deps);
    await untilStatus(id, 'rejected');
    expect((await getTemplate(deps, caller, id)).status_reason).toBe('INVALID_FORMAT');
  });

  test('that is paused pauses its campaign, which goes on when it returns', async () => {
    const { id } = await createTemplate(deps, caller, draft({ name: 'tiring' }));
    await submitTemplates(deps);
    await untilStatus(id, 'approved');
    await db
      .updateTable('campaigns')
      .set({ template_id: id, frozen_at: new Date() })
      .where('id', '=', world.campaign.id)
      .execute();
    await setGates(db, world.campaign.id, true);
    const campaign = () =>
      db
        .selectFrom('campaigns')
        .select(['status', 'status_reason'])
        .where('id', '=', world.campaign.id)
        .executeTakeFirstOrThrow();

    await simulator.sim('PUT', '/templates', [{ wabaId, name: 'tiring', status: 'PAUSED' }]);
    await untilStatus(id, 'paused');
    expect(await pauseUnsendable(db)).toBe(1);
    expect(await campaign()).toEqual({ status: 'paused', status_reason: 'template_paused' });

    // News count by the second: a pause and its end within one would be told apart by their order alone.
    await simulator.sim('PUT', '/templates', [{ wabaId, name: 'tiring', status: 'APPROVED' }]);
    await untilStatus(id, 'approved');
    expect(await resumeSendable(deps)).toBe(1);
    expect(await campaign()).toEqual({ status: 'in_progress', status_reason: null });
  });

  test('that was made there is taken over', async () => {
    await simulator.sim('PUT', '/templates', [
      { wabaId, name: 'made_elsewhere', body: 'Hi {{name}}', category: 'UTILITY' },
    ]);
    expect(await importTemplates(deps)).toBe(1);
    const found = await db
      .selectFrom('templates')
      .selectAll()
      .where('name', '=', 'made_elsewhere')
      .executeTakeFirstOrThrow();
    expect(found).toMatchObject({
      status: 'approved',
      body: 'Hi {{name}}',
      placeholders: ['name'],
    });
  });

  test('of the library is approved at once, and can be sent when its parts are known', async () => {
    const library: LibraryRequest = {
      name: 'low_balance_warning_1',
      buttonInputs: [
        { type: 'URL', url: { base_url: 'https://bank.example/' } },
        { type: 'PHONE_NUMBER', phone_number: '+16315551010' },
      ],
    };
    const asked = draft({ ...NO_PARTS, name: 'low_balance', library });
    const { id } = await createTemplate(deps, caller, asked);
    expect(await submitTemplates(deps)).toBe(1);
    await eventually(async () => {
      expect(JSON.stringify(receiver.updates('template_status'))).toContain('low_balance');
    });
    await carry();
    expect(await getTemplate(deps, caller, id)).toMatchObject({ status: 'in_review', body: '' });
    expect(await importTemplates(deps)).toBe(1);
    expect(await getTemplate(deps, caller, id)).toMatchObject({
      status: 'approved',
      header: { format: 'text', text: 'Your account balance is low' },
      buttons: [
        { type: 'url', url: 'https://bank.example/' },
        { type: 'phone_number', phoneNumber: '+16315551010' },
      ],
      placeholders: ['1', '2', '3'],
      examples: { 1: 'Jim', 2: '1234', 3: '$75.00' },
    });
  });

  test('with a picture is reviewed with the picture, and deleted there when it is deleted here', async () => {
    const header = { format: 'image', media: { link: `${files.url}/sale.png` } } as const;
    const { id } = await createTemplate(deps, caller, draft({ name: 'with_picture', header }));
    await submitTemplates(deps);
    await untilStatus(id, 'approved');
    const names = async () => {
      const listed = await provider.listTemplates(null);
      return listed.kind === 'done' ? listed.templates.map(({ name }) => name) : [];
    };
    expect(await names()).toContain('with_picture');
    await deleteTemplate(deps, caller, id);
    expect(await withdrawTemplates(deps)).toBe(1);
    expect(await names()).not.toContain('with_picture');
  });
});
