import type { Updateable } from 'kysely';
import { TEMPLATE_CATEGORIES, TEMPLATE_QUALITIES, templateStatusOf } from '../domain/template';
import type { Tx } from '../db/connect';
import type { TemplatesTable } from '../db/schema';
import { sendersOfBusiness } from '../db/sender';
import { STATUS_MOVE, tellStatuses } from '../db/templateStatus';
import type { TemplateUpdate } from '../wire/templateWebhook';

/**
 * Applies what the provider tells of a template: its status, quality and category. News of the status may come late, and
 * again for days: older ones than were applied change nothing. Campaigns follow (`autoPause.ts`).
 */
export async function applyTemplateUpdate(
  tx: Tx,
  senderId: string,
  update: TemplateUpdate,
): Promise<void> {
  if (update.kind === 'template_content') return askAgain(tx, senderId, update.wabaId);
  const changes = changesOf(update);
  if (!changes) return;
  const changed = await tx
    .updateTable('templates')
    .set({ ...changes, provider_template_id: update.providerTemplateId, updated_at: new Date() })
    .where('name', '=', update.name)
    .where('language', '=', update.language)
    .where('deleted_at', 'is', null)
    .where('account_id', 'in', (eb) =>
      eb.selectFrom('senders').select('account_id').where('id', '=', senderId),
    )
    .where((where) =>
      where.or([
        where('sender_id', 'is', null),
        where('sender_id', 'in', sendersOfBusiness(tx, senderId, update.wabaId)),
      ]),
    )
    .$if(update.kind === 'template_status', (query) =>
      query.where((where) =>
        where.or([where('status_at', 'is', null), where('status_at', '<=', update.at)]),
      ),
    )
    .returning(STATUS_MOVE)
    .execute();
  await tellStatuses(tx, changed);
}

function changesOf(
  update: Exclude<TemplateUpdate, { kind: 'template_content' }>,
): Updateable<TemplatesTable> | null {
  switch (update.kind) {
    case 'template_status': {
      const status = templateStatusOf(update.event);
      const reason = update.reason === 'NONE' ? null : update.reason;
      return status ? { status, status_reason: reason, status_at: update.at } : null;
    }
    case 'template_quality': {
      const quality = TEMPLATE_QUALITIES.find((known) => known === update.quality);
      return quality ? { quality } : null;
    }
    case 'template_category': {
      const category = TEMPLATE_CATEGORIES.find((known) => known === update.category);
      return category ? { category } : null;
    }
  }
}

/** What was edited is read from the provider's list, which is asked for at the next opportunity. */
async function askAgain(tx: Tx, senderId: string, wabaId: string | null): Promise<void> {
  await tx
    .updateTable('senders')
    .set({ templates_listed_at: null })
    .where('id', 'in', sendersOfBusiness(tx, senderId, wabaId))
    .execute();
}
