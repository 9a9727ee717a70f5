import type { Db } from '../../db/connect';
import type { JsonObject } from '../../domain/json';
import { NO_PARTS } from '../../domain/templateLibrary';
import { createTemplate } from '../../usecases/template';
import { importTemplates } from '../../usecases/templateImport';
import { submitTemplates } from '../../usecases/templateSubmission';
import { applyTemplateUpdate } from '../../usecases/templateUpdates';
import type { World } from '../support/build';
import {
  draft,
  listed,
  openTemplates,
  templateRows,
  type MovingClock,
  type ScriptedTemplates,
  type TemplateScene,
} from '../support/templates';

let scene: TemplateScene;
let db: Db;
let world: World;
let clock: MovingClock;
let provider: ScriptedTemplates;

beforeEach(async () => {
  scene = await openTemplates();
  ({ db, world, clock, provider } = scene);
  await db.updateTable('templates').set({ deleted_at: new Date() }).execute();
});

afterEach(() => scene.close());

const rows = async () =>
  (await templateRows(db, world.accountId)).filter(({ deleted_at }) => deleted_at === null);

/** Asks again, as an hour later. */
async function again(): Promise<void> {
  clock.pass({ hours: 2 });
  expect(await importTemplates(scene)).toBe(1);
}

/** News by webhook, so long from now. */
function tell(event: string, ahead: { minutes: number }): Promise<void> {
  return applyTemplateUpdate(db, world.sender.id, {
    kind: 'template_status',
    event,
    reason: null,
    providerTemplateId: '900',
    name: 'order_update',
    language: 'en_US',
    wabaId: world.sender.waba_id,
    at: clock.now().plus(ahead).toJSDate(),
  });
}

test('what exists at the provider becomes known, from all pages, and is not submitted again', async () => {
  provider.pages = [
    [
      listed({
        components: [
          {
            type: 'HEADER',
            format: 'IMAGE',
            example: { header_handle: ['https://cdn.example/x'] },
          },
          { type: 'BODY', text: 'Hi {{1}}', example: { body_text: [['Ann']] } },
          { type: 'FOOTER', text: 'Bye' },
          {
            type: 'BUTTONS',
            buttons: [{ type: 'URL', text: 'Go', url: 'https://x.example/{{1}}' }],
          },
        ],
        quality: 'GREEN',
      }),
    ],
    [listed({ name: 'reviewed', language: 'pt-BR', status: 'PENDING', providerTemplateId: '901' })],
  ];
  expect(await importTemplates(scene)).toBe(1);
  expect(provider.pagesAsked).toEqual([null, '1']);
  expect(await rows()).toMatchObject([
    {
      sender_id: world.sender.id,
      name: 'order_update',
      status: 'approved',
      category: 'UTILITY',
      header: { format: 'image', media: null },
      body: 'Hi {{1}}',
      footer: 'Bye',
      buttons: [{ type: 'url', text: 'Go', url: 'https://x.example/{{1}}' }],
      placeholders: ['1', 'button_1'],
      examples: { 1: 'Ann' },
      quality: 'GREEN',
      provider_template_id: '900',
    },
    { name: 'reviewed', language: 'pt_BR', status: 'in_review', provider_template_id: '901' },
  ]);
  expect(await submitTemplates(scene)).toBe(0);
});

test('a provider is asked once an hour, by one worker', async () => {
  const asked = await Promise.all([1, 2, 3].map(() => importTemplates(scene)));
  expect(asked.reduce((sum, n) => sum + n, 0)).toBe(1);
  expect(await importTemplates(scene)).toBe(0);
  await again();
});

test('what did not change is left alone', async () => {
  provider.pages = [[listed()]];
  await importTemplates(scene);
  const before = await rows();
  await again();
  expect(await rows()).toEqual(before);
});

test('status, quality, category and content follow the provider', async () => {
  provider.pages = [[listed()]];
  await importTemplates(scene);
  const components = [{ type: 'BODY', text: 'Edited, {{1}} and {{2}}.' }];
  const changed = { status: 'PAUSED', quality: 'RED', category: 'MARKETING', components };
  provider.pages = [[listed(changed)]];
  await again();
  expect(await rows()).toMatchObject([
    {
      status: 'paused',
      quality: 'RED',
      category: 'MARKETING',
      body: 'Edited, {{1}} and {{2}}.',
      placeholders: ['1', '2'],
    },
  ]);
});

test('media that messages show stay as they were said here; the provider’s samples expire', async () => {
  const sample = { header_handle: ['https://cdn.example/expires'] };
  const components: JsonObject[] = [
    { type: 'HEADER', format: 'IMAGE', example: sample },
    { type: 'BODY', text: 'Hi' },
  ];
  provider.pages = [[listed({ components })]];
  await importTemplates(scene);
  const header = { format: 'image', media: { link: 'https://shop.example/own.png' } };
  await db
    .updateTable('templates')
    .set({ header: JSON.stringify(header) })
    .where('deleted_at', 'is', null)
    .execute();
  await again();
  expect(await rows()).toMatchObject([{ header }]);
});

test('an approval of what the library says counts as soon as the list tells what that is', async () => {
  await importTemplates(scene);
  const library = { name: 'delivery_update_1' };
  provider.submission = { kind: 'submitted', providerTemplateId: '900', status: 'APPROVED' };
  await createTemplate(scene, scene.caller, draft({ ...NO_PARTS, library }));
  await submitTemplates(scene);
  provider.pages = [[listed({ components: [] })]];
  expect(await importTemplates(scene)).toBe(1);
  expect(await rows()).toMatchObject([{ status: 'in_review', body: '', placeholders: [] }]);

  // The provider's clock is ahead: its news may not keep the list from being believed.
  await tell('APPROVED', { minutes: 5 });
  provider.pages = [[listed()]];
  expect(await importTemplates(scene)).toBe(1);
  expect(await rows()).toMatchObject([
    {
      status: 'approved',
      body: 'Your order {{1}} is on its way.',
      placeholders: ['1'],
      library,
    },
  ]);
});

test('what was submitted without a clear outcome is found there', async () => {
  await db
    .insertInto('templates')
    .values({
      account_id: world.accountId,
      sender_id: world.sender.id,
      name: 'order_update',
      channel: 'WHATSAPP',
      category: 'UTILITY',
      status: 'rejected',
      status_reason: 'The name exists.',
      body: 'Your order {{1}} is on its way.',
      parameter_format: 'positional',
      placeholders: ['1'],
    })
    .execute();
  provider.pages = [[listed()]];
  await importTemplates(scene);
  expect(await rows()).toMatchObject([
    { status: 'approved', status_reason: null, provider_template_id: '900' },
  ]);
});

test('what was deleted here does not come back, what is being deleted there does not come', async () => {
  provider.pages = [[listed()]];
  await importTemplates(scene);
  await db.updateTable('templates').set({ deleted_at: new Date() }).execute();
  provider.pages = [
    [listed(), listed({ name: 'going', status: 'PENDING_DELETION', providerTemplateId: '902' })],
  ];
  await again();
  expect(await rows()).toEqual([]);
  provider.pages = [[listed({ providerTemplateId: '903' })]];
  await again();
  expect(await rows()).toMatchObject([{ provider_template_id: '903' }]);
});

test('a list that breaks off, and components that nothing here could fill, change nothing', async () => {
  provider.pages = [[listed()], [listed({ name: 'second' })]];
  provider.brokenPage = 1;
  await importTemplates(scene);
  expect(await rows()).toEqual([]);
  provider.brokenPage = Infinity;
  provider.pages = [
    [
      listed({ components: [{ type: 'CAROUSEL' }] }),
      listed({ category: 'OTHER' }),
      listed({ status: 'UNHEARD_OF' }),
    ],
  ];
  await again();
  expect(await rows()).toEqual([]);
});

test('news by webhook that is newer than the list stands', async () => {
  provider.pages = [[listed()]];
  await importTemplates(scene);
  clock.pass({ hours: 2 });
  await tell('PAUSED', { minutes: 1 });
  expect(await importTemplates(scene)).toBe(1);
  expect(await rows()).toMatchObject([{ status: 'paused' }]);
  await again();
  expect(await rows()).toMatchObject([{ status: 'approved' }]);
});

test('a sender without its business account is not asked', async () => {
  await db.updateTable('senders').set({ waba_id: null }).execute();
  expect(await importTemplates(scene)).toBe(0);
  await db.updateTable('senders').set({ provider_kind: '360dialog' }).execute();
  expect(await importTemplates(scene)).toBe(1);
});
