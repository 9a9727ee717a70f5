import { sql } from 'kysely';
import type { Identity, Person } from '../domain/identity';
import { carryBlockers, copyBlockers } from './blocker';
import type { Tx } from './connect';
import { moveConversations, type WindowMove } from './conversation';
import type { Contact } from './schema';

export interface KnownContact extends Identity {
  id: string;
  accountId: string;
  named: boolean;
}

/** The contacts that have the number or the BSUID of one of these people. */
export async function findPeople(tx: Tx, people: readonly Person[]): Promise<KnownContact[]> {
  const accounts = people.map((person) => person.accountId);
  const { rows } = await sql<KnownContact>`
    WITH wanted AS (
      SELECT * FROM unnest(${accounts}::uuid[], ${people.map((p) => p.phone)}::text[], ${people.map((p) => p.bsuid)}::text[])
        AS w (account_id, phone, bsuid))
    SELECT id, account_id AS "accountId", phone, bsuid, coalesce(first_name, '') <> '' AS named FROM contacts
    WHERE id IN (
      SELECT c.id FROM wanted w JOIN contacts c ON c.account_id = w.account_id AND c.phone = w.phone
      UNION
      SELECT c.id FROM wanted w JOIN contacts c ON c.account_id = w.account_id AND c.bsuid = w.bsuid)`.execute(
    tx,
  );
  return rows;
}

/**
 * Creates these people, or tells the contacts with their numbers what is new: the BSUID, and a name where there is
 * none. Nobody else may have their BSUID. In the order of the numbers, as imports write them. What was asked under a
 * BSUID whose number shows holds for the number.
 */
export async function savePeople(tx: Tx, people: readonly Person[]): Promise<void> {
  const withPhone = people.filter(({ phone }) => phone !== null);
  const withoutPhone = people.filter(({ phone }) => phone === null);
  const given = (some: readonly Person[]) => sql`
    SELECT * FROM unnest(${some.map((p) => p.accountId)}::uuid[], ${some.map((p) => p.phone)}::text[],
      ${some.map((p) => p.bsuid)}::text[], ${some.map((p) => p.profileName)}::text[])
      AS p (account_id, phone, bsuid, first_name)
    ORDER BY account_id, phone, bsuid`;
  const firstName = sql`coalesce(nullif(known.first_name, ''), excluded.first_name)`;
  if (withPhone.length > 0) {
    await sql`
      INSERT INTO contacts AS known (account_id, phone, bsuid, first_name) ${given(withPhone)}
      ON CONFLICT (account_id, phone) DO UPDATE SET
        bsuid = coalesce(excluded.bsuid, known.bsuid), first_name = ${firstName}, updated_at = now()`.execute(
      tx,
    );
    const pairs = withPhone.flatMap(({ accountId, phone, bsuid }) =>
      phone !== null && bsuid !== null ? [{ accountId, from: bsuid, to: phone }] : [],
    );
    await carryBlockers(tx, pairs);
  }
  if (withoutPhone.length > 0) {
    await sql`
      INSERT INTO contacts AS known (account_id, phone, bsuid, first_name) ${given(withoutPhone)}
      ON CONFLICT (account_id, bsuid) WHERE bsuid IS NOT NULL DO UPDATE SET
        first_name = ${firstName}, updated_at = now()`.execute(tx);
  }
}

/**
 * Gives a contact its number and BSUID for good. A contact that is nobody else any more (it has the same number, or
 * only the same BSUID) is merged into this one; one that keeps a number of its own merely loses the BSUID. Opt-outs
 * follow to the new number. Returns the windows that moved with the conversations.
 */
export async function claimIdentity(
  tx: Tx,
  contact: KnownContact,
  identity: Identity,
): Promise<WindowMove[]> {
  const { accountId } = contact;
  const wanted = { accountId, profileName: null, ...identity };
  const others = (await findPeople(tx, [wanted])).filter(({ id }) => id !== contact.id);
  const merged = others.filter(({ phone }) => phone === null || phone === identity.phone);
  const moves: WindowMove[] = [];
  for (const other of merged) moves.push(...(await mergeContact(tx, other.id, contact.id)));
  await sql`
    UPDATE contacts SET bsuid = NULL, updated_at = now()
    WHERE id = ANY(${others.map(({ id }) => id)}::uuid[])`.execute(tx);
  await tx
    .updateTable('contacts')
    .set({ ...identity, updated_at: new Date() })
    .where('id', '=', contact.id)
    .execute();
  const to = identity.phone ?? identity.bsuid;
  const before = [contact, ...merged].flatMap(({ phone, bsuid }) => [phone, bsuid]);
  const known = before.filter((address) => address !== null);
  if (to !== null) {
    await carryBlockers(
      tx,
      known.map((from) => ({ accountId, from, to })),
    );
  }
  return moves;
}

/**
 * The business gives a contact another number: for WhatsApp that is another person. Whoever has the old one and is known
 * from there keeps number, BSUID, conversations and what campaigns sent, as a contact of their own; the contact itself,
 * with its place on audiences, goes on with the number alone. Nobody can say which of both asked for no messages: opt-outs
 * hold for both numbers. The contact is locked by the caller; nobody else may have the new number.
 */
export async function renumberContact(tx: Tx, contact: Contact, phone: string): Promise<void> {
  const { id, account_id: accountId } = contact;
  await tx
    .updateTable('contacts')
    .set({ phone, bsuid: null, conversed: false })
    .where('id', '=', id)
    .execute();
  const { rows } = await sql<{ id: string }>`
    INSERT INTO contacts (account_id, phone, bsuid, first_name, last_name, custom1, custom2, time_zone, tags, attributes)
    SELECT account_id, ${contact.phone}, ${contact.bsuid}, first_name, last_name, custom1, custom2, time_zone, tags,
      attributes
    FROM contacts c WHERE id = ${id} AND (${contact.bsuid}::text IS NOT NULL
      OR EXISTS (SELECT FROM conversations WHERE contact_id = c.id)
      OR EXISTS (SELECT FROM recipients WHERE contact_id = c.id))
    RETURNING id`.execute(tx);
  for (const known of rows) {
    await moveConversations(tx, id, known.id);
    await moveRecipients(tx, id, known.id);
  }
  const before = [contact.phone, contact.bsuid].filter((address) => address !== null);
  await copyBlockers(
    tx,
    before.map((from) => ({ accountId, from, to: phone })),
  );
}

/**
 * Everything of one contact becomes the other's: conversations, audiences, what campaigns sent it. Both are locked first,
 * so that an import that knows one of them waits, and then finds the other.
 */
async function mergeContact(tx: Tx, from: string, to: string): Promise<WindowMove[]> {
  await sql`SELECT FROM contacts WHERE id IN (${from}, ${to}) ORDER BY id FOR UPDATE`.execute(tx);
  const moves = await moveConversations(tx, from, to);
  await sql`
    WITH gone AS (
      DELETE FROM audience_contacts WHERE contact_id = ${from} RETURNING audience_id, import_id
    ), kept AS (
      INSERT INTO audience_contacts (audience_id, contact_id, import_id)
      SELECT audience_id, ${to}::uuid, import_id FROM gone ON CONFLICT DO NOTHING RETURNING audience_id
    )
    UPDATE audiences SET contacts_count = contacts_count - 1, updated_at = now()
    WHERE id IN (SELECT audience_id FROM gone EXCEPT SELECT audience_id FROM kept)`.execute(tx);
  await moveRecipients(tx, from, to);
  await sql`
    UPDATE contacts kept SET
      first_name = coalesce(nullif(kept.first_name, ''), gone.first_name),
      last_name = coalesce(kept.last_name, gone.last_name),
      custom1 = coalesce(kept.custom1, gone.custom1),
      custom2 = coalesce(kept.custom2, gone.custom2),
      time_zone = coalesce(kept.time_zone, gone.time_zone),
      attributes = gone.attributes || kept.attributes,
      tags = CASE WHEN kept.tags = '{}' THEN gone.tags ELSE kept.tags END
    FROM contacts gone WHERE kept.id = ${to} AND gone.id = ${from}`.execute(tx);
  await tx.deleteFrom('contacts').where('id', '=', from).execute();
  return moves;
}

async function moveRecipients(tx: Tx, from: string, to: string): Promise<void> {
  await tx
    .updateTable('recipients')
    .set({ contact_id: to })
    .where('contact_id', '=', from)
    .execute();
}
