import { randomBytes } from 'node:crypto';
import { audit } from '../db/audit';
import { isUniqueViolation, json, type Tx } from '../db/connect';
import type { Sender } from '../db/schema';
import {
  findSenderView,
  hideSender,
  insertSender,
  listSenderRows,
  senderIsBack,
  updateSenderRow,
  type SenderFilter,
  type SenderView,
} from '../db/sender';
import { DomainError } from '../domain/errors';
import type { E164 } from '../domain/phone';
import type { QuietHours } from '../domain/quietHours';
import { senderWorkflowId } from '../workflows/contract';
import type { Page } from './campaignTypes';
import type { Caller, Deps } from './deps';
import { tellSender } from './senderSignals';

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

/** Of Meta's Graph API, where the sender's settings name none. */
const GRAPH_VERSION = 'v24.0';

function versionFor(kind: Sender['provider_kind']): string | null {
  return kind === 'cloud_api' ? GRAPH_VERSION : null;
}

/** Meta's paths name a version and a number. Throws `sender_settings_invalid`. */
function mustBeComplete(sender: Sender): void {
  if (sender.provider_kind !== 'cloud_api') return;
  if (sender.provider_version !== null && sender.phone_number_id !== null) return;
  throw new DomainError(
    'sender_settings_invalid',
    'A cloud_api sender needs a version and a phone_number_id.',
  );
}

/** Requests go there, and its answers are shown: nowhere inside. Throws `sender_settings_invalid`. */
function refuseInside({ urlGuard }: Deps, baseUrl: string | undefined): void {
  const problem = baseUrl === undefined ? null : urlGuard.problemOf(baseUrl);
  if (problem === null) return;
  throw new DomainError('sender_settings_invalid', `The provider's base_url ${problem}.`);
}

/** Secrets are sealed before they reach the database and are never shown again. */
export async function createSender(
  deps: Deps,
  caller: Caller,
  input: CreateSender,
): Promise<SenderView> {
  const { provider } = input;
  refuseInside(deps, provider.baseUrl);
  const row = {
    account_id: caller.accountId,
    name: input.name,
    phone: input.phone,
    provider_kind: provider.kind,
    provider_base_url: provider.baseUrl,
    provider_version: provider.version ?? versionFor(provider.kind),
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
    mustBeComplete(sender);
    await audit(tx, caller, 'sender.create', sender.id);
    return { ...sender, slowed: false };
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
): Promise<Page<SenderView>> {
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listSenderRows(deps.db, caller.accountId, more);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

export async function getSender(deps: Deps, caller: Caller, id: string): Promise<SenderView> {
  return mustFindSender(deps.db, caller, id);
}

/** A halted sender that gets another way to its provider is tried again. */
export async function changeSender(
  deps: Deps,
  caller: Caller,
  id: string,
  change: ChangeSender,
): Promise<SenderView> {
  refuseInside(deps, change.provider?.baseUrl);
  const view = await deps.db.transaction().execute(async (tx) => {
    const columns = columnsOf(deps, change);
    const sender = await orNameTaken(updateSenderRow(tx, caller.accountId, id, columns));
    if (!sender) throw notFound();
    mustBeComplete(sender);
    await audit(tx, caller, 'sender.change', id, { fields: Object.keys(change) });
    if (sender.health === 'halted' && changesRoad(change)) await resume(deps, tx, caller, sender);
    return mustFindSender(tx, caller, id);
  });
  deps.deliverSignals([senderWorkflowId(id)]);
  return view;
}

/** What a POST to the provider depends on; the other settings are about its webhooks. */
function changesRoad({ provider = {} }: ChangeSender): boolean {
  const { baseUrl, version, phoneNumberId, token } = provider;
  return [baseUrl, version, phoneNumberId, token].some((value) => value !== undefined);
}

/**
 * An operator says that the number is fine: what waits is tried at once, whatever stopped it. Campaigns that paused for it
 * are resumed one by one.
 */
export async function resumeSender(deps: Deps, caller: Caller, id: string): Promise<SenderView> {
  const view = await deps.db.transaction().execute(async (tx) => {
    await resume(deps, tx, caller, await mustFindSender(tx, caller, id));
    return mustFindSender(tx, caller, id);
  });
  deps.deliverSignals([senderWorkflowId(id)]);
  return view;
}

async function resume(deps: Deps, tx: Tx, caller: Caller, sender: Sender): Promise<void> {
  await senderIsBack(tx, sender.id, deps.clock.now().toJSDate());
  await tellSender(tx, sender, 'resume');
  await audit(tx, caller, 'sender.resume', sender.id);
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

async function mustFindSender(db: Tx, caller: Caller, id: string): Promise<SenderView> {
  const sender = await findSenderView(db, caller.accountId, id);
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
