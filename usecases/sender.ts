import { randomBytes } from 'node:crypto';
import { audit } from '../db/audit';
import { isUniqueViolation, json, type Tx } from '../db/connect';
import type { Sender } from '../db/schema';
import {
  findSender,
  hideSender,
  insertSender,
  listSenderRows,
  updateSenderRow,
  type SenderFilter,
} from '../db/sender';
import { DomainError } from '../domain/errors';
import type { E164 } from '../domain/phone';
import type { QuietHours } from '../domain/quietHours';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';

export interface SenderProvider {
  kind: Sender['provider_kind'];
  baseUrl: string;
  version: string | null;
  phoneNumberId: string | null;
  wabaId: string | null;
  token: string;
  appSecret: string | null;
  verifyToken: string | null;
}

export interface CreateSender {
  name: string;
  phone: E164;
  provider: SenderProvider;
  ratePerSecond?: number;
  dailyLimit?: number | null;
  windowPolicy?: Sender['window_policy'];
  quietHours?: QuietHours | null;
}

/** Absent fields stay as they are. The kind of provider cannot change: its settings mean other things. */
export interface ChangeSender extends Partial<Omit<CreateSender, 'provider'>> {
  provider?: Partial<Omit<SenderProvider, 'kind'>>;
}

/** Secrets are sealed before they reach the database and are never shown again. */
export async function createSender(
  deps: Deps,
  caller: Caller,
  input: CreateSender,
): Promise<Sender> {
  const { provider } = input;
  const row = {
    account_id: caller.accountId,
    name: input.name,
    phone: input.phone,
    provider_kind: provider.kind,
    provider_base_url: provider.baseUrl,
    provider_version: provider.version,
    phone_number_id: provider.phoneNumberId,
    waba_id: provider.wabaId,
    sealed_token: deps.secrets.seal(provider.token),
    sealed_app_secret: sealOrNull(deps, provider.appSecret),
    sealed_verify_token: sealOrNull(deps, provider.verifyToken),
    hook_key: randomBytes(24).toString('base64url'),
    rate_per_second: input.ratePerSecond,
    daily_limit: input.dailyLimit ?? null,
    window_policy: input.windowPolicy ?? defaultPolicy(provider.kind),
    quiet_hours: input.quietHours ? json(input.quietHours) : null,
  };
  return deps.db.transaction().execute(async (tx) => {
    const sender = await orNameTaken(insertSender(tx, row));
    await audit(tx, caller, 'sender.create', sender.id);
    return sender;
  });
}

function sealOrNull(deps: Deps, secret: string | null): string | null {
  return secret === null ? null : deps.secrets.seal(secret);
}

/** Meta opens a window by the customer's message alone; 360dialog's partners count a delivered template too. */
function defaultPolicy(kind: Sender['provider_kind']): Sender['window_policy'] {
  return kind === '360dialog' ? 'template_delivered' : 'customer_message';
}

/** Newest first. */
export async function listSenders(
  deps: Deps,
  caller: Caller,
  filter: SenderFilter,
): Promise<Page<Sender>> {
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listSenderRows(deps.db, caller.accountId, more);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

export async function getSender(deps: Deps, caller: Caller, id: string): Promise<Sender> {
  return mustFindSender(deps.db, caller, id);
}

export async function changeSender(
  deps: Deps,
  caller: Caller,
  id: string,
  change: ChangeSender,
): Promise<Sender> {
  return deps.db.transaction().execute(async (tx) => {
    const columns = columnsOf(deps, change);
    const sender = await orNameTaken(updateSenderRow(tx, caller.accountId, id, columns));
    if (!sender) throw notFound();
    await audit(tx, caller, 'sender.change', id, { fields: Object.keys(change) });
    return sender;
  });
}

function columnsOf(deps: Deps, change: ChangeSender) {
  const { provider = {}, quietHours } = change;
  const seal = (secret: string | null | undefined) =>
    secret === undefined ? undefined : sealOrNull(deps, secret);
  return {
    name: change.name,
    phone: change.phone,
    provider_base_url: provider.baseUrl,
    provider_version: provider.version,
    phone_number_id: provider.phoneNumberId,
    waba_id: provider.wabaId,
    sealed_token: provider.token === undefined ? undefined : deps.secrets.seal(provider.token),
    sealed_app_secret: seal(provider.appSecret),
    sealed_verify_token: seal(provider.verifyToken),
    rate_per_second: change.ratePerSecond,
    daily_limit: change.dailyLimit,
    window_policy: change.windowPolicy,
    quiet_hours: quietHours === undefined ? undefined : quietHours && json(quietHours),
    updated_at: deps.clock.now().toJSDate(),
  };
}

/** Throws `sender_in_use` while a campaign is scheduled, running or paused. */
export async function deleteSender(deps: Deps, caller: Caller, id: string): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    await mustFindSender(tx, caller, id);
    const hidden = await hideSender(tx, caller.accountId, id, deps.clock.now().toJSDate());
    if (!hidden) throw new DomainError('sender_in_use', 'The sender has unfinished campaigns.');
    await audit(tx, caller, 'sender.delete', id);
  });
}

async function mustFindSender(db: Tx, caller: Caller, id: string): Promise<Sender> {
  const sender = await findSender(db, caller.accountId, id);
  if (!sender) throw notFound();
  return sender;
}

function notFound(): DomainError {
  return new DomainError('sender_not_found', 'Sender not found.');
}

async function orNameTaken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError('sender_name_taken', 'A sender with this name exists.');
  }
}
