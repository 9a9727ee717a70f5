import type { Db } from '../../db/connect';
import { NO_PARTS } from '../../domain/templateLibrary';
import type { Caller } from '../../usecases/deps';
import {
  createTemplate,
  deleteTemplate,
  deleteTemplatesByName,
  getTemplate,
} from '../../usecases/template';
import { submitTemplates, withdrawTemplates } from '../../usecases/templateSubmission';
import type { World } from '../support/build';
import {
  draft,
  openTemplates,
  type MovingClock,
  type ScriptedTemplates,
  type TemplateScene,
} from '../support/templates';

let scene: TemplateScene;
let db: Db;
let world: World;
let clock: MovingClock;
let provider: ScriptedTemplates;
let caller: Caller;

beforeEach(async () => {
  scene = await openTemplates();
  ({ db, world, clock, provider, caller } = scene);
});

afterEach(() => scene.close());

const create = (changes: Parameters<typeof draft>[0] = {}) =>
  createTemplate(scene, caller, draft(changes));

async function row(id: string) {
  return db.selectFrom('templates').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

test('a template is submitted once, with all its parts, and waits for its review', async () => {
  const { id } = await create({
    header: { format: 'text', text: 'Order {{1}}' },
    footer: 'Thank you',
    buttons: [{ type: 'quick_reply', text: 'Stop' }],
    examples: { 1: '7', header: '7' },
  });
  expect(await submitTemplates(scene)).toBe(1);
  expect(await submitTemplates(scene)).toBe(0);
  expect(provider.submitted).toMatchObject([
    {
      name: 'order_update',
      header: { format: 'text', text: 'Order {{1}}' },
      footer: 'Thank you',
      buttons: [{ type: 'quick_reply', text: 'Stop' }],
      examples: { 1: '7', header: '7' },
    },
  ]);
  expect(await row(id)).toMatchObject({ status: 'in_review', provider_template_id: '900' });
});

test('one that the provider approves at once need not wait', async () => {
  provider.submission = { kind: 'submitted', providerTemplateId: '900', status: 'APPROVED' };
  const { id } = await create();
  await submitTemplates(scene);
  expect((await row(id)).status).toBe('approved');
});

test('one of the library waits for its parts although it is approved, and they are asked for', async () => {
  await db.updateTable('senders').set({ templates_listed_at: new Date() }).execute();
  provider.submission = { kind: 'submitted', providerTemplateId: '900', status: 'APPROVED' };
  const library = { name: 'delivery_update_1', bodyInputs: { add_contact_number: true } };
  const { id } = await create({ ...NO_PARTS, library });
  await submitTemplates(scene);
  expect(provider.submitted).toMatchObject([{ name: 'order_update', library }]);
  expect(await row(id)).toMatchObject({ status: 'in_review', provider_template_id: '900' });
  const sender = await db.selectFrom('senders').selectAll().executeTakeFirstOrThrow();
  expect(sender.templates_listed_at).toBeNull();
});

test('one that the provider refuses is rejected, with its reason', async () => {
  provider.submission = { kind: 'rejected', code: 100, detail: 'The name exists.' };
  const { id } = await create();
  expect(await submitTemplates(scene)).toBe(1);
  expect(await submitTemplates(scene)).toBe(0);
  expect(await row(id)).toMatchObject({ status: 'rejected', status_reason: 'The name exists.' });
});

test.each([
  ['an unclear outcome', { kind: 'unknown', detail: 'timeout' } as const],
  ['an expired token', { kind: 'rejected', code: 190, detail: 'token' } as const],
  ['too many requests', { kind: 'rejected', code: 80007, detail: 'limit' } as const],
  ['a provider that is down', { kind: 'rejected', code: -1, detail: 'refused' } as const],
])('after %s it is tried again later, and holds nobody up', async (_label, outcome) => {
  provider.submission = outcome;
  const first = await create();
  clock.pass({ seconds: 1 });
  const second = await create({ name: 'another' });
  expect(await submitTemplates(scene)).toBe(1);
  expect(await row(first.id)).toMatchObject({ status: 'in_review', status_reason: outcome.detail });
  provider.submission = { kind: 'submitted', providerTemplateId: '901', status: 'PENDING' };
  expect(await submitTemplates(scene)).toBe(1);
  expect((await row(second.id)).provider_template_id).toBe('901');
  expect(await submitTemplates(scene)).toBe(0);
  clock.pass({ hours: 1 });
  expect(await submitTemplates(scene)).toBe(1);
  expect(await row(first.id)).toMatchObject({
    provider_template_id: '901',
    status_reason: null,
  });
});

test('two workers submit a template once', async () => {
  await create();
  await Promise.all([1, 2, 3, 4].map(() => submitTemplates(scene)));
  expect(provider.submitted).toHaveLength(1);
});

/** A template that was reviewed. */
async function reviewed(changes: Parameters<typeof draft>[0] = {}) {
  const { id } = await create(changes);
  await submitTemplates(scene);
  await db.updateTable('templates').set({ status: 'approved' }).where('id', '=', id).execute();
  return id;
}

test('what is deleted here is deleted at the provider, by its id there', async () => {
  const id = await reviewed();
  await deleteTemplate(scene, caller, id);
  expect(await withdrawTemplates(scene)).toBe(1);
  expect(provider.deleted).toEqual([{ name: 'order_update', providerTemplateId: '900' }]);
  expect(await withdrawTemplates(scene)).toBe(0);
});

test('what the provider never had is deleted here alone', async () => {
  await deleteTemplate(scene, caller, world.template.id);
  expect(await withdrawTemplates(scene)).toBe(0);
});

test('a refusal for good ends it, anything else is tried again', async () => {
  const id = await reviewed();
  await deleteTemplate(scene, caller, id);
  provider.deletion = { kind: 'unknown', detail: 'timeout' };
  expect(await withdrawTemplates(scene)).toBe(1);
  expect(await withdrawTemplates(scene)).toBe(0);
  clock.pass({ minutes: 1 });
  provider.deletion = { kind: 'rejected', code: 100, detail: 'Template not found' };
  expect(await withdrawTemplates(scene)).toBe(1);
  clock.pass({ hours: 2 });
  expect(await withdrawTemplates(scene)).toBe(0);
  expect(provider.deleted).toHaveLength(2);
});

test('a template that a campaign is sending stays at the provider until the campaign is finished', async () => {
  const id = await reviewed();
  const campaign = (changes: object) =>
    db.updateTable('campaigns').set(changes).where('id', '=', world.campaign.id).execute();
  await campaign({ template_id: id, frozen_at: new Date(), status: 'paused' });
  await deleteTemplate(scene, caller, id);
  expect(await withdrawTemplates(scene)).toBe(0);
  await campaign({ status: 'completed' });
  expect(await withdrawTemplates(scene)).toBe(1);
});

describe('deleting by name', () => {
  const ours = () => ({ senderId: world.sender.id });

  test('takes all languages, in review or not; one that was never submitted is not submitted any more', async () => {
    await reviewed();
    await create({ language: 'de' });
    expect(await deleteTemplatesByName(scene, caller, { ...ours(), name: 'order_update' })).toBe(2);
    expect(await submitTemplates(scene)).toBe(0);
    expect(await withdrawTemplates(scene)).toBe(1);
    await expect(
      deleteTemplatesByName(scene, caller, { ...ours(), name: 'order_update' }),
    ).rejects.toMatchObject({ code: 'template_not_found' });
  });

  test('reaches the business account of the sender alone, as a key that is bound to one does by id', async () => {
    const id = await reviewed();
    const { id: other } = await db
      .insertInto('senders')
      .values({
        ...world.sender,
        id: undefined,
        quiet_hours: null,
        name: 'Other',
        hook_key: 'k',
        waba_id: '9',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const given = { name: 'order_update' };
    const unbound = { ...caller, senderId: null };
    await expect(
      deleteTemplatesByName(scene, unbound, { ...given, senderId: other }),
    ).rejects.toMatchObject({ code: 'template_not_found' });
    for (const reach of [getTemplate, deleteTemplate]) {
      await expect(reach(scene, { ...caller, senderId: other }, id)).rejects.toMatchObject({
        code: 'template_not_found',
      });
    }
    expect((await getTemplate(scene, unbound, id)).id).toBe(id);
    expect(await deleteTemplatesByName(scene, unbound, { ...given, ...ours() })).toBe(1);
    expect((await row(id)).deleted_at).not.toBeNull();
  });

  test.each(['the provider’s', 'our own'])('takes one alone by %s id', async (whose) => {
    const id = await reviewed();
    const other = await create({ language: 'de' });
    const given = { ...ours(), name: 'order_update', id: whose === 'our own' ? id : '900' };
    expect(await deleteTemplatesByName(scene, caller, given)).toBe(1);
    expect((await row(id)).deleted_at).not.toBeNull();
    expect((await row(other.id)).deleted_at).toBeNull();
  });
});

test('the sender is that of the key where none is named', async () => {
  const { sender_id } = await create({ senderCode: undefined });
  expect(sender_id).toBe(world.sender.id);
  const unbound = { ...caller, senderId: null };
  await expect(
    createTemplate(scene, unbound, draft({ name: 'nobody', senderCode: undefined })),
  ).rejects.toMatchObject({ code: 'template_sender_required' });
});
