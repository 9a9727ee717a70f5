import type { Connection } from '@temporalio/client';

/** Temporal's numbers for the types we use (`IndexedValueType`). */
const KEYWORD = 2;
const DATETIME = 6;

const NEEDED: Readonly<Record<string, number>> = {
  CampaignStatus: KEYWORD,
  SenderId: KEYWORD,
  AccountId: KEYWORD,
  WindowClosesAt: DATETIME,
};

/**
 * Creates the search attributes that the namespace lacks, so that a new cluster needs no preparation. A start without
 * them would be refused. Throws when this client may not create them: then an administrator has to.
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(NEEDED).filter(([name]) => !(name in customAttributes));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing),
  });
}
