import type { Tx } from './connect';

const MOST = 3;

/** Some secrets as they are sealed in this database, the newest of each kind. */
export async function sealedSamples(db: Tx): Promise<string[]> {
  const senders = await db
    .selectFrom('senders')
    .select('sealed_token as sealed')
    .where('deleted_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(MOST)
    .execute();
  const endpoints = await db
    .selectFrom('webhook_endpoints')
    .select('sealed_secret as sealed')
    .where('deleted_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(MOST)
    .execute();
  return [...senders, ...endpoints].map(({ sealed }) => sealed);
}
