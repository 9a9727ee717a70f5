import { randomUUID } from 'node:crypto';
import type { Tx } from '../db/connect';
import { saveBatch } from '../db/contactBatch';
import type { Audience } from '../db/schema';
import { validateContact, type ContactInput, type ValidContact } from '../domain/contact';
import { DomainError } from '../domain/errors';

/** Contacts that one request may carry; more are an import's business. */
const MAX_INLINE_CONTACTS = 1000;

/** Validates and saves; within the request the last of equal numbers wins. Throws the first contact's first fault. */
export async function saveContacts(
  tx: Tx,
  audience: Audience,
  inputs: readonly ContactInput[],
): Promise<{ updated: number; phones: string[] }> {
  if (inputs.length > MAX_INLINE_CONTACTS) {
    throw new DomainError('too_many_contacts', `More than ${MAX_INLINE_CONTACTS} contacts.`);
  }
  const zones = new Map<string, string | null>();
  const byPhone = new Map<string, ValidContact>();
  for (const input of inputs) {
    const contact = validateContact(input, zones);
    byPhone.set(contact.phone, contact);
  }
  const target = {
    accountId: audience.account_id,
    audienceId: audience.id,
    importId: randomUUID(),
  };
  const { updated } = await saveBatch(tx, target, [...byPhone.values()]);
  return { updated, phones: [...byPhone.keys()] };
}
