import { sql } from 'kysely';
import type { ValidContact } from '../domain/contact';
import type { Tx } from './connect';
import type { Contact } from './schema';

export interface ContactFilter {
  /** Part of a name, or of the number in any formatting. */
  search?: string;
  /** Id of the last row of the page before. */
  after?: string;
  limit: number;
}

function onAudience(db: Tx, audienceId: string) {
  return db
    .selectFrom('audience_contacts as member')
    .innerJoin('contacts', 'contacts.id', 'member.contact_id')
    .where('member.audience_id', '=', audienceId);
}

/** Digits of a search that could be a phone number; undefined when it cannot be one. */
function digitsOf(search: string): string | undefined {
  const digits = search.replace(/[^0-9]/g, '');
  return digits !== '' && /^[0-9\s()+.-]+$/.test(search) ? digits : undefined;
}

/** The pattern of LIKE for texts that contain this one; `%` and `_` in it mean themselves. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Oldest first, so that what is added while a client pages appears at the end. */
export async function listContactRows(
  db: Tx,
  audienceId: string,
  filter: ContactFilter,
): Promise<Contact[]> {
  const { after } = filter;
  return matching(db, audienceId, filter.search)
    .selectAll('contacts')
    .$if(after !== undefined, (query) => query.where('member.contact_id', '>', after!))
    .orderBy('member.contact_id')
    .limit(filter.limit)
    .execute();
}

export async function countContactRows(
  db: Tx,
  audienceId: string,
  search: string,
): Promise<number> {
  const { total } = await matching(db, audienceId, search)
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return total;
}

function matching(db: Tx, audienceId: string, search: string | undefined) {
  const all = onAudience(db, audienceId);
  if (search === undefined) return all;
  const digits = digitsOf(search);
  const fullName = sql<string>`concat_ws(' ', contacts.first_name, contacts.last_name)`;
  return all.where((where) =>
    digits === undefined
      ? where(fullName, 'ilike', containing(search.trim()))
      : where('contacts.phone', 'like', containing(digits)),
  );
}

export async function findContact(
  db: Tx,
  audienceId: string,
  contactId: string,
): Promise<Contact | undefined> {
  return onAudience(db, audienceId)
    .selectAll('contacts')
    .where('member.contact_id', '=', contactId)
    .executeTakeFirst();
}

/** The same, locked until the transaction ends. */
export async function lockContact(
  tx: Tx,
  audienceId: string,
  contactId: string,
): Promise<Contact | undefined> {
  return onAudience(tx, audienceId)
    .selectAll('contacts')
    .where('member.contact_id', '=', contactId)
    .forUpdate('contacts')
    .executeTakeFirst();
}

/** Contacts of the audience with one of these numbers, in the order of their ids. */
export async function findByPhones(
  db: Tx,
  audienceId: string,
  phones: readonly string[],
): Promise<Contact[]> {
  return onAudience(db, audienceId)
    .selectAll('contacts')
    .where('contacts.phone', '=', sql<string>`ANY(${[...phones]}::text[])`)
    .orderBy('contacts.id')
    .execute();
}

/** Writes the given fields; null leaves a field as it is. */
export async function updateContactRow(
  db: Tx,
  id: string,
  contact: ValidContact,
  at: Date,
): Promise<Contact> {
  return db
    .updateTable('contacts')
    .set({
      updated_at: at,
      phone: contact.phone,
      first_name: given(contact.firstName),
      last_name: given(contact.lastName),
      custom1: given(contact.custom1),
      custom2: given(contact.custom2),
      time_zone: given(contact.timeZone),
      tags: given(contact.tags && [...contact.tags]),
      attributes: given(contact.attributes && JSON.stringify(contact.attributes)),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Undefined is what the query builder leaves out. */
function given<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

/** Takes a contact off the audience and keeps the count; false when it was not on it. */
export async function removeMember(
  db: Tx,
  audienceId: string,
  contactId: string,
): Promise<boolean> {
  const { rows } = await sql`
    WITH gone AS (
      DELETE FROM audience_contacts
      WHERE audience_id = ${audienceId} AND contact_id = ${contactId}
      RETURNING 1)
    UPDATE audiences SET contacts_count = contacts_count - 1, updated_at = now()
    WHERE id = ${audienceId} AND EXISTS (SELECT FROM gone)
    RETURNING 1`.execute(db);
  return rows.length > 0;
}
