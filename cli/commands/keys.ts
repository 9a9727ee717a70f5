import type { Command } from 'commander';
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { Db } from '../../db/connect';
import { findSenderByCode } from '../../db/sender';
import { SCOPES } from '../../domain/scope';
import { systemClock } from '../../runtime/runtime';
import { createApiKey, listApiKeys, revokeApiKey } from '../../usecases/apiKey';
import { days, nonEmpty } from '../arguments';
import { withCurrentDatabase } from '../database';

interface CreateOptions {
  account?: string;
  name: string;
  scopes: string[];
  days?: number;
  ips?: string[];
  origins?: string[];
  sender?: string;
}

const WITHOUT_ACCOUNT = 'without it: the only account there is';
/** The account that the first key makes, should none be named. */
const FIRST_ACCOUNT = 'default';

export function register(program: Command): void {
  const keys = program.command('keys').description('API keys, directly in the database');
  keys
    .command('create')
    .description('create a key and show its secret, once')
    .option(
      '--account <name>',
      `made when there is none of this name; ${WITHOUT_ACCOUNT}`,
      nonEmpty,
    )
    .option('--name <name>', 'what the key is for', nonEmpty, 'cli')
    .option('--scopes <list>', `comma list of ${SCOPES.join(', ')}`, commaList, ['*'])
    .option(
      '--sender <code>',
      'number it speaks for, by its name, digits or id; APIs that name none need it',
      nonEmpty,
    )
    .option('--days <days>', 'days until it expires', days)
    .option('--ips <list>', 'comma list of addresses and ranges it may be used from', commaList)
    .option('--origins <list>', 'comma list of sites it may be used on, in browsers', commaList)
    .action((options: CreateOptions) => withCurrentDatabase((db) => create(db, options)));
  keys
    .command('list')
    .description('keys of an account, without their secrets')
    .option('--account <name>', WITHOUT_ACCOUNT, nonEmpty)
    .action((options: { account?: string }) =>
      withCurrentDatabase((db) => list(db, options.account)),
    );
  keys
    .command('revoke <id>')
    .description('make a key useless at once')
    .action((id: string) => withCurrentDatabase((db) => revoke(db, id)));
}

/** In one transaction: a key that is refused leaves no account behind. */
async function create(db: Db, options: CreateOptions): Promise<void> {
  const { key, secret } = await db.transaction().execute((tx) => createIn(tx, options));
  console.log(`${key.id}\n${secret}`);
  console.error('The secret is not shown again.');
}

async function createIn(tx: Db, options: CreateOptions) {
  const accountId =
    (await findAccount(tx, options.account)) ??
    (await makeAccount(tx, options.account ?? FIRST_ACCOUNT));
  return createApiKey(
    { db: tx, clock: systemClock },
    {
      accountId,
      name: options.name,
      scopes: options.scopes,
      ...(options.sender !== undefined && {
        senderId: await findSender(tx, accountId, options.sender),
      }),
      ...(options.ips && { allowedIps: options.ips }),
      ...(options.origins && { allowedOrigins: options.origins }),
      expiresAt:
        options.days === undefined ? null : DateTime.utc().plus({ days: options.days }).toJSDate(),
    },
  );
}

async function findSender(db: Db, accountId: string, code: string): Promise<string> {
  const sender = await findSenderByCode(db, accountId, code);
  if (!sender) throw new Error(`There is no sender "${code}".`);
  return sender.id;
}

async function list(db: Db, account: string | undefined): Promise<void> {
  const accountId = await findAccount(db, account);
  if (accountId === undefined)
    throw new Error(`There is no account${account ? ` "${account}"` : ''}.`);
  for (const key of await listApiKeys({ db, clock: systemClock }, accountId)) {
    const state = key.revoked_at ? 'revoked' : (key.expires_at?.toISOString() ?? 'no expiry');
    const places = [...key.allowed_ips, ...key.allowed_origins].join(',') || 'anywhere';
    const scopes = key.scopes.join(',');
    console.log([key.id, `${key.prefix}…`, key.name, scopes, state, places].join('\t'));
  }
}

async function revoke(db: Db, id: string): Promise<void> {
  const isId = z.guid().safeParse(id).success;
  if (!isId || !(await revokeApiKey({ db, clock: systemClock }, id))) {
    throw new Error('There is no such key, or it is revoked already.');
  }
  console.log('revoked');
}

/** The account of this name; without a name the only one, should there be one. */
async function findAccount(db: Db, name: string | undefined): Promise<string | undefined> {
  const accounts = await db
    .selectFrom('accounts')
    .select(['id', 'name'])
    .$if(name !== undefined, (query) => query.where('name', '=', name!))
    .orderBy('id')
    .execute();
  if (name === undefined && accounts.length > 1) {
    throw new Error(`Say which account: --account ${accounts.map((one) => one.name).join(' | ')}`);
  }
  return accounts[0]?.id;
}

async function makeAccount(db: Db, name: string): Promise<string> {
  const row = await db
    .insertInto('accounts')
    .values({ name })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

function commaList(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}
