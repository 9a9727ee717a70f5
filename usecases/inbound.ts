import {
  lockConversations,
  receiveInConversations,
  type Received,
  type WindowMove,
} from '../db/conversation';
import type { KnownContact } from '../db/contactIdentity';
import type { Tx } from '../db/connect';
import { recordEvents } from '../db/event';
import { findOptOutSettings } from '../db/optOutSettings';
import { insertInbound, storedMessages, type NewInbound } from '../db/message';
import { firstNameOf } from '../domain/contact';
import { KnownPairs, personKey, type Identity, type Person } from '../domain/identity';
import { identityChange, intentOf, readMessage, type ReadMessage } from '../domain/inbound';
import type { InboundUpdate } from '../wire/webhook';
import { changeIdentity, contactsOf } from './inboundContacts';
import { queueNotice } from './message';
import { applyIntent, wordsOf } from './optOuts';
import { tellWindows } from './windowSignals';

/** A customer's message with the sender it was written to. */
export interface Arrival {
  accountId: string;
  senderId: string;
  receivedAt: Date;
  update: InboundUpdate;
}

interface Letter extends ReadMessage {
  accountId: string;
  senderId: string;
  person: Person;
  /** When it was written; never later than it was received, so that a clock that runs ahead opens no longer window. */
  at: Date;
  update: InboundUpdate;
}

/**
 * Puts customers' messages into their conversations: set-based, in the caller's transaction, each message once however
 * often it is delivered. Locks, in order: contacts by number, conversations by id.
 *
 * People are looked up for many messages at once; a message that says somebody has become another person, or that
 * contradicts an earlier one about who has which number, begins a new round. Returns the windows that moved.
 */
export async function receiveMessages(tx: Tx, arrivals: readonly Arrival[]): Promise<WindowMove[]> {
  const moves: WindowMove[] = [];
  let round: Letter[] = [];
  let pairs = new KnownPairs();
  const next = async () => {
    moves.push(...(await applyRound(tx, round, pairs)));
    round = [];
    pairs = new KnownPairs();
  };
  for (const letter of await unknownLetters(tx, arrivals)) {
    const change = identityChange(letter.update);
    if (change) {
      await next();
      await changeIdentity(tx, letter.accountId, letter.person, change);
    }
    const person = change ? renamed(letter.person, change) : letter.person;
    if (!pairs.agrees(person)) {
      await next();
      pairs.agrees(person);
    }
    round.push({ ...letter, person });
  }
  await next();
  return moves;
}

/** Whoever has another number has another BSUID, too. */
function renamed(person: Person, { phone, bsuid }: Identity): Person {
  return { ...person, phone: phone ?? person.phone, bsuid };
}

/** The first of each message that is not stored yet, in the order of arrival. */
async function unknownLetters(tx: Tx, arrivals: readonly Arrival[]): Promise<Letter[]> {
  const keys = arrivals.map(({ senderId, update }) => ({ senderId, wamid: update.wamid }));
  const seen = keys.length === 0 ? new Set<string>() : await storedMessages(tx, keys);
  const letters: Letter[] = [];
  for (const arrival of arrivals) {
    const key = `${arrival.senderId} ${arrival.update.wamid}`;
    if (seen.has(key)) continue;
    seen.add(key);
    letters.push(letterOf(arrival));
  }
  return letters;
}

function letterOf({ accountId, senderId, receivedAt, update }: Arrival): Letter {
  const { from: phone, bsuid } = update;
  return {
    ...readMessage(update),
    accountId,
    senderId,
    person: { accountId, phone, bsuid, profileName: firstNameOf(update.profileName) },
    at: update.at < receivedAt ? update.at : receivedAt,
    update,
  };
}

async function applyRound(
  tx: Tx,
  letters: readonly Letter[],
  pairs: KnownPairs,
): Promise<WindowMove[]> {
  if (letters.length === 0) return [];
  const complete = letters.map((letter) => ({ ...letter, person: pairs.complete(letter.person) }));
  const contacts = await contactsOf(
    tx,
    complete.map(({ person }) => person),
  );
  const addressed = complete.flatMap((letter) => {
    const contact = contacts.get(personKey(letter.person));
    return contact ? [{ letter, contact }] : [];
  });
  const conversations = await lockConversations(
    tx,
    addressed.map(({ letter, contact }) => ({ ...letter, contactId: contact.id })),
  );
  const filed = addressed.flatMap(({ letter, contact }) => {
    const conversationId = conversations.get(`${letter.senderId} ${contact.id}`);
    return conversationId === undefined ? [] : [{ letter, contact, conversationId }];
  });
  const stored = await insertInbound(tx, filed.map(rowOf));
  const fresh = filed.flatMap((entry) => {
    const { senderId, update } = entry.letter;
    const messageId = stored.get(`${senderId} ${update.wamid}`);
    return messageId === undefined ? [] : [{ ...entry, messageId }];
  });
  const moves = await reopen(tx, fresh);
  await applyIntents(tx, fresh);
  await recordEvents(
    tx,
    fresh.map(({ letter: { accountId, at }, conversationId, messageId }) => {
      return { accountId, kind: 'message.received', conversationId, messageId, at };
    }),
  );
  return moves;
}

interface Filed {
  letter: Letter;
  contact: KnownContact;
  conversationId: string;
}

function rowOf({ letter, conversationId }: Filed): NewInbound {
  const { accountId, senderId, type, text, contextWamid, at, update } = letter;
  const { wamid, raw } = update;
  return { accountId, senderId, conversationId, wamid, type, text, contextWamid, at, content: raw };
}

async function reopen(tx: Tx, filed: readonly Filed[]): Promise<WindowMove[]> {
  const received = new Map<string, Received>();
  for (const { letter, conversationId } of filed.filter(({ letter: { spoken } }) => spoken)) {
    const before = received.get(conversationId);
    const lastAt = before && before.lastAt > letter.at ? before.lastAt : letter.at;
    received.set(conversationId, { conversationId, lastAt, spoken: (before?.spoken ?? 0) + 1 });
  }
  const moves = await receiveInConversations(tx, [...received.values()]);
  await tellWindows(tx, moves);
  return moves;
}

/** In the order in which they were written, whatever the order of delivery. */
async function applyIntents(tx: Tx, filed: readonly Filed[]): Promise<void> {
  const accounts = filed.map(({ letter }) => letter.accountId);
  const settings = await findOptOutSettings(tx, accounts);
  for (const { letter, contact } of filed.toSorted((a, b) => +a.letter.at - +b.letter.at)) {
    const { accountId, senderId, at } = letter;
    const own = settings.get(accountId);
    const intent = intentOf(letter.update, own && wordsOf(own));
    if (!intent) continue;
    const changed = await applyIntent(tx, senderId, contact, intent, at);
    const confirmation = intent === 'stop' ? own?.stop_confirmation : own?.start_confirmation;
    if (changed && confirmation) await confirm(tx, letter, contact, confirmation);
  }
}

/** Once, because only the message that changed something is confirmed; too late, should the window be over. */
function confirm(tx: Tx, letter: Letter, { phone, bsuid }: KnownContact, body: string) {
  const sender = { id: letter.senderId, account_id: letter.accountId };
  const content = { type: 'text', body } as const;
  return queueNotice(tx, new Date(), sender, { recipient: { phone, bsuid }, content, text: body });
}
