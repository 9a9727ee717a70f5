import {
  findAudience,
  hideAudience,
  insertAudience,
  listAudienceRows,
  renameAudienceRow,
} from '../db/audience';
import type { AudienceFilter } from '../db/audience';
import { isUniqueViolation, type Tx } from '../db/connect';
import type { Audience } from '../db/schema';
import type { ContactInput } from '../domain/contact';
import { DomainError } from '../domain/errors';
import type { Page } from './campaignTypes';
import { saveContacts } from './saveContacts';
import type { Caller, Deps } from './deps';

export interface CreateAudience {
  name: string;
  channel: string;
  contacts: readonly ContactInput[];
}

/** Creates a list, with its first contacts: all of them or, if one is wrong, nothing. Repeated numbers count once. */
export async function createAudience(
  deps: Deps,
  caller: Caller,
  input: CreateAudience,
): Promise<Audience> {
  return deps.db.transaction().execute(async (tx) => {
    const audience = await insertNamed(tx, caller, input);
    if (input.contacts.length === 0) return audience;
    await saveContacts(tx, audience, input.contacts);
    return mustFindAudience(tx, caller, audience.id);
  });
}

function insertNamed(tx: Tx, caller: Caller, input: CreateAudience): Promise<Audience> {
  const { name, channel } = input;
  return orNameTaken(insertAudience(tx, { accountId: caller.accountId, name, channel }));
}

async function orNameTaken<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError('audience_name_taken', 'An audience with this name exists.');
  }
}

/** Throws `audience_not_found` and `audience_name_taken`. */
export async function renameAudience(
  deps: Deps,
  caller: Caller,
  id: string,
  name: string,
): Promise<Audience> {
  const at = deps.clock.now().toJSDate();
  const renamed = await orNameTaken(renameAudienceRow(deps.db, caller.accountId, id, { name, at }));
  if (!renamed) throw notFound();
  return renamed;
}

/** Newest first. */
export async function listAudiences(
  deps: Deps,
  caller: Caller,
  filter: AudienceFilter,
): Promise<Page<Audience>> {
  const more = { ...filter, limit: filter.limit + 1 };
  const { rows, total } = await listAudienceRows(deps.db, caller.accountId, more);
  const page = rows.slice(0, filter.limit);
  return { rows: page, total, next: rows.length > filter.limit ? page.at(-1)!.id : null };
}

export async function getAudience(deps: Deps, caller: Caller, id: string): Promise<Audience> {
  return mustFindAudience(deps.db, caller, id);
}

/** The audience of the caller's account. Throws `audience_not_found`. */
export async function mustFindAudience(db: Tx, caller: Caller, id: string): Promise<Audience> {
  const audience = await findAudience(db, caller.accountId, id);
  if (!audience) throw notFound();
  return audience;
}

/** Hides it; a campaign that has begun has its own copy of the recipients, and contacts stay in the account. */
export async function deleteAudience(deps: Deps, caller: Caller, id: string): Promise<void> {
  const hidden = await hideAudience(deps.db, caller.accountId, id, deps.clock.now().toJSDate());
  if (!hidden) throw notFound();
}

function notFound(): DomainError {
  return new DomainError('audience_not_found', 'Audience not found.');
}
