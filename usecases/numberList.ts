import { listSenderRows } from '../db/sender';
import type { Sender } from '../db/schema';
import { findEndpointUrl } from '../db/webhookEndpoint';
import type { SenderHealth } from '../domain/ports';
import type { Caller, Deps } from './deps';
import type { NumberHealth } from './numberHealth';

/** One of the account's own numbers. */
export interface OwnNumber {
  sender: Sender;
  /** What its provider says of it; null while that cannot be had. */
  health: SenderHealth | null;
  /** Where the account is told of its messages, in the format that was asked for. */
  webhookUrl: string | null;
}

/** There are no pages to ask for. */
const MOST = 500;

/** Newest first. */
export async function listOwnNumbers(
  deps: Pick<Deps, 'db'> & { health: Pick<NumberHealth, 'of'> },
  { accountId }: Caller,
  format: string,
): Promise<{ numbers: OwnNumber[]; total: number }> {
  const { rows, total } = await listSenderRows(deps.db, accountId, { limit: MOST });
  const webhookUrl = await findEndpointUrl(deps.db, accountId, format);
  const numbers = await Promise.all(
    rows.map(async (sender) => ({ sender, health: await deps.health.of(sender), webhookUrl })),
  );
  return { numbers, total };
}
