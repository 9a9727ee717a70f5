import { audit } from '../db/audit';
import {
  addApiBlocker,
  listBlockerRows,
  removeBlockers,
  type Blocker,
  type BlockerFilter,
} from '../db/blocker';
import type { Tx } from '../db/connect';
import { DomainError } from '../domain/errors';
import { blockerAddresses, isBsuid } from '../domain/identity';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';
import { completed } from './optOuts';
import { getSender } from './sender';

/** By number. A blocker is one sender's: the account's other senders may still write. */
export async function listBlockers(
  deps: Deps,
  caller: Caller,
  senderId: string,
  filter: BlockerFilter,
): Promise<Page<Blocker>> {
  await getSender(deps, caller, senderId);
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listBlockerRows(deps.db, senderId, more);
  if (filter.before !== undefined) {
    const page = rows.slice(-filter.limit);
    return { rows: page, total, next: page.at(-1)?.phone ?? null };
  }
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.phone : null };
}

/**
 * Campaigns read the list when they claim a recipient, so it holds for everybody not yet claimed. A number that is on
 * the list stays there with its date; what the customer had asked for is now the business's decision, too. A BSUID
 * whose number is known counts as the number.
 */
export async function addBlocker(
  deps: Deps,
  caller: Caller,
  senderId: string,
  given: string,
): Promise<{ blocker: Blocker; added: boolean }> {
  await getSender(deps, caller, senderId);
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now().toJSDate();
    const [address = given] = await addressesOf(tx, caller, given);
    const result = await addApiBlocker(tx, { senderId, address }, now);
    if (result.added) await audit(tx, caller, 'blocker.add', senderId, { number: address });
    return result;
  });
}

/** By number or BSUID, whichever it was. Throws `blocker_not_found` when the number is not on the list. */
export async function deleteBlocker(
  deps: Deps,
  caller: Caller,
  senderId: string,
  address: string,
): Promise<void> {
  await getSender(deps, caller, senderId);
  await deps.db.transaction().execute(async (tx) => {
    const addresses = await addressesOf(tx, caller, address);
    const removed = await removeBlockers(tx, senderId, addresses);
    if (!removed) throw new DomainError('blocker_not_found', 'The number is not blocked.');
    await audit(tx, caller, 'blocker.remove', senderId, { number: address });
  });
}

/** Everything the person with this address may be listed by, the number first. */
async function addressesOf(tx: Tx, { accountId }: Caller, address: string): Promise<string[]> {
  const given = isBsuid(address)
    ? { phone: null, bsuid: address }
    : { phone: address, bsuid: null };
  return blockerAddresses(await completed(tx, accountId, given));
}
