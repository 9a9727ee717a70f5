import { audit } from '../db/audit';
import { findOptOutSettings, saveOptOutSettings } from '../db/optOutSettings';
import type { OptOutSettings } from '../db/schema';
import type { Caller, Deps } from './deps';

/** What an account can change of them. Absent fields stay as they are. */
export type OptOutChange = Partial<Omit<OptOutSettings, 'account_id' | 'updated_at'>>;

export async function getOptOutSettings(deps: Deps, caller: Caller): Promise<OptOutSettings> {
  const { accountId } = caller;
  const stored = (await findOptOutSettings(deps.db, [accountId])).get(accountId);
  return stored ?? defaults(accountId, deps.clock.now().toJSDate());
}

export async function changeOptOutSettings(
  deps: Deps,
  caller: Caller,
  change: OptOutChange,
): Promise<OptOutSettings> {
  const { accountId } = caller;
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now().toJSDate();
    const stored = (await findOptOutSettings(tx, [accountId])).get(accountId);
    const settings = { ...(stored ?? defaults(accountId, now)), ...change, updated_at: now };
    await audit(tx, caller, 'opt_out.change', accountId, { fields: Object.keys(change) });
    return saveOptOutSettings(tx, settings);
  });
}

function defaults(accountId: string, now: Date): OptOutSettings {
  return {
    account_id: accountId,
    built_in_words: true,
    stop_words: [],
    start_words: [],
    stop_confirmation: null,
    start_confirmation: null,
    updated_at: now,
  };
}
