import { sql } from 'kysely';
import type { TemplateStatus } from '../domain/template';
import type { Tx } from './connect';
import { recordEvents } from './event';
import type { Template } from './schema';

/** For RETURNING, with the status before. */
export const STATUS_MOVE = [
  'id',
  'account_id',
  'status',
  'status_reason',
  'updated_at',
  sql<TemplateStatus>`old.status`.as('was'),
] as const;

interface StatusMove extends Pick<
  Template,
  'id' | 'account_id' | 'status' | 'status_reason' | 'updated_at'
> {
  was: TemplateStatus;
}

/** Tells accounts of the templates whose status is another one now; part of the transaction that changed it. */
export async function tellStatuses(tx: Tx, changed: readonly StatusMove[]): Promise<void> {
  const moved = changed.filter(({ status, was }) => status !== was);
  await recordEvents(
    tx,
    moved.map(({ id, account_id, status, status_reason: reason, updated_at }) => ({
      accountId: account_id,
      kind: 'template.status',
      data: { template_id: id, status, ...(reason !== null && { reason }) },
      at: updated_at,
    })),
  );
}
