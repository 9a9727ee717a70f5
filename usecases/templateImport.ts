import { isDeepStrictEqual } from 'node:util';
import { json, type Db, type Tx } from '../db/connect';
import type { Sender, Template } from '../db/schema';
import { senderToAsk } from '../db/sender';
import {
  insertTemplateUnlessKnown,
  isOfBusiness,
  lockTemplates,
  updateTemplate,
} from '../db/template';
import { DomainError } from '../domain/errors';
import type { Clock, ProviderTemplate, TemplateStore } from '../domain/ports';
import {
  TEMPLATE_CATEGORIES,
  TEMPLATE_QUALITIES,
  templateStatusOf,
  type TemplateCategory,
  type TemplateStatus,
} from '../domain/template';
import { cardsOf, formatOf, variablesOf } from '../domain/templateForm';
import { awaitsContent } from '../domain/templateLibrary';
import type { TemplateHeader, TemplateParts } from '../domain/templateParts';
import { readTemplateComponents, type ReadTemplate } from '../wire/templateReading';

export interface ImportDeps {
  db: Db;
  clock: Clock;
  providerFor: (sender: Sender) => TemplateStore;
}

/** How often a provider is asked: what webhooks tell is known at once, and this is for those that were lost. */
const EVERY_MS = 3_600_000;
const CLOCKS_APART_MS = 60_000;
/** A business account holds 6,000 templates at most; a provider whose pages never end is not believed. */
const MOST_PAGES = 200;

/**
 * Brings the registry up to what one sender's provider lists: templates made elsewhere (in WhatsApp's own manager, or
 * before this sender came here) become known, and those that are known get the status, quality, category and content
 * they have there. Nothing is deleted. Returns how many senders were asked.
 */
export async function importTemplates(deps: ImportDeps): Promise<number> {
  const now = deps.clock.now();
  const sender = await senderToAsk(deps.db, now.toJSDate(), now.minus(EVERY_MS).toJSDate());
  if (!sender) return 0;
  const listed = await listAll(deps.providerFor(sender));
  for (const template of listed) {
    await deps.db.transaction().execute((tx) => take(tx, sender, template, now.toJSDate()));
  }
  return 1;
}

/** Empty when the provider does not answer in full: it is asked again at its next turn. */
async function listAll(provider: TemplateStore): Promise<ProviderTemplate[]> {
  const found: ProviderTemplate[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const outcome = await provider.listTemplates(after);
    if (outcome.kind !== 'done') return [];
    found.push(...outcome.templates);
    after = outcome.next;
    if (after === null) return found;
  }
  return [];
}

interface Listed extends ReadTemplate {
  name: string;
  language: string;
  category: TemplateCategory;
  status: TemplateStatus;
  statusReason: string | null;
  quality: Template['quality'];
  providerTemplateId: string;
}

/** Being deleted at the provider: nothing to take over. */
const GONE: ReadonlySet<string> = new Set(['DELETED', 'PENDING_DELETION']);

async function take(tx: Tx, sender: Sender, template: ProviderTemplate, at: Date): Promise<void> {
  const listed = readListed(template);
  if (!listed) return;
  const known = await lockTemplates(tx, sender.account_id, listed);
  const own = known.find((row) => !row.deleted_at);
  const hidden = known.some((row) => row.provider_template_id === listed.providerTemplateId);
  if (own) await renew(tx, sender, own, listed, at);
  else if (!hidden && !GONE.has(template.status)) await add(tx, sender, listed, at);
}

/** Null for what could not be sent from here: other categories, components that nothing here fills. */
function readListed(template: ProviderTemplate): Listed | null {
  const { name, providerTemplateId, rejectedReason: statusReason } = template;
  const category = TEMPLATE_CATEGORIES.find((known) => known === template.category);
  const status = templateStatusOf(template.status);
  const quality = TEMPLATE_QUALITIES.find((known) => known === template.quality) ?? null;
  const parts = readParts(template.components);
  if (!category || !status || !parts) return null;
  const language = template.language.replaceAll('-', '_');
  return { ...parts, name, language, category, status, statusReason, quality, providerTemplateId };
}

function readParts(components: unknown): ReadTemplate | null {
  try {
    return readTemplateComponents(components);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

async function add(tx: Tx, sender: Sender, listed: Listed, at: Date): Promise<void> {
  const { name, language } = listed;
  await insertTemplateUnlessKnown(tx, {
    account_id: sender.account_id,
    sender_id: sender.id,
    channel: sender.channel,
    name,
    language,
    submitted_at: at,
    status_at: newsSince(at),
    ...columns(contentOf(listed, { header: null })),
    ...reviewOf(listed),
  });
}

async function renew(
  tx: Tx,
  sender: Sender,
  own: Template,
  listed: Listed,
  at: Date,
): Promise<void> {
  if (!(await isOfBusiness(tx, own, sender.id))) return;
  const content = contentOf(listed, own);
  if (awaitsContent({ ...own, body: content.body })) return;
  const { status, status_reason, ...known } = reviewOf(listed);
  const newest = own.status_at === null || own.status_at <= at;
  const review = newest ? { ...known, status, status_reason } : known;
  if (isAlready(own, { ...content, ...review })) return;
  await updateTemplate(tx, own.id, {
    ...columns(content),
    ...review,
    ...(newest && { status_at: newsSince(at) }),
    submitted_at: own.submitted_at ?? at,
    updated_at: at,
  });
}

/** Rows that are as they should be are left alone: clients take the time of the last change for news. */
function isAlready(own: Template, wanted: Partial<Template>): boolean {
  const current = Object.fromEntries(
    Object.entries(own).filter(([column]) => Object.hasOwn(wanted, column)),
  );
  return own.submitted_at !== null && isDeepStrictEqual(current, { ...wanted });
}

/** News by webhook since shortly before the list was made count: their clock is another, and goes by seconds. */
function newsSince(listedAt: Date): Date {
  return new Date(listedAt.getTime() - CLOCKS_APART_MS);
}

function contentOf(listed: Listed, own: Pick<TemplateParts, 'header' | 'cards'>) {
  const { body, footer, buttons, examples } = listed;
  const cards = cardsOf(listed).map((card, index) => {
    return { ...card, header: headerOf(card.header, own.cards?.[index]?.header ?? null) };
  });
  const header = headerOf(listed.header, own.header);
  const parts = { header, body, footer, buttons, cards };
  const format = { parameter_format: formatOf(parts), placeholders: variablesOf(parts) };
  return { ...parts, examples, ...format };
}

function columns({ header, buttons, cards, examples, ...content }: ReturnType<typeof contentOf>) {
  return {
    ...content,
    header: header && json(header),
    buttons: json(buttons),
    cards: json(cards),
    examples: json(examples),
  };
}

/** The provider lists samples at addresses that expire: what messages show is what was said here. */
function headerOf(
  listed: TemplateHeader | null,
  own: TemplateHeader | null,
): TemplateHeader | null {
  if (!listed || !('media' in listed)) return listed;
  return own?.format === listed.format ? own : { format: listed.format, media: null };
}

function reviewOf({ status, statusReason, quality, category, providerTemplateId }: Listed) {
  return {
    status,
    status_reason: statusReason,
    quality,
    category,
    provider_template_id: providerTemplateId,
  };
}
