import { isUniqueViolation } from '../db/connect';
import {
  countContactRows,
  findByPhones,
  findContact,
  listContactRows,
  lockContact,
  removeMember,
  updateContactRow,
  type ContactFilter,
} from '../db/contact';
import { renumberContact } from '../db/contactIdentity';
import type { Contact } from '../db/schema';
import { validateContact, type ContactInput } from '../domain/contact';
import { DomainError } from '../domain/errors';
import { mustFindAudience } from './audience';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';
import { saveContacts } from './saveContacts';

/** In the order in which they joined the account. */
export async function listContacts(
  deps: Deps,
  caller: Caller,
  audienceId: string,
  filter: ContactFilter,
): Promise<Page<Contact>> {
  const audience = await mustFindAudience(deps.db, caller, audienceId);
  const rows = await listContactRows(deps.db, audienceId, { ...filter, limit: filter.limit + 1 });
  const total =
    filter.search === undefined
      ? audience.contacts_count
      : await countContactRows(deps.db, audienceId, filter.search);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

/**
 * Puts contacts on the audience: all of them, or none. Throws `contact_exists` when one is on it already; a contact
 * that the account knows from another audience is joined to this one.
 */
export async function addContacts(
  deps: Deps,
  caller: Caller,
  audienceId: string,
  inputs: readonly ContactInput[],
): Promise<Contact[]> {
  return deps.db.transaction().execute(async (tx) => {
    const audience = await mustFindAudience(tx, caller, audienceId);
    const { updated, phones } = await saveContacts(tx, audience, inputs);
    if (updated > 0) {
      throw new DomainError('contact_exists', 'A contact with this number is on the audience.');
    }
    return findByPhones(tx, audienceId, phones);
  });
}

export async function getContact(
  deps: Deps,
  caller: Caller,
  audienceId: string,
  contactId: string,
): Promise<Contact> {
  return mustFindContact(deps, caller, audienceId, contactId);
}

/**
 * Changes the given fields. Another number is another person, see `renumberContact`. Throws `contact_exists` when
 * another contact of the account has the new number.
 */
export async function changeContact(
  deps: Deps,
  caller: Caller,
  audienceId: string,
  contactId: string,
  change: ContactInput,
): Promise<Contact> {
  await mustFindAudience(deps.db, caller, audienceId);
  try {
    return await deps.db.transaction().execute(async (tx) => {
      const contact = await lockContact(tx, audienceId, contactId);
      if (!contact) throw contactNotFound();
      const number = change.number ?? contact.phone ?? '';
      const valid = validateContact({ ...change, number }, new Map());
      if (valid.phone !== contact.phone) await renumberContact(tx, contact, valid.phone);
      return updateContactRow(tx, contactId, valid, deps.clock.now().toJSDate());
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError('contact_exists', 'Another contact has this number.');
  }
}

/** Takes the contact off this audience; it stays a contact of the account. */
export async function removeContact(
  deps: Deps,
  caller: Caller,
  audienceId: string,
  contactId: string,
): Promise<void> {
  await mustFindAudience(deps.db, caller, audienceId);
  const removed = await removeMember(deps.db, audienceId, contactId);
  if (!removed) throw contactNotFound();
}

async function mustFindContact(
  deps: Deps,
  caller: Caller,
  audienceId: string,
  contactId: string,
): Promise<Contact> {
  await mustFindAudience(deps.db, caller, audienceId);
  const contact = await findContact(deps.db, audienceId, contactId);
  if (!contact) throw contactNotFound();
  return contact;
}

function contactNotFound(): DomainError {
  return new DomainError('contact_not_found', 'Contact not found.');
}
