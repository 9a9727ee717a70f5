import { Readable } from 'node:stream';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DateTime } from 'luxon';
import type { Pool } from 'pg';
import { createActivities, type Activities } from '../../activities';
import { Slots } from '../../activities/slots';
import { Spacing } from '../../activities/spacing';
import { json, openPool } from '../../db/connect';
import { Notifications } from '../../db/notifications';
import { progressOf } from '../../db/recipient';
import type { NewCampaign } from '../../db/schema';
import type { Provider } from '../../domain/ports';
import { cardsOf, formatOf, variablesOf } from '../../domain/templateForm';
import type { TemplateParts } from '../../domain/templateParts';
import { createProvider } from '../../providers/registry';
import { buildWorld, phoneOf, type World } from '../support/build';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { metaSettings, startSimulator, type TestSimulator } from '../support/simulator';

/** Campaigns with templates of all parts, sent to a provider that holds every message against its template. */
let database: TestDatabase;
let pool: Pool;
let notifications: Notifications;
let simulator: TestSimulator;
let provider: Provider;
let activities: Activities;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openPool(database.url);
  notifications = await Notifications.open(database.url);
  simulator = await startSimulator();
  provider = createProvider(metaSettings(simulator.url), { connections: 8, timeoutMs: 5000 });
  activities = createActivities({
    db: database.db,
    pool,
    clock: { now: () => DateTime.utc() },
    slots: new Slots(16),
    spacing: new Spacing(),
    providerFor: () => provider,
    notifications,
    settings: {
      missedStartMs: 3_600_000,
      unknownAfterMs: 900_000,
      sendTimeoutMs: 5_000,
      laneLingerMs: 200,
    },
  });
});

afterAll(async () => {
  await provider.close();
  await simulator.close();
  await notifications.close();
  await pool.end();
  await database.drop();
});

const plain: TemplateParts = { header: null, body: 'Hi {{1}}', footer: null, buttons: [] };

/** A template that the provider approved, and a campaign with it that is due. */
async function prepare(
  name: string,
  parts: TemplateParts,
  campaign: Partial<NewCampaign>,
): Promise<World> {
  const { db } = database;
  const world = await buildWorld(db, { recipients: 3, phoneNumberId: '1001', campaign });
  await db
    .updateTable('templates')
    .set({
      name,
      header: parts.header && json(parts.header),
      body: parts.body,
      buttons: json(parts.buttons),
      cards: json(cardsOf(parts)),
      parameter_format: formatOf(parts),
      placeholders: variablesOf(parts),
    })
    .where('id', '=', world.template.id)
    .execute();
  const submission = {
    ...parts,
    header: await withSample(parts.header),
    cards: await Promise.all(
      cardsOf(parts).map(async (card) => ({ ...card, header: await withSample(card.header) })),
    ),
    name,
    language: 'en_US',
    category: 'MARKETING',
    examples: {},
  } as const;
  expect(await provider.submitTemplate(submission)).toMatchObject({ kind: 'submitted' });
  await simulator.sim('PUT', '/templates', [{ wabaId: '2001', name, status: 'APPROVED' }]);
  return world;
}

/** The provider reviews media by a sample that was uploaded to it. */
async function withSample(header: TemplateParts['header']): Promise<TemplateParts['header']> {
  if (header === null || header.format === 'text' || header.format === 'location') return header;
  const bytes = Buffer.from('sample');
  const sample = await provider.uploadSample({
    mimeType: 'image/png',
    filename: 'sample.png',
    sizeBytes: bytes.length,
    content: Readable.from([bytes]),
  });
  if (sample.kind !== 'done') throw new Error(sample.detail);
  return { ...header, handle: sample.handle };
}

const run = <R>(work: () => Promise<R>): Promise<R> =>
  new MockActivityEnvironment({ attempt: 1 }).run(work);

async function send(world: World) {
  const campaignId = world.campaign.id;
  const { plan } = await run(() => activities.beginCampaign({ campaignId }));
  if (plan) {
    const { next: from, end: to } = plan;
    await run(() => activities.sendRange({ campaignId, slot: 0, from, to }));
  }
  const campaign = await database.db
    .selectFrom('campaigns')
    .select(['status', 'status_reason'])
    .where('id', '=', campaignId)
    .executeTakeFirstOrThrow();
  return { ...campaign, progress: (await progressOf(database.db, [campaignId])).get(campaignId) };
}

async function received(n: number): Promise<{ template: { components?: object[] } }> {
  const to = phoneOf(n).slice(1);
  const { messages } = await simulator.sim<{ messages: { body: never }[] }>(
    'GET',
    `/messages?to=${to}`,
  );
  return messages.at(-1)!.body;
}

test('named values, a picture of the campaign’s own, a link and a code reach every recipient', async () => {
  const parts: TemplateParts = {
    header: { format: 'image', media: { link: 'https://cdn.example/own.png' } },
    body: 'Hi {{first_name}}, {{discount}} off.',
    footer: null,
    buttons: [
      { type: 'url', text: 'Shop', url: 'https://shop.example/{{1}}' },
      { type: 'copy_code' },
    ],
  };
  const world = await prepare('everything', parts, {
    header: json({ type: 'image', link: 'https://cdn.example/spring.png' }),
    variables: json({
      discount: { value: '20%' },
      button_1: { field: 'number' },
      button_2: { value: 'SPRING20' },
    }),
  });
  expect(await send(world)).toMatchObject({ progress: { total: 3, sent: 3 } });
  expect((await received(2)).template.components).toEqual([
    {
      type: 'header',
      parameters: [{ type: 'image', image: { link: 'https://cdn.example/spring.png' } }],
    },
    {
      type: 'body',
      parameters: [
        { type: 'text', parameter_name: 'first_name', text: 'Name 2' },
        { type: 'text', parameter_name: 'discount', text: '20%' },
      ],
    },
    {
      type: 'button',
      sub_type: 'url',
      index: '0',
      parameters: [{ type: 'text', text: phoneOf(2) }],
    },
    {
      type: 'button',
      sub_type: 'copy_code',
      index: '1',
      parameters: [{ type: 'coupon_code', coupon_code: 'SPRING20' }],
    },
  ]);
});

describe('a carousel', () => {
  const card = (media: { link: string } | null) => ({
    header: { format: 'image' as const, media },
    body: 'Only {{1}}',
    buttons: [{ type: 'url' as const, text: 'Buy', url: 'https://shop.example/{{1}}' }],
  });
  const variables = json({
    1: { field: 'first_name' },
    card_1_1: { value: '5' },
    card_1_button_1: { value: 'a' },
    card_2_1: { value: '9' },
    card_2_button_1: { field: 'number' },
  });
  const [first, second] = ['https://cdn.example/1.png', 'https://cdn.example/2.png'] as const;

  test('shows each recipient the cards with the values of both', async () => {
    const parts = { ...plain, cards: [card({ link: first }), card({ link: second })] };
    const world = await prepare('carousel', parts, { variables });
    expect(await send(world)).toMatchObject({ progress: { total: 3, sent: 3 } });
    const shown = (link: string, price: string, path: string, index: number) => ({
      card_index: index,
      components: [
        { type: 'header', parameters: [{ type: 'image', image: { link } }] },
        { type: 'body', parameters: [{ type: 'text', text: price }] },
        {
          type: 'button',
          sub_type: 'url',
          index: '0',
          parameters: [{ type: 'text', text: path }],
        },
      ],
    });
    expect((await received(3)).template.components).toEqual([
      { type: 'body', parameters: [{ type: 'text', text: 'Name 3' }] },
      {
        type: 'carousel',
        cards: [shown(first, '5', 'a', 0), shown(second, '9', phoneOf(3), 1)],
      },
    ]);
  });

  test('without media of its own fails the campaign before anything is sent', async () => {
    const parts = { ...plain, cards: [card({ link: first }), card(null)] };
    const world = await prepare('bare_carousel', parts, { variables });
    expect(await send(world)).toMatchObject({
      status: 'failed',
      status_reason: 'template_header_missing',
    });
  });
});

test('numbered values of header and body go by their numbers', async () => {
  const parts: TemplateParts = {
    ...plain,
    header: { format: 'text', text: 'Sale {{1}}' },
    body: '{{2}} for {{1}}',
  };
  const world = await prepare('numbered', parts, {
    variables: json({
      1: { field: 'first_name' },
      2: { value: 'News' },
      header: { value: 'today' },
    }),
  });
  expect(await send(world)).toMatchObject({ progress: { sent: 3 } });
  expect((await received(1)).template.components).toEqual([
    { type: 'header', parameters: [{ type: 'text', text: 'today' }] },
    {
      type: 'body',
      parameters: [
        { type: 'text', text: 'Name 1' },
        { type: 'text', text: 'News' },
      ],
    },
  ]);
});

test('who lacks the value of a button is skipped, as for the body', async () => {
  const buttons: TemplateParts['buttons'] = [
    { type: 'url', text: 'Shop', url: 'https://shop.example/{{1}}' },
  ];
  const world = await prepare(
    'lacking',
    { ...plain, body: 'Hi', buttons },
    {
      variables: json({ button_1: { field: 'city' } }),
    },
  );
  expect(await send(world)).toMatchObject({ progress: { total: 3, skipped: 3 } });
});

test('a place that nobody gave ends the campaign before anybody is written to', async () => {
  const world = await prepare(
    'placed',
    { ...plain, body: 'Hi', header: { format: 'location' } },
    {},
  );
  expect(await send(world)).toMatchObject({
    status: 'failed',
    status_reason: 'template_header_missing',
    progress: undefined,
  });
});

test('a campaign that was frozen when templates had bodies alone is sent as it was', async () => {
  const world = await prepare('older', plain, { variables: json({ 1: { field: 'first_name' } }) });
  const campaignId = world.campaign.id;
  await run(() => activities.beginCampaign({ campaignId }));
  const form = {
    name: 'older',
    language: 'en_US',
    parameterFormat: 'positional',
    placeholders: ['1'],
  };
  await database.db
    .updateTable('campaigns')
    .set({ template: json(form) })
    .where('id', '=', campaignId)
    .execute();
  expect(await send(world)).toMatchObject({ progress: { sent: 3 } });
  expect((await received(3)).template.components).toEqual([
    { type: 'body', parameters: [{ type: 'text', text: 'Name 3' }] },
  ]);
});

test('a provider that refuses a template as paused pauses the campaign, and what is known of the template', async () => {
  const world = await prepare('tired', plain, { variables: json({ 1: { value: 'you' } }) });
  await simulator.sim('PUT', '/templates', [{ wabaId: '2001', name: 'tired', status: 'PAUSED' }]);
  const result = await send(world);
  expect(result).toMatchObject({ status: 'paused', status_reason: 'template_paused' });
  expect(result.progress).toMatchObject({ pending: 3, failed: 0 });
  const template = await database.db
    .selectFrom('templates')
    .select(['status', 'status_reason'])
    .where('id', '=', world.template.id)
    .executeTakeFirstOrThrow();
  expect(template).toEqual({ status: 'paused', status_reason: 'provider_132015' });
});
