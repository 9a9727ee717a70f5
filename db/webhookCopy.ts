import { sql } from 'kysely';
import { FURTHER_PLACE, MAIN_PLACE } from '../domain/webhook';
import type { Tx } from './connect';
import { SENDER_OF_EVENT } from './webhookReach';

/**
 * Further destinations of a number get a copy of an event when its main one has taken it: the number's own, or else that
 * of all the account's numbers. Where there is no main one that hears of it, they get it at once.
 */

const IS_FURTHER = `starts_with(w.place, '${FURTHER_PLACE}')`;

/** SQL: the main destinations `m` that an endpoint `w` could wait for with the event `s`. */
const MAIN_OF = `
  SELECT FROM webhook_endpoints m WHERE m.account_id = w.account_id AND m.place = '${MAIN_PLACE}' AND m.enabled
    AND m.deleted_at IS NULL AND s.kind = ANY(m.kinds)`;

/** SQL: the endpoint `w` gets the event `s` when another one has taken it. */
export const FOLLOWS = `CASE WHEN ${IS_FURTHER}
  THEN EXISTS (${MAIN_OF} AND (m.sender_id = w.sender_id OR m.sender_id IS NULL)) ELSE false END`;

/**
 * Makes deliveries of what a main destination has taken for those that wait for it; returns these endpoints. Whoever
 * sends an event to the main one again sends it to all.
 */
export async function copyDeliveries(
  tx: Tx,
  main: { id: string; account_id: string; sender_id: string | null },
  taken: readonly string[],
  deliverForMs: number,
): Promise<string[]> {
  const { rows } = await sql<{ endpoint_id: string }>`
    WITH copied AS (
      INSERT INTO webhook_deliveries (endpoint_id, event_id, expires_at)
      SELECT w.id, s.id, now() + make_interval(secs => ${deliverForMs / 1000})
      FROM webhook_deliveries d JOIN events s ON s.id = d.event_id
      JOIN webhook_endpoints w ON w.account_id = ${main.account_id} AND ${sql.raw(IS_FURTHER)} AND w.enabled
        AND w.deleted_at IS NULL AND s.kind = ANY(w.kinds)
      WHERE d.id = ANY(${[...taken]}::uuid[]) AND d.endpoint_id = ${main.id}
        AND CASE WHEN ${main.sender_id}::uuid IS NOT NULL THEN w.sender_id = ${main.sender_id}::uuid
          ELSE w.sender_id = ${sql.raw(SENDER_OF_EVENT)} AND NOT EXISTS (${sql.raw(MAIN_OF)} AND m.sender_id = w.sender_id) END
      ORDER BY s.seq
      RETURNING endpoint_id
    )
    SELECT DISTINCT endpoint_id FROM copied ORDER BY endpoint_id`.execute(tx);
  return rows.map((row) => row.endpoint_id);
}
