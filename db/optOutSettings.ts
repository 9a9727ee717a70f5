import type { Tx } from './connect';
import type { OptOutSettings } from './schema';

/** Settings of these accounts; those without have the defaults. */
export async function findOptOutSettings(
  tx: Tx,
  accountIds: readonly string[],
): Promise<Map<string, OptOutSettings>> {
  if (accountIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('opt_out_settings')
    .selectAll()
    .where('account_id', 'in', [...new Set(accountIds)])
    .execute();
  return new Map(rows.map((row) => [row.account_id, row]));
}

export function saveOptOutSettings(tx: Tx, settings: OptOutSettings): Promise<OptOutSettings> {
  const { account_id: accountId, ...values } = settings;
  return tx
    .insertInto('opt_out_settings')
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow();
}
