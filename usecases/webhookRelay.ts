import { sql, type Selectable } from 'kysely';
import { z } from 'zod';
import { failureRule } from '../domain/failure';
import { isDeeper, type JsonObject } from '../domain/json';
import type { Meter } from '../domain/ports';
import { parseMessageReference, parseReference, type LedgerReference } from '../domain/reference';
import { parseStorable } from '../domain/storable';
import { reasonOf } from '../domain/reason';
import { addToTimeline } from '../db/campaign';
import { json, mayPass, type Db, type Tx } from '../db/connect';
import type { WindowMove } from '../db/conversation';
import { findMessageByWamid, type MessageStatus } from '../db/messageStatus';
import { findByWamid, type LedgerStatus, type StatusMove } from '../db/status';
import type { ParkedStatusesTable } from '../db/schema';
import { concludePause } from '../db/template';
import { dropFromInbox, setAside, takeFromInbox, type StoredEntry } from '../db/webhookInbox';
import {
  parseWebhook,
  type InboundUpdate,
  type StatusUpdate,
  type WebhookUpdate,
} from '../wire/webhook';
import { Addressees } from './addressees';
import { settleMessages, settleStatuses } from './deliveryWindows';
import { receiveMessages, type Arrival } from './inbound';
import { changeIdentity } from './inboundContacts';
import { applyPreference } from './optOuts';
import { applyTemplateUpdate } from './templateUpdates';

/** Webhooks applied in one transaction. */
const BATCH = 500;
/** Any number: one relay applies at a time, parked statuses included, so that batches never lock each other out. */
const LOCK = 7_236_002;
/** How long a status of an unknown message is tried again. */
const PARK_MINUTES = 10;

/**
 * Applies what the provider hooks appended: set-based, in one transaction with the deletion of the entries, so that a
 * kill at any line applies everything once. Returns how many entries it took; 0 when another relay is at work.
 * An entry that the database refuses is found by halving the batch, and set aside.
 */
export async function applyWebhooks(db: Db, meter?: Meter, limit = BATCH): Promise<number> {
  try {
    return await applyBatch(db, meter, limit);
  } catch (error) {
    if (limit === 1) throw error;
    const half = Math.ceil(limit / 2);
    const taken = await applyWebhooks(db, meter, half);
    return taken + (await applyWebhooks(db, meter, limit - half));
  }
}

async function applyBatch(db: Db, meter: Meter | undefined, limit: number): Promise<number> {
  const { taken, windows } = await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`
      SELECT pg_try_advisory_xact_lock(${LOCK}) AS mine`.execute(tx);
    if (!rows[0]?.mine) return NOTHING;
    const entries = await takeFromInbox(tx, limit);
    if (entries.length === 0) return NOTHING;
    const { kept, windows } = await (entries.length === 1
      ? applyOrSetAside(tx, entries[0]!)
      : applyEntries(tx, entries));
    await dropFromInbox(
      tx,
      entries.filter((entry) => !kept.has(entry.id)).map((entry) => entry.id),
    );
    return { taken: entries.length, windows };
  });
  count(meter, windows);
  return taken;
}

const NOTHING = { taken: 0, windows: [] };

function count(meter: Meter | undefined, windows: readonly WindowMove[]): void {
  const opened = windows.filter((window) => window.opened).length;
  meter?.windows('opened', opened);
  meter?.windows('extended', windows.length - opened);
}

interface Applied {
  /** Ids of the entries that stay: unreadable ones, and messages to numbers or from people that nobody knows. */
  kept: Set<number>;
  windows: WindowMove[];
}

async function applyOrSetAside(tx: Tx, entry: StoredEntry): Promise<Applied> {
  const outcome = await undoable(tx, () => applyEntries(tx, [entry]));
  if ('done' in outcome) return outcome.done;
  await setAside(tx, entry.id, outcome.problem);
  return { kept: new Set([entry.id]), windows: [] };
}

/**
 * Does work, or undoes it alone and answers why it cannot be done: one odd webhook must not hold up others. What passes
 * (a deadlock, a lost connection) is thrown. What somebody else has changed meanwhile is found as it is at the second try.
 */
async function undoable<T>(
  tx: Tx,
  work: () => Promise<T>,
  tries = 2,
): Promise<{ done: T } | { problem: string }> {
  await sql`SAVEPOINT one`.execute(tx);
  try {
    const done = await work();
    await sql`RELEASE SAVEPOINT one`.execute(tx);
    return { done };
  } catch (error) {
    if (mayPass(error)) throw error;
    // On a lost connection this throws, too.
    await sql`ROLLBACK TO SAVEPOINT one`.execute(tx);
    if (tries > 1) return undoable(tx, work, tries - 1);
    return { problem: reasonOf(error) };
  }
}

async function applyEntries(tx: Tx, entries: readonly StoredEntry[]): Promise<Applied> {
  const kept = new Set<number>();
  const keep = async (id: number, problem: string) => {
    if (!kept.has(id)) await setAside(tx, id, problem);
    kept.add(id);
  };
  const addressees = await Addressees.of(tx, entries);
  const statuses: AddressedStatus[] = [];
  const arrivals: Arrival[] = [];
  for (const entry of entries) {
    const updates = readEntry(entry);
    if (typeof updates === 'string') await keep(entry.id, updates);
    for (const update of typeof updates === 'string' ? [] : updates) {
      if (update.kind === 'status') statuses.push(addressed(entry, update, addressees));
      if ('providerTemplateId' in update && entry.senderId)
        await applyTemplateUpdate(tx, entry.senderId, update);
      if (update.kind === 'inbound') {
        const arrival = arrivalOf(entry, update, addressees);
        if (typeof arrival === 'string') await keep(entry.id, arrival);
        else arrivals.push(arrival);
      }
      await applyToUser(tx, addressees, entry, update);
    }
  }
  const received = await receiveMessages(tx, arrivals);
  const settled = await applyStatusUpdates(tx, statuses);
  return { kept, windows: [...received, ...settled] };
}

/** The message with the sender it is for, or why there is none. */
function arrivalOf(
  { senderId, receivedAt }: StoredEntry,
  update: InboundUpdate,
  addressees: Addressees,
): Arrival | string {
  const sender = addressees.find(senderId, update.phoneNumberId);
  if (!sender) return 'message to an unknown number';
  if (update.from === null && update.bsuid === null) return 'message without a sender';
  return { accountId: sender.account_id, senderId: sender.id, receivedAt, update };
}

async function applyToUser(
  tx: Tx,
  addressees: Addressees,
  { senderId }: StoredEntry,
  update: WebhookUpdate,
): Promise<void> {
  if (update.kind === 'user_preference') {
    const sender = addressees.find(senderId, update.phoneNumberId);
    if (sender) await applyPreference(tx, sender, update);
  }
  if (update.kind === 'user_id') {
    const sender = addressees.find(senderId, null);
    const { previous, current } = update;
    const [before, now] = [previous, current].map((bsuid) => ({ phone: null, bsuid }));
    if (sender && before && now) await changeIdentity(tx, sender.account_id, before, now);
  }
}

const parkedSchema = z.object({
  senderId: z.string().nullable(),
  wamid: z.string(),
  status: z.enum(['sent', 'delivered', 'read', 'failed']),
  at: z.coerce.date(),
  recipientPhone: z.string().nullable(),
  errorCode: z.number().nullable(),
  charge: z.record(z.string(), z.json()).optional(),
});

interface AddressedStatus {
  senderId: string | null;
  update: StatusUpdate;
}

/** With the sender of the number that it names, as messages: one hook may hear of several. */
function addressed(
  { senderId }: StoredEntry,
  update: StatusUpdate,
  addressees: Addressees,
): AddressedStatus {
  return { senderId: addressees.find(senderId, update.phoneNumberId)?.id ?? senderId, update };
}

/** What a body tells, or why that cannot be read. */
function readEntry(entry: StoredEntry): WebhookUpdate[] | string {
  try {
    const json = parseStorable(entry.body.toString('utf8'));
    return isDeeper(json) ? 'nested too deep' : parseWebhook(json, entry.receivedAt);
  } catch {
    return 'not JSON';
  }
}

async function applyStatusUpdates(
  tx: Tx,
  statuses: readonly AddressedStatus[],
): Promise<WindowMove[]> {
  const found: Found[] = [];
  for (const { senderId, update } of statuses) {
    const place = senderId === null ? undefined : await locate(tx, senderId, update);
    if (place && senderId) found.push({ senderId, place, facts: factsOf(update) });
    else await park(tx, senderId, update);
  }
  return settle(tx, found);
}

/** A status with what it is about: a campaign's recipient, or a direct message. */
interface Found {
  senderId: string;
  place: LedgerReference | { messageId: string };
  facts: ReturnType<typeof factsOf>;
}

async function settle(tx: Tx, found: readonly Found[]): Promise<WindowMove[]> {
  const campaigns: LedgerStatus[] = [];
  const messages: MessageStatus[] = [];
  for (const { senderId, place, facts } of found) {
    if ('messageId' in place) messages.push({ senderId, ...place, ...facts });
    else campaigns.push({ senderId, ...place, ...facts });
  }
  const written = await settleMessages(tx, messages);
  const { moves, windows } = await settleStatuses(tx, campaigns);
  await recordMoves(tx, moves);
  return [...written, ...windows];
}

async function locate(
  tx: Tx,
  senderId: string,
  {
    reference,
    recipientPhone,
    wamid,
  }: Pick<StatusUpdate, 'reference' | 'recipientPhone' | 'wamid'>,
): Promise<Found['place'] | undefined> {
  const campaign = reference === null ? null : parseReference(reference);
  if (campaign) return campaign;
  const direct = reference === null ? null : parseMessageReference(reference);
  const messageId = direct ?? (await findMessageByWamid(tx, senderId, wamid));
  if (messageId !== undefined) return { messageId };
  return recipientPhone ? findByWamid(tx, senderId, wamid, recipientPhone) : undefined;
}

function factsOf({ status, at, wamid, errorCode, charge }: StatusUpdate) {
  return { status, at, wamid, errorCode, ...(charge && { charge }) };
}

async function recordMoves(tx: Tx, moves: readonly StatusMove[]): Promise<void> {
  const minute = new Date();
  for (const campaignId of new Set(moves.map((move) => move.campaignId))) {
    const own = moves.filter((move) => move.campaignId === campaignId);
    const counts: Record<string, number> = {};
    for (const { state, count } of own) counts[state] = (counts[state] ?? 0) + count;
    delete counts.sent;
    await addToTimeline(tx, campaignId, minute, counts);
    const dropped = own.find((move) => move.state === 'failed' && tellsOfPause(move.reason));
    if (dropped?.reason) await concludePause(tx, campaignId, dropped.reason, minute);
  }
}

/** A message accepted earlier was dropped because its template is paused: so would be the rest of its campaigns. */
function tellsOfPause(reason: string | null): boolean {
  return reason !== null && failureRule(Number(reason)).class === 'pause_campaign';
}

async function park(tx: Tx, senderId: string | null, update: StatusUpdate): Promise<void> {
  const parked: JsonObject = {
    senderId,
    wamid: update.wamid,
    status: update.status,
    at: update.at.toISOString(),
    recipientPhone: update.recipientPhone,
    errorCode: update.errorCode,
    ...(update.charge && { charge: update.charge }),
  };
  await tx
    .insertInto('parked_statuses')
    .values({ update: json(parked) })
    .execute();
}

/** Statuses that came before their message was known: applied now, or dropped when too old. */
export async function retryParked(db: Db, meter?: Meter): Promise<void> {
  const windows = await db.transaction().execute(async (tx) => {
    const moved: WindowMove[] = [];
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
    const rows = await tx
      .deleteFrom('parked_statuses')
      .where('id', 'in', (eb) =>
        eb.selectFrom('parked_statuses').select('id').orderBy('id').limit(BATCH),
      )
      .returningAll()
      .execute();
    for (const row of rows) {
      const outcome = await undoable(tx, () => unpark(tx, row));
      if ('done' in outcome) moved.push(...outcome.done);
    }
    return moved;
  });
  count(meter, windows);
}

async function unpark(tx: Tx, { update, parked_at }: Selectable<ParkedStatusesTable>) {
  const parked = parkedSchema.parse(update);
  const { senderId } = parked;
  const place =
    senderId === null ? undefined : await locate(tx, senderId, { ...parked, reference: null });
  if (place && senderId !== null) return settle(tx, [{ senderId, place, facts: parked }]);
  const fresh = Date.now() - parked_at.getTime() < PARK_MINUTES * 60_000;
  if (fresh) {
    await tx
      .insertInto('parked_statuses')
      .values({ update: json(update), parked_at })
      .execute();
  }
  return [];
}
