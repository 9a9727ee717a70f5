import type { Insertable } from 'kysely';
import type { Tx } from './connect';
import type { ApiKey, ApiKeysTable } from './schema';

export async function insertApiKey(db: Tx, key: Insertable<ApiKeysTable>): Promise<ApiKey> {
  return db.insertInto('api_keys').values(key).returningAll().executeTakeFirstOrThrow();
}

/** The key with this hash, revoked or expired ones included: the caller judges. */
export async function findApiKeyByHash(db: Tx, hash: Buffer): Promise<ApiKey | undefined> {
  return db.selectFrom('api_keys').selectAll().where('secret_hash', '=', hash).executeTakeFirst();
}

export async function selectApiKeys(db: Tx, accountId: string): Promise<ApiKey[]> {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
}

/** Whether a key has neither been revoked nor expired. */
export async function isApiKeyAlive(db: Tx, id: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('api_keys')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where((key) => key.or([key('expires_at', 'is', null), key('expires_at', '>', now)]))
    .executeTakeFirst();
  return row !== undefined;
}

/** True when there was a key to revoke; a key that is already revoked keeps its first date. */
export async function revokeApiKeyRow(db: Tx, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_keys')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
