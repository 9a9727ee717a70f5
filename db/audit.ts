import type { JsonObject } from '../domain/json';
import { json, type Tx } from './connect';

/** Who did what to which thing: part of the transaction that does it. */
export async function audit(
  tx: Tx,
  actor: { accountId: string; keyId: string },
  action: string,
  subject: string,
  detail: JsonObject = {},
): Promise<void> {
  await tx
    .insertInto('audit_log')
    .values({
      account_id: actor.accountId,
      actor: actor.keyId,
      action,
      subject,
      detail: json(detail),
    })
    .execute();
}
