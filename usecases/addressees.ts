import type { Tx } from '../db/connect';
import { findSenderAddresses, type SenderAddress } from '../db/sender';

/**
 * Which sender a webhook is for. A provider tells one hook about every number of a business account, so the number that
 * the body names decides; the hook's own sender stands in where it names none, or has no such id itself (360dialog).
 */
export class Addressees {
  private constructor(
    private readonly byId: ReadonlyMap<string, SenderAddress>,
    private readonly byNumber: ReadonlyMap<string, SenderAddress>,
  ) {}

  /** For the hooks of these entries. */
  static async of(tx: Tx, entries: readonly { senderId: string | null }[]): Promise<Addressees> {
    const ids = new Set(entries.map(({ senderId }) => senderId).filter((id) => id !== null));
    const senders = await findSenderAddresses(tx, [...ids]);
    return new Addressees(
      new Map(senders.map((sender) => [sender.id, sender])),
      new Map(senders.map((sender) => [`${sender.account_id} ${sender.phone_number_id}`, sender])),
    );
  }

  find(hookSenderId: string | null, phoneNumberId: string | null): SenderAddress | undefined {
    const hooked = hookSenderId === null ? undefined : this.byId.get(hookSenderId);
    if (!hooked || phoneNumberId === null || hooked.phone_number_id === phoneNumberId)
      return hooked;
    const named = this.byNumber.get(`${hooked.account_id} ${phoneNumberId}`);
    return named ?? (hooked.phone_number_id === null ? hooked : undefined);
  }
}
