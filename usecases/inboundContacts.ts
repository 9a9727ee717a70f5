import { claimIdentity, findPeople, savePeople, type KnownContact } from '../db/contactIdentity';
import type { Tx } from '../db/connect';
import { personKey, type Identity, type Person } from '../domain/identity';
import { otherSpelling } from '../domain/phone';
import { tellWindow } from './windowSignals';

/**
 * The contacts of these people, by `personKey`: found by number or BSUID, created when nobody has either, and told
 * what is new about them. The people agree with each other (see `KnownPairs`).
 *
 * A number that has another spelling is found by either. Where number and BSUID lead to different contacts the number wins, because campaigns and imports know people by it.
 */
export async function contactsOf(
  tx: Tx,
  people: readonly Person[],
): Promise<Map<string, KnownContact>> {
  const asKnown = await spelledAsKnown(tx, people);
  const distinct = withoutRepeats(asKnown);
  let known = new Directory(await findPeople(tx, distinct));
  for (const person of distinct) {
    if (known.elsewhere(person) === undefined) continue;
    const contact = known.find(person);
    if (contact) await become(tx, contact, person);
    known = new Directory(await findPeople(tx, distinct));
  }
  const news = distinct.filter((person) => isNews(person, known.find(person)));
  if (news.length > 0) {
    await savePeople(tx, news);
    known = new Directory(await findPeople(tx, distinct));
  }
  const found = new Map<string, KnownContact>();
  for (const [index, person] of people.entries()) {
    const contact = known.find(asKnown[index]!);
    if (contact) found.set(personKey(person), contact);
  }
  return found;
}

/** Everybody by the number by which a contact is known, where WhatsApp has two for one user. */
async function spelledAsKnown(tx: Tx, people: readonly Person[]): Promise<Person[]> {
  const twoWays = people.flatMap((person) => {
    const other = person.phone === null ? null : otherSpelling(person.phone);
    return other === null ? [] : [person, { ...person, phone: other }];
  });
  if (twoWays.length === 0) return [...people];
  const contacts = await findPeople(tx, twoWays);
  const known = new Set(contacts.map(({ accountId, phone }) => `${accountId} ${phone}`));
  return people.map((person) => {
    const { accountId, phone } = person;
    const other = phone === null ? null : otherSpelling(phone);
    const isOther = !known.has(`${accountId} ${phone}`) && known.has(`${accountId} ${other}`);
    return isOther ? { ...person, phone: other } : person;
  });
}

/** Everybody once, with the newest name that a message told. */
function withoutRepeats(people: readonly Person[]): Person[] {
  const distinct = new Map<string, Person>();
  for (const person of people) {
    const key = personKey(person);
    const profileName = person.profileName ?? distinct.get(key)?.profileName ?? null;
    distinct.set(key, { ...person, profileName });
  }
  return [...distinct.values()];
}

/** A contact that is told to have another number or BSUID; unknown ones are created by the message itself. */
export async function changeIdentity(
  tx: Tx,
  accountId: string,
  before: Identity,
  now: Identity,
): Promise<void> {
  const [person] = await spelledAsKnown(tx, [{ accountId, profileName: null, ...before }]);
  if (!person) return;
  const contact = new Directory(await findPeople(tx, [person])).find(person);
  if (!contact) return;
  const { phone, bsuid } = contact;
  await become(tx, contact, { phone: now.phone ?? phone, bsuid: now.bsuid ?? bsuid });
}

async function become(tx: Tx, contact: KnownContact, { phone, bsuid }: Identity): Promise<void> {
  for (const move of await claimIdentity(tx, contact, { phone, bsuid })) await tellWindow(tx, move);
}

function isNews(person: Person, contact: KnownContact | undefined): boolean {
  if (!contact) return true;
  const newId = person.bsuid !== null && person.bsuid !== contact.bsuid;
  return newId || (person.profileName !== null && !contact.named);
}

class Directory {
  private readonly byPhone = new Map<string, KnownContact>();
  private readonly byBsuid = new Map<string, KnownContact>();

  constructor(contacts: readonly KnownContact[]) {
    for (const contact of contacts) {
      this.byPhone.set(`${contact.accountId} ${contact.phone}`, contact);
      this.byBsuid.set(`${contact.accountId} ${contact.bsuid}`, contact);
    }
  }

  find(person: Person): KnownContact | undefined {
    return this.withPhone(person) ?? this.withBsuid(person);
  }

  /** The contact that has this person's BSUID under another number, or under none. */
  elsewhere(person: Person): KnownContact | undefined {
    const contact = this.withBsuid(person);
    return person.phone !== null && contact?.phone !== person.phone ? contact : undefined;
  }

  private withPhone({ accountId, phone }: Person): KnownContact | undefined {
    return phone === null ? undefined : this.byPhone.get(`${accountId} ${phone}`);
  }

  private withBsuid({ accountId, bsuid }: Person): KnownContact | undefined {
    return bsuid === null ? undefined : this.byBsuid.get(`${accountId} ${bsuid}`);
  }
}
