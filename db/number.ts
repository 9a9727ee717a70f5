import { sql } from 'kysely';
import type { E164 } from '../domain/phone';
import type { NumberStatus } from '../domain/ports';
import type { Db, Tx } from './connect';

/** The newest thing known about a number. */
export interface KnownNumber {
  phone: E164;
  onWhatsApp: boolean;
  type: 'individual' | 'business' | null;
  /** What the provider calls it, or the contact's name. */
  name: string | null;
  at: Date;
}

/**
 * What the account knows of these numbers, each at its newest: that the customer wrote, that a message reached the phone,
 * that WhatsApp could not deliver one (131026), or what a provider said when it was asked. Absent: nothing.
 */
export async function knownNumbers(
  db: Tx,
  accountId: string,
  phones: readonly E164[],
): Promise<Map<E164, KnownNumber>> {
  const { rows } = await sql<{
    phone: E164;
    on_whatsapp: boolean;
    type: KnownNumber['type'];
    name: string | null;
    at: Date;
  }>`
    SELECT DISTINCT ON (n.phone) n.phone, e.on_whatsapp, e.type,
      coalesce(e.name, nullif(concat_ws(' ', p.first_name, p.last_name), '')) AS name, e.at
    FROM (SELECT DISTINCT unnest(${phones}::text[]) AS phone) AS n
    LEFT JOIN contacts p ON p.account_id = ${accountId} AND p.phone = n.phone
    CROSS JOIN LATERAL (
      SELECT k.on_whatsapp, k.type, k.display_name AS name, k.checked_at AS at
      FROM number_checks k WHERE k.account_id = ${accountId} AND k.phone = n.phone
      UNION ALL
      SELECT true, NULL, NULL, max(c.last_inbound_at) FROM conversations c WHERE c.contact_id = p.id
      UNION ALL
      SELECT m.status <> 'failed', NULL, NULL, max(coalesce(m.read_at, m.delivered_at, m.updated_at))
      FROM conversations c JOIN messages m ON m.conversation_id = c.id
      WHERE c.contact_id = p.id AND m.direction = 'outbound'
        AND (m.status IN ('delivered', 'read') OR m.status = 'failed' AND m.error_code = 131026)
      GROUP BY 1
      UNION ALL
      SELECT r.state <> 'failed', NULL, NULL, max(coalesce(r.status_at, r.attempt_at)) FROM recipients r
      WHERE r.contact_id = p.id AND r.phone = n.phone
        AND (r.state IN ('delivered', 'read') OR r.state = 'failed' AND r.reason = '131026')
      GROUP BY 1
    ) AS e
    WHERE e.at IS NOT NULL
    ORDER BY n.phone, e.at DESC, e.on_whatsapp DESC`.execute(db);
  return new Map(
    rows.map(({ phone, on_whatsapp: onWhatsApp, type, name, at }) => [
      phone,
      { phone, onWhatsApp, type, name, at },
    ]),
  );
}

/** Remembers what a provider said, in place of what one said before. */
export async function saveChecks(
  db: Db,
  accountId: string,
  numbers: readonly NumberStatus[],
  at: Date,
): Promise<void> {
  if (numbers.length === 0) return;
  await sql`
    INSERT INTO number_checks (account_id, phone, on_whatsapp, type, display_name, checked_at)
    SELECT DISTINCT ON (phone) ${accountId}::uuid, n.*, ${at}::timestamptz FROM unnest(
      ${numbers.map((n) => n.phone)}::text[], ${numbers.map((n) => n.onWhatsApp)}::boolean[],
      ${numbers.map((n) => n.type)}::text[], ${numbers.map((n) => n.displayName)}::text[]
    ) AS n (phone, on_whatsapp, type, display_name)
    ORDER BY phone
    ON CONFLICT (account_id, phone) DO UPDATE SET on_whatsapp = excluded.on_whatsapp, type = excluded.type,
      display_name = excluded.display_name, checked_at = excluded.checked_at`.execute(db);
}
