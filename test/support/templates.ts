import { DateTime } from 'luxon';
import type { Db } from '../../db/connect';
import type { Template } from '../../db/schema';
import type {
  CallOutcome,
  DownloadOutcome,
  MediaStore,
  MediaUpload,
  ProviderTemplate,
  SubmissionOutcome,
  TemplatePage,
  TemplateStore,
  TemplateSubmission,
} from '../../domain/ports';
import { createUrlGuard, type UrlGuard } from '../../outbound/guard';
import type { Caller } from '../../usecases/deps';
import type { CreateTemplate } from '../../usecases/template';
import { buildWorld, type World } from './build';
import { createTestDatabase } from './database';

/** A provider whose answers the test chooses; remembers what it was asked. */
export class ScriptedTemplates implements TemplateStore, MediaStore {
  readonly submitted: TemplateSubmission[] = [];
  readonly samples: { filename: string; mimeType: string; bytes: Buffer }[] = [];
  readonly deleted: { name: string; providerTemplateId?: string }[] = [];
  readonly pagesAsked: (string | null)[] = [];
  pages: ProviderTemplate[][] = [[]];
  submission: SubmissionOutcome = {
    kind: 'submitted',
    providerTemplateId: '900',
    status: 'PENDING',
  };
  sample: CallOutcome<{ handle: string }> = { kind: 'done', handle: '4::aW' };
  media: DownloadOutcome = { kind: 'rejected', code: 100, detail: 'No such file' };
  deletion: CallOutcome = { kind: 'done' };
  /** Fails from this page on. */
  brokenPage = Infinity;

  async submitTemplate(template: TemplateSubmission): Promise<SubmissionOutcome> {
    this.submitted.push(template);
    return this.submission;
  }

  async uploadSample({ filename, mimeType, content }: MediaUpload) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    this.samples.push({ filename, mimeType, bytes: Buffer.concat(chunks) });
    return this.sample;
  }

  async listTemplates(after: string | null): Promise<CallOutcome<TemplatePage>> {
    this.pagesAsked.push(after);
    const index = Number(after ?? 0);
    if (index >= this.brokenPage) return { kind: 'unknown', detail: 'timeout' };
    const next = index + 1 < this.pages.length ? String(index + 1) : null;
    return { kind: 'done', templates: this.pages[index] ?? [], next };
  }

  async deleteTemplate(given: { name: string; providerTemplateId?: string }): Promise<CallOutcome> {
    this.deleted.push(given);
    return this.deletion;
  }

  downloadMedia = () => Promise.resolve(this.media);
  uploadMedia = () => Promise.resolve(UNUSED);
  uploadForm = () => Promise.resolve(UNUSED);
  findMedia = () => Promise.resolve(UNUSED);
  deleteMedia = () => Promise.resolve(UNUSED);
  openUpload = () => Promise.resolve(UNUSED);
  continueUpload = () => Promise.resolve(UNUSED);
  findUpload = () => Promise.resolve(UNUSED);
}

const UNUSED = { kind: 'rejected', code: 100, detail: 'Templates need nothing of this.' } as const;

/** What use cases of templates need, with a world of their own and a provider whose answers the test chooses. */
export interface TemplateScene {
  db: Db;
  world: World;
  clock: MovingClock;
  provider: ScriptedTemplates;
  urlGuard: UrlGuard;
  providerFor: () => ScriptedTemplates;
  /** A key that is bound to the world's sender. */
  caller: Caller;
  close(): Promise<void>;
}

export async function openTemplates(): Promise<TemplateScene> {
  const database = await createTestDatabase();
  const { db } = database;
  const world = await buildWorld(db);
  const provider = new ScriptedTemplates();
  return {
    db,
    world,
    clock: new MovingClock(),
    provider,
    urlGuard: createUrlGuard({ allowPrivate: true }),
    providerFor: () => provider,
    caller: callerOf(world),
    close: () => database.drop(),
  };
}

export function callerOf({ accountId, sender }: World): Caller {
  return { accountId, keyId: 'key', scopes: ['*'], senderId: sender.id, agentId: null };
}

/** A clock that the test moves. */
export class MovingClock {
  private at: DateTime<true> = DateTime.utc();

  now(): DateTime<true> {
    return this.at;
  }

  pass(duration: { seconds?: number; minutes?: number; hours?: number }): void {
    this.at = this.at.plus(duration);
  }
}

export const draft = (changes: Partial<CreateTemplate> = {}): CreateTemplate => ({
  name: 'order_update',
  language: 'en_US',
  category: 'UTILITY',
  header: null,
  body: 'Your order {{1}} is on its way.',
  footer: null,
  buttons: [],
  senderCode: 'MyBusiness',
  ...changes,
});

/** As a provider lists it. */
export const listed = (changes: Partial<ProviderTemplate> = {}): ProviderTemplate => ({
  providerTemplateId: '900',
  name: 'order_update',
  language: 'en_US',
  category: 'UTILITY',
  status: 'APPROVED',
  parameterFormat: 'positional',
  components: [{ type: 'BODY', text: 'Your order {{1}} is on its way.' }],
  quality: null,
  rejectedReason: null,
  ...changes,
});

/** Deleted ones included, oldest first. */
export function templateRows(db: Db, accountId: string): Promise<Template[]> {
  return db
    .selectFrom('templates')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
}
