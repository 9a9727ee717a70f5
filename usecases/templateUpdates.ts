import { sql, type Updateable } from 'kysely';
import {
  TEMPLATE_CATEGORIES,
  TEMPLATE_QUALITIES,
  templateStatusOf,
  type TemplateStatus,
} from '../domain/template';
import type { Tx } from '../db/connect';
import type { TemplatesTable } from '../db/schema';
import { askForTemplates } from '../db/sender';
import { AWAITS_CONTENT, ofBusiness } from '../db/template';
import { STATUS_MOVE, tellStatuses } from '../db/templateStatus';
import type { TemplateUpdate } from '../wire/templateWebhook';

/**
 * Applies what the provider tells of a template: its status, quality and category. News of the status may come late, and
 * again for days: older ones than were applied change nothing. Campaigns follow (`autoPause.ts`). A template that is approved
 * before anybody here knows what it says cannot be sent: it stays as it is, and what the provider lists is asked for.
 */
export async function applyTemplateUpdate(
  tx: Tx,
  senderId: string,
  update: TemplateUpdate,
): Promise<void> {
  if (update.kind === 'template_content') return askForTemplates(tx, senderId, update.wabaId);
  const changes = changesOf(update);
  if (!changes) return;
  const changed = await tx
    .updateTable('templates')
    .set({
      ...changes,
      ...unlessAwaited(changes),
      provider_template_id: update.providerTemplateId,
      updated_at: new Date(),
    })
    .where('name', '=', update.name)
    .where('language', '=', update.language)
    .where('deleted_at', 'is', null)
    .where('account_id', 'in', (eb) =>
      eb.selectFrom('senders').select('account_id').where('id', '=', senderId),
    )
    .where(ofBusiness(tx, senderId, update.wabaId))
    .$if(update.kind === 'template_status', (query) =>
      query.where((where) =>
        where.or([where('status_at', 'is', null), where('status_at', '<=', update.at)]),
      ),
    )
    .returning([...STATUS_MOVE, AWAITS_CONTENT.as('awaits')])
    .execute();
  await tellStatuses(tx, changed);
  if (changes.status === 'approved' && changed.some(({ awaits }) => awaits))
    await askForTemplates(tx, senderId, update.wabaId);
}

/** An approval leaves the status of a template whose content is not known, and its time, to the provider's list. */
function unlessAwaited({ status, status_at }: Updateable<TemplatesTable>) {
  if (status !== 'approved') return {};
  return {
    status: sql<TemplateStatus>`CASE WHEN ${AWAITS_CONTENT} THEN status ELSE ${status} END`,
    status_at: sql<Date>`CASE WHEN ${AWAITS_CONTENT} THEN status_at ELSE ${status_at} END`,
  };
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
