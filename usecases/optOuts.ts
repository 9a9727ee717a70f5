import { block, unblock, type BlockerSource } from '../db/blocker';
import { findPeople } from '../db/contactIdentity';
import type { Tx } from '../db/connect';
import type { OptOutSettings } from '../db/schema';
import type { SenderAddress } from '../db/sender';
import { blockerAddresses, optOutAddresses, type Identity } from '../domain/identity';
import type { OptOutIntent, OptOutWords } from '../domain/optOut';
import type { UserPreferenceUpdate } from '../wire/webhook';

/** START undoes what the customer asked for, never what the business put on the list. */
const UNDONE_BY_START: readonly BlockerSource[] = ['inbound', 'user_preferences'];
/** Marketing switched on again in WhatsApp undoes what was switched off there; a STOP in the chat stands. */
const UNDONE_BY_RESUME: readonly BlockerSource[] = ['user_preferences', 'provider_131050'];

export function wordsOf(settings: OptOutSettings): OptOutWords {
  const { built_in_words: builtIn, stop_words: stop, start_words: start } = settings;
  return { builtIn, stop, start };
}

/**
 * STOP and START in a customer's own words. `at` is when they wrote it: an older START does not undo a newer STOP.
 * False when nothing changed by it.
 */
export async function applyIntent(
  tx: Tx,
  senderId: string,
  customer: Identity,
  intent: OptOutIntent,
  at: Date,
): Promise<boolean> {
  if (intent === 'stop') return listAt(tx, senderId, customer, 'inbound', at);
  const addresses = blockerAddresses(customer);
  return unblock(tx, { senderId, addresses }, UNDONE_BY_START, at);
}

/** False when all of it was asked for before. */
async function listAt(
  tx: Tx,
  senderId: string,
  user: Identity,
  source: BlockerSource,
  at: Date,
): Promise<boolean> {
  let news = false;
  for (const address of optOutAddresses(user)) {
    if (await block(tx, { senderId, address }, source, at)) news = true;
  }
  return news;
}

/** The user asked WhatsApp itself for no more marketing from this number, or for some again. */
export async function applyPreference(
  tx: Tx,
  sender: SenderAddress,
  update: UserPreferenceUpdate,
): Promise<void> {
  const user = await completed(tx, sender.account_id, update);
  const senderId = sender.id;
  if (update.value === 'stop') {
    await listAt(tx, senderId, user, 'user_preferences', update.at);
  }
  if (update.value === 'resume') {
    const addresses = blockerAddresses(user);
    await unblock(tx, { senderId, addresses }, UNDONE_BY_RESUME, update.at);
  }
}

/** A user who is told by BSUID alone may be a contact whose number is known, and the reverse. */
export async function completed(tx: Tx, accountId: string, user: Identity): Promise<Identity> {
  const { phone, bsuid } = user;
  if (phone !== null && bsuid !== null) return { phone, bsuid };
  const [contact] = await findPeople(tx, [{ accountId, phone, bsuid, profileName: null }]);
  return { phone: phone ?? contact?.phone ?? null, bsuid: bsuid ?? contact?.bsuid ?? null };
}
