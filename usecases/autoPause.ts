import { setGates, transition } from '../db/campaign';
import type { Db } from '../db/connect';

/**
 * Pauses running campaigns whose template may not be sent any more: the provider paused or disabled it, or dropped
 * messages it had accepted. Each in a transaction of its own that takes the campaign and its gates first, as the
 * control verbs do. Returns how many it paused.
 */
export async function pauseUnsendable(db: Db): Promise<number> {
  const campaigns = await db
    .selectFrom('campaigns')
    .innerJoin('templates', 'templates.id', 'campaigns.template_id')
    .select('campaigns.id')
    .where('campaigns.status', '=', 'in_progress')
    .where('campaigns.frozen_at', 'is not', null)
    .where('templates.status', 'in', ['paused', 'disabled', 'rejected'])
    .limit(100)
    .execute();
  for (const { id } of campaigns) {
    await db.transaction().execute(async (tx) => {
      const paused = await transition(tx, id, 'pause', { status_reason: 'template_paused' });
      if (paused) await setGates(tx, id, false);
    });
  }
  return campaigns.length;
}
