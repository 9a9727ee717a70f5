import { sql, type Insertable, type Updateable } from 'kysely';
import { IS_SLOWED } from './budget';
import type { Tx } from './connect';
import type { Sender, SendersTable } from './schema';

export interface SenderFilter {
  name?: string;
  channel?: string;
  health?: Sender['health'];
  /** Id of the last row of the page before. */
  after?: string;
  limit: number;
}

/** A sender as operators see it. */
export interface SenderView extends Sender {
  /** It sends more slowly than it may: the provider has just said that it was too fast. */
  slowed: boolean;
}

const SLOWED = sql<boolean>`${sql.raw(IS_SLOWED)}`;
const HEALTH = sql<
  Sender['health']
>`CASE WHEN s.health = 'active' AND ${SLOWED} THEN 'slowed' ELSE s.health END`;

/** Inserts the sender with its budget: neither is of use without the other. */
export async function insertSender(tx: Tx, sender: Insertable<SendersTable>): Promise<Sender> {
  const row = await tx
    .insertInto('senders')
    .values(sender)
    .returningAll()
    .executeTakeFirstOrThrow();
  await tx.insertInto('budgets').values({ id: row.id }).execute();
  return row;
}

export async function findSender(
  db: Tx,
  accountId: string,
  id: string,
): Promise<Sender | undefined> {
  return db
    .selectFrom('senders')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

export async function findSenderView(
  db: Tx,
  accountId: string,
  id: string,
): Promise<SenderView | undefined> {
  return db
    .selectFrom('senders as s')
    .selectAll('s')
    .select(SLOWED.as('slowed'))
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** A WhatsApp sender. Names are unique within an account. */
export async function findSenderByName(
  db: Tx,
  accountId: string,
  name: string,
): Promise<Sender | undefined> {
  return db
    .selectFrom('senders')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('channel', '=', 'WHATSAPP')
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** By its name, its number's digits or its id: what people call a "sender code". */
export async function findSenderByCode(
  db: Tx,
  accountId: string,
  code: string,
): Promise<Sender | undefined> {
  return db
    .selectFrom('senders')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .where((where) =>
      where.or([
        where('name', '=', code),
        where('phone', '=', `+${code.replace(/^\+/, '')}`),
        where(sql<string>`id::text`, '=', code.toLowerCase()),
      ]),
    )
    .orderBy('id')
    .executeTakeFirst();
}

/** By the provider's id of its number; where the provider gives none (360dialog), by our own. */
export async function findSenderByNumberId(
  db: Tx,
  accountId: string,
  numberId: string,
): Promise<Sender | undefined> {
  return db
    .selectFrom('senders')
    .selectAll()
    .where('account_id', '=', accountId)
    .where(sql<string>`coalesce(phone_number_id, id::text)`, '=', numberId)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .executeTakeFirst();
}

export function findSendersOfBusiness(
  db: Tx,
  accountId: string,
  wabaId: string,
): Promise<Sender[]> {
  return db
    .selectFrom('senders')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('waba_id', '=', wabaId)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** Newest first. */
export async function listSenderRows(
  db: Tx,
  accountId: string,
  filter: SenderFilter,
): Promise<{ rows: SenderView[]; total: number }> {
  const { name, channel, health, after } = filter;
  const matching = db
    .selectFrom('senders as s')
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .$if(name !== undefined, (query) => query.where('name', '=', name!))
    .$if(channel !== undefined, (query) => query.where('channel', '=', channel!))
    .$if(health !== undefined, (query) => query.where(HEALTH, '=', health!));
  const rows = await matching
    .selectAll('s')
    .select(SLOWED.as('slowed'))
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
  const { total } = await matching
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total };
}

export async function updateSenderRow(
  db: Tx,
  accountId: string,
  id: string,
  changes: Updateable<SendersTable>,
): Promise<Sender | undefined> {
  return db
    .updateTable('senders')
    .set(changes)
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** Hides the sender unless a campaign still needs it; the guard and the change are one statement. */
export async function hideSender(
  db: Tx,
  accountId: string,
  id: string,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('senders')
    .set({ deleted_at: at, updated_at: at })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('campaigns')
            .select('campaigns.id')
            .whereRef('campaigns.sender_id', '=', 'senders.id')
            .where('campaigns.status', 'in', ['scheduled', 'in_progress', 'paused']),
        ),
      ),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * The provider refuses the number until somebody acts; `reason` is its code. False, and nothing is done, when somebody has
 * changed the sender since it was read: it may be refused no more.
 */
export async function haltSender(
  tx: Tx,
  { id, updated_at }: Pick<Sender, 'id' | 'updated_at'>,
  reason: string,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('senders')
    .set({ health: 'halted', health_reason: reason, updated_at: at })
    .where('id', '=', id)
    .where(sql<Date>`date_trunc('milliseconds', updated_at)`, '<=', updated_at)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The number works again, or an operator says so. False when it was not halted. */
export async function senderIsBack(tx: Tx, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('senders')
    .set({ health: 'active', health_reason: null, updated_at: at })
    .where('id', '=', id)
    .where('health', '=', 'halted')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export type SenderAddress = Pick<Sender, 'id' | 'account_id' | 'phone_number_id'>;

/** These senders and all others of their accounts: a provider tells one hook about every number of a business. */
export async function findSenderAddresses(
  db: Tx,
  ids: readonly string[],
): Promise<SenderAddress[]> {
  return db
    .selectFrom('senders')
    .select(['id', 'account_id', 'phone_number_id'])
    .where('account_id', 'in', (eb) =>
      eb
        .selectFrom('senders as hooked')
        .select('hooked.account_id')
        .where('hooked.id', '=', sql<string>`ANY(${[...ids]}::uuid[])`),
    )
    .where((where) =>
      where.or([
        where('deleted_at', 'is', null),
        where('id', '=', sql<string>`ANY(${[...ids]}::uuid[])`),
      ]),
    )
    .orderBy('id')
    .execute();
}

/** The sender itself, and those of its account that share its WhatsApp Business account (or are of `wabaId`). */
export function sendersOfBusiness(db: Tx, senderId: string, wabaId: string | null) {
  return db
    .selectFrom('senders as own')
    .innerJoin('senders as other', 'other.account_id', 'own.account_id')
    .select('other.id')
    .where('own.id', '=', senderId)
    .where((where) => {
      const same = [where('other.id', '=', where.ref('own.id'))];
      return wabaId === null
        ? where.or([...same, where('other.waba_id', '=', where.ref('own.waba_id'))])
        : where.or([
            where('other.waba_id', '=', wabaId),
            where.and([...same, where('own.waba_id', 'is', null)]),
          ]);
    });
}

/** Has a provider's list of templates asked for at the next opportunity. `wabaId`: as for `sendersOfBusiness`. */
export async function askForTemplates(
  db: Tx,
  senderId: string,
  wabaId: string | null,
): Promise<void> {
  await db
    .updateTable('senders')
    .set({ templates_listed_at: null })
    .where('id', 'in', sendersOfBusiness(db, senderId, wabaId))
    .execute();
}

/** The sender whose provider has not been asked for its templates for longest; notes that it is asked now. */
export async function senderToAsk(db: Tx, now: Date, before: Date): Promise<Sender | undefined> {
  return db
    .updateTable('senders')
    .set({ templates_listed_at: now })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('senders as waiting')
        .select('waiting.id')
        .where('waiting.deleted_at', 'is', null)
        .where((where) =>
          where.or([
            where('waiting.waba_id', 'is not', null),
            where('waiting.provider_kind', '=', '360dialog'),
          ]),
        )
        .where((where) =>
          where.or([
            where('waiting.templates_listed_at', 'is', null),
            where('waiting.templates_listed_at', '<', before),
          ]),
        )
        .orderBy('waiting.templates_listed_at', (order) => order.asc().nullsFirst())
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
}
