import { sql, type ExpressionBuilder, type Insertable, type Updateable } from 'kysely';
import type { TemplateCategory, TemplateStatus } from '../domain/template';
import type { Tx } from './connect';
import type { Schema, Sender, Template, TemplatesTable } from './schema';
import { sendersOfBusiness } from './sender';
import { STATUS_MOVE, tellStatuses } from './templateStatus';

export interface TemplateFilter {
  name?: string;
  channel?: string;
  language?: string;
  category?: TemplateCategory;
  statuses?: readonly TemplateStatus[];
  /** Of this sender's business account, or of none. */
  senderId?: string;
  /** Id of the last row of the page before ... */
  after?: string;
  /** ... or how many rows to leave out, for APIs whose pages have numbers. */
  offset?: number;
  limit: number;
}

export async function insertTemplate(
  db: Tx,
  template: Insertable<TemplatesTable>,
): Promise<Template> {
  return db.insertInto('templates').values(template).returningAll().executeTakeFirstOrThrow();
}

export async function findTemplate(
  db: Tx,
  accountId: string,
  id: string,
): Promise<Template | undefined> {
  return db
    .selectFrom('templates')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/**
 * The template that a sender's messages mean by this name: one of its own business account, or of no sender's. Without a
 * language the oldest that can be sent, or else one that cannot.
 */
export async function findSendableTemplate(
  db: Tx,
  sender: Pick<Sender, 'id' | 'account_id' | 'channel' | 'waba_id'>,
  name: string,
  language?: string,
): Promise<Template | undefined> {
  return db
    .selectFrom('templates as t')
    .leftJoin('senders as s', 's.id', 't.sender_id')
    .selectAll('t')
    .where('t.account_id', '=', sender.account_id)
    .where('t.channel', '=', sender.channel)
    .where('t.name', '=', name)
    .$if(language !== undefined, (query) => query.where('t.language', '=', language!))
    .where('t.deleted_at', 'is', null)
    .where((where) =>
      where.or([
        where('t.sender_id', 'is', null),
        where('t.sender_id', '=', sender.id),
        where('s.waba_id', '=', sender.waba_id),
      ]),
    )
    .orderBy(sql`t.status = 'approved'`, 'desc')
    .orderBy('t.id')
    .executeTakeFirst();
}

/** Newest first. */
export async function listTemplateRows(
  db: Tx,
  accountId: string,
  filter: TemplateFilter,
): Promise<{ rows: Template[]; total: number }> {
  const { name, channel, language, category, statuses, senderId, after } = filter;
  const matching = db
    .selectFrom('templates')
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .$if(name !== undefined, (query) => query.where('name', '=', name!))
    .$if(channel !== undefined, (query) => query.where('channel', '=', channel!))
    .$if(language !== undefined, (query) => query.where('language', '=', language!))
    .$if(category !== undefined, (query) => query.where('category', '=', category!))
    .$if(statuses !== undefined, (query) => query.where('status', 'in', [...statuses!]))
    .$if(senderId !== undefined, (query) => query.where(ofBusiness(db, senderId!, null)));
  const rows = await matching
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset ?? 0)
    .execute();
  const { total } = await matching
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total };
}

/** Of the sender's business account, or of no sender. `wabaId`: as for `sendersOfBusiness`. */
export function ofBusiness(db: Tx, senderId: string, wabaId: string | null) {
  const senders = sendersOfBusiness(db, senderId, wabaId);
  return (where: ExpressionBuilder<Schema, 'templates'>) =>
    where.or([where('sender_id', 'is', null), where('sender_id', 'in', senders)]);
}

/** `ofBusiness` of a row that was read: two business accounts of one account may have a template of the same name. */
export async function isOfBusiness(
  db: Tx,
  { sender_id }: Template,
  senderId: string,
): Promise<boolean> {
  if (sender_id === null) return true;
  const senders = await sendersOfBusiness(db, senderId, null).execute();
  return senders.some(({ id }) => id === sender_id);
}

/** `awaitsContent` of a row. */
export const AWAITS_CONTENT = sql<boolean>`(templates.library IS NOT NULL AND templates.body = '')`;

/** Hides a template that is not in review; the guard and the change are one statement. */
export async function hideTemplate(
  db: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('templates')
    .set({ deleted_at: at, updated_at: at, next_try_at: null })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('status', '!=', 'in_review')
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** All rows of this name and language, deleted ones included, locked. */
export function lockTemplates(
  tx: Tx,
  accountId: string,
  { name, language }: Pick<Template, 'name' | 'language'>,
): Promise<Template[]> {
  return tx
    .selectFrom('templates')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('channel', '=', 'WHATSAPP')
    .where('name', '=', name)
    .where('language', '=', language)
    .forUpdate()
    .execute();
}

export async function insertTemplateUnlessKnown(
  tx: Tx,
  template: Insertable<TemplatesTable>,
): Promise<void> {
  await tx
    .insertInto('templates')
    .values(template)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Hides templates by name, in review or not. Returns how many. */
export async function hideTemplates(
  db: Tx,
  which: {
    accountId: string;
    /** Of this sender's business account, or of none. */
    senderId: string;
    name: string;
    /** Ours, or the provider's. */
    id?: string;
  },
  at: Date,
): Promise<number> {
  const { accountId, senderId, name, id } = which;
  const { numUpdatedRows } = await db
    .updateTable('templates')
    .set({ deleted_at: at, updated_at: at, next_try_at: null })
    .where('account_id', '=', accountId)
    .where('channel', '=', 'WHATSAPP')
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .$if(id !== undefined, (query) =>
      query.where((where) =>
        where.or([
          where('provider_template_id', '=', id!),
          where(sql<string>`id::text`, '=', id!.toLowerCase()),
        ]),
      ),
    )
    .where(ofBusiness(db, senderId, null))
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** A template of which the provider must be told, with the sender whose business account has it. */
export interface Errand {
  template: Template;
  sender: Sender;
}

/** The oldest template that waits for its submission; locked, so that two workers never submit one twice. */
export function nextSubmission(tx: Tx, now: Date): Promise<Errand | undefined> {
  return withSender(
    tx,
    errands(tx, now)
      .where('status', '=', 'in_review')
      .where('submitted_at', 'is', null)
      .where('deleted_at', 'is', null)
      .orderBy('created_at'),
  );
}

/**
 * The oldest deleted template that the provider still has. One that an unfinished campaign was frozen with is kept for
 * its messages: they name it.
 */
export function nextWithdrawal(tx: Tx, now: Date): Promise<Errand | undefined> {
  return withSender(
    tx,
    errands(tx, now)
      .where('deleted_at', 'is not', null)
      .where('withdrawn_at', 'is', null)
      .where('provider_template_id', 'is not', null)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('campaigns')
              .select('campaigns.id')
              .whereRef('campaigns.template_id', '=', 'templates.id')
              .where('campaigns.status', 'in', ['scheduled', 'in_progress', 'paused'])
              .where('campaigns.frozen_at', 'is not', null),
          ),
        ),
      )
      .orderBy('deleted_at'),
  );
}

function errands(tx: Tx, now: Date) {
  return tx
    .selectFrom('templates')
    .selectAll()
    .where('sender_id', 'is not', null)
    .where((where) => where.or([where('next_try_at', 'is', null), where('next_try_at', '<=', now)]))
    .limit(1)
    .forUpdate()
    .skipLocked();
}

async function withSender(tx: Tx, query: ReturnType<typeof errands>): Promise<Errand | undefined> {
  const template = await query.executeTakeFirst();
  if (!template?.sender_id) return undefined;
  const sender = await tx
    .selectFrom('senders')
    .selectAll()
    .where('id', '=', template.sender_id)
    .executeTakeFirstOrThrow();
  return { template, sender };
}

export async function updateTemplate(
  tx: Tx,
  id: string,
  changes: Updateable<TemplatesTable>,
): Promise<void> {
  const changed = await tx
    .updateTable('templates')
    .set(changes)
    .where('id', '=', id)
    .returning(STATUS_MOVE)
    .execute();
  await tellStatuses(tx, changed);
}

/** Before a provider's code: the pause is our conclusion from what became of messages, nobody has told us of it. */
const CONCLUDED = 'provider_';

/**
 * The provider's answer to a message, or what became of one, says that the template cannot be sent now: so would it be
 * with the rest. It counts until the provider tells of the template, or an operator tries again.
 */
export async function concludePause(
  tx: Tx,
  campaignId: string,
  code: number | string,
  at: Date,
): Promise<void> {
  const paused = await tx
    .updateTable('templates')
    .set({ status: 'paused', status_reason: `${CONCLUDED}${code}`, updated_at: at })
    .where('status', '=', 'approved')
    .where('id', 'in', templateOf(tx, campaignId))
    .returning(STATUS_MOVE)
    .execute();
  await tellStatuses(tx, paused);
}

/** An operator resumes a campaign: what was concluded of its template is tried again, what the provider told stands. */
export async function forgetConclusion(tx: Tx, campaignId: string, at: Date): Promise<void> {
  const approved = await tx
    .updateTable('templates')
    .set({ status: 'approved', status_reason: null, updated_at: at })
    .where('status', '=', 'paused')
    .where('status_reason', 'like', `${CONCLUDED}%`)
    .where('id', 'in', templateOf(tx, campaignId))
    .returning(STATUS_MOVE)
    .execute();
  await tellStatuses(tx, approved);
}

function templateOf(tx: Tx, campaignId: string) {
  return tx.selectFrom('campaigns').select('template_id').where('id', '=', campaignId);
}
