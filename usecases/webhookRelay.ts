import { sql } from 'kysely';
import { z } from 'zod';
import { failureRule } from '../domain/failure';
import type { JsonObject } from '../domain/json';
import { parseReference } from '../domain/reference';
import type { TemplateStatus } from '../domain/template';
import { addToTimeline, setGates, transition } from '../db/campaign';
import { json, type Db, type Tx } from '../db/connect';
import { applyStatuses, findByWamid, type LedgerStatus, type StatusMove } from '../db/status';
import { dropFromInbox, setAside, takeFromInbox, type StoredEntry } from '../db/webhookInbox';
import {
  parseWebhook,
  type StatusUpdate,
  type TemplateStatusUpdate,
  type UserPreferenceUpdate,
  type WebhookUpdate,
} from '../wire/webhook';

/** Webhooks applied in one transaction. */
const BATCH = 500;
/** Any number: one relay applies at a time, so that status batches never lock each other out. */
const LOCK = 7_236_002;
/** How long a status of an unknown message is tried again. */
const PARK_MINUTES = 10;

/**
 * Applies what the provider hooks appended: set-based, in one transaction with the deletion of the entries, so that a
 * kill at any line applies everything once. Returns how many entries it took; 0 when another relay is at work.
 * An entry that the database refuses is found by applying the batch one by one, and set aside.
 */
export async function applyWebhooks(db: Db): Promise<number> {
  try {
    return await applyBatch(db, BATCH);
  } catch {
    return applyFirst(db);
  }
}

async function applyFirst(db: Db): Promise<number> {
  try {
    return await applyBatch(db, 1);
  } catch (error) {
    return db.transaction().execute(async (tx) => {
      const [entry] = await takeFromInbox(tx, 1);
      if (entry) await setAside(tx, entry.id, error instanceof Error ? error.message : 'refused');
      return entry ? 1 : 0;
    });
  }
}

function applyBatch(db: Db, limit: number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`
      SELECT pg_try_advisory_xact_lock(${LOCK}) AS mine`.execute(tx);
    if (!rows[0]?.mine) return 0;
    const entries = await takeFromInbox(tx, limit);
    if (entries.length === 0) return 0;
    const kept = await applyEntries(tx, entries);
    await dropFromInbox(
      tx,
      entries.filter((entry) => !kept.has(entry.id)).map((entry) => entry.id),
    );
    return entries.length;
  });
}

/** Ids of the entries that stay: unreadable ones, and customers' messages. */
async function applyEntries(tx: Tx, entries: readonly StoredEntry[]): Promise<Set<number>> {
  const kept = new Set<number>();
  const statuses: Addressed<StatusUpdate>[] = [];
  for (const entry of entries) {
    const updates = readEntry(entry);
    const problem = updates === null ? 'not JSON' : problemOf(updates);
    if (problem) {
      await setAside(tx, entry.id, problem);
      kept.add(entry.id);
    }
    for (const update of updates ?? []) {
      if (update.kind === 'status') statuses.push({ senderId: entry.senderId, update });
      if (update.kind === 'template_status') await applyTemplateStatus(tx, entry.senderId, update);
      if (update.kind === 'user_preference') await applyPreference(tx, entry.senderId, update);
    }
  }
  await applyStatusUpdates(tx, statuses);
  return kept;
}

const parkedSchema = z.object({
  senderId: z.string().nullable(),
  wamid: z.string(),
  status: z.enum(['sent', 'delivered', 'read', 'failed']),
  at: z.coerce.date(),
  recipientPhone: z.string().nullable(),
  errorCode: z.number().nullable(),
});

interface Addressed<T> {
  senderId: string | null;
  update: T;
}

function readEntry(entry: StoredEntry): WebhookUpdate[] | null {
  try {
    return parseWebhook(JSON.parse(entry.body.toString('utf8')), entry.receivedAt);
  } catch {
    return null;
  }
}

/** Customers' messages are kept until conversations can take them. */
function problemOf(updates: readonly WebhookUpdate[]): string | null {
  return updates.some((update) => update.kind === 'inbound') ? 'inbound message' : null;
}

async function applyStatusUpdates(
  tx: Tx,
  statuses: readonly Addressed<StatusUpdate>[],
): Promise<void> {
  const known: LedgerStatus[] = [];
  for (const { senderId, update } of statuses) {
    const place = await locate(tx, senderId, update);
    if (place) known.push({ ...place, ...factsOf(update) });
    else await park(tx, senderId, update);
  }
  const moves = await applyStatuses(tx, known);
  await recordMoves(tx, moves);
}

async function locate(tx: Tx, senderId: string | null, update: StatusUpdate) {
  const place = update.reference === null ? null : parseReference(update.reference);
  if (place) return place;
  if (!senderId || !update.recipientPhone) return undefined;
  return findByWamid(tx, senderId, update.wamid, update.recipientPhone);
}

function factsOf({ status, at, wamid, errorCode }: StatusUpdate) {
  return { status, at, wamid, errorCode };
}

async function recordMoves(tx: Tx, moves: readonly StatusMove[]): Promise<void> {
  const minute = new Date();
  for (const campaignId of new Set(moves.map((move) => move.campaignId))) {
    const own = moves.filter((move) => move.campaignId === campaignId);
    const counts: Record<string, number> = {};
    for (const { state, count } of own) counts[state] = (counts[state] ?? 0) + count;
    delete counts.sent;
    await addToTimeline(tx, campaignId, minute, counts);
    if (own.some((move) => move.state === 'failed' && mustPause(move.reason))) {
      const paused = await transition(tx, campaignId, 'pause', {
        status_reason: 'template_paused',
      });
      if (paused) await setGates(tx, campaignId, false);
    }
  }
}

/** A message accepted earlier was dropped because its template is paused: the rest would be, too. */
function mustPause(reason: string | null): boolean {
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
  };
  await tx
    .insertInto('parked_statuses')
    .values({ update: json(parked) })
    .execute();
}

const TEMPLATE_EVENTS: Partial<Record<string, TemplateStatus>> = {
  APPROVED: 'approved',
  REINSTATED: 'approved',
  REJECTED: 'rejected',
  PENDING: 'in_review',
  PAUSED: 'paused',
  DISABLED: 'disabled',
  DELETED: 'disabled',
};

async function applyTemplateStatus(
  tx: Tx,
  senderId: string | null,
  update: TemplateStatusUpdate,
): Promise<void> {
  const status = TEMPLATE_EVENTS[update.event];
  if (!status || !senderId) return;
  await tx
    .updateTable('templates')
    .set({
      status,
      status_reason: update.reason,
      provider_template_id: update.providerTemplateId,
      updated_at: new Date(),
    })
    .where('name', '=', update.name)
    .where('language', '=', update.language)
    .where('account_id', 'in', (eb) =>
      eb.selectFrom('senders').select('account_id').where('id', '=', senderId),
    )
    .where('deleted_at', 'is', null)
    .execute();
}

/** The user asked WhatsApp itself for no more marketing from this number, or for some again. */
async function applyPreference(
  tx: Tx,
  senderId: string | null,
  update: UserPreferenceUpdate,
): Promise<void> {
  if (!senderId || !update.phone) return;
  if (update.value === 'stop') {
    await tx
      .insertInto('blockers')
      .values({ sender_id: senderId, phone: update.phone, source: 'user_preferences' })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  if (update.value === 'resume') {
    await tx
      .deleteFrom('blockers')
      .where('sender_id', '=', senderId)
      .where('phone', '=', update.phone)
      .where('source', '=', 'user_preferences')
      .execute();
  }
}

/** Statuses that came before their message was known: applied now, or dropped when too old. */
export async function retryParked(db: Db): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const rows = await tx
      .deleteFrom('parked_statuses')
      .where('id', 'in', (eb) =>
        eb.selectFrom('parked_statuses').select('id').orderBy('id').limit(BATCH),
      )
      .returningAll()
      .execute();
    for (const row of rows) {
      const parked = parkedSchema.parse(row.update);
      const place =
        parked.senderId && parked.recipientPhone
          ? await findByWamid(tx, parked.senderId, parked.wamid, parked.recipientPhone)
          : undefined;
      const fresh = Date.now() - row.parked_at.getTime() < PARK_MINUTES * 60_000;
      if (place) {
        await recordMoves(tx, await applyStatuses(tx, [{ ...parked, ...place }]));
      } else if (fresh) {
        await tx
          .insertInto('parked_statuses')
          .values({ update: json(row.update), parked_at: row.parked_at })
          .execute();
      }
    }
  });
}
