import { sql, type Insertable } from 'kysely';
import type { TemplateStatus } from '../domain/template';
import type { Tx } from './connect';
import type { Template, TemplatesTable } from './schema';

export interface TemplateFilter {
  name?: string;
  channel?: string;
  statuses?: readonly TemplateStatus[];
  /** Id of the last row of the page before. */
  after?: string;
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

/** Newest first. */
export async function listTemplateRows(
  db: Tx,
  accountId: string,
  filter: TemplateFilter,
): Promise<{ rows: Template[]; total: number }> {
  const { name, channel, statuses, after } = filter;
  const matching = db
    .selectFrom('templates')
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .$if(name !== undefined, (query) => query.where('name', '=', name!))
    .$if(channel !== undefined, (query) => query.where('channel', '=', channel!))
    .$if(statuses !== undefined, (query) => query.where('status', 'in', [...statuses!]));
  const rows = await matching
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
  const { total } = await matching
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total };
}

/** Hides a template that is not in review; the guard and the change are one statement. */
export async function hideTemplate(
  db: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('templates')
    .set({ deleted_at: at, updated_at: at })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('status', '!=', 'in_review')
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
