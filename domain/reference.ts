/**
 * Our name for an outbound message, sent along as `biz_opaque_callback_data` and echoed by every status webhook: the
 * ledger's key. It holds no personal data.
 */
export interface LedgerReference {
  campaignId: string;
  position: number;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const CAMPAIGN = new RegExp(`^c\\.(${UUID})\\.([0-9]{1,9})$`);
const DIRECT = new RegExp(`^m\\.(${UUID})$`);

/** Of a campaign's message. */
export function formatReference(campaignId: string, position: number): string {
  return `c.${campaignId}.${position}`;
}

/** Null when the text is not such a reference: the message was not sent by a campaign. */
export function parseReference(text: string): LedgerReference | null {
  const match = CAMPAIGN.exec(text);
  return match ? { campaignId: match[1]!, position: Number(match[2]) } : null;
}

/** Of a direct message. */
export function formatMessageReference(messageId: string): string {
  return `m.${messageId}`;
}

/** The id of the direct message; null when the text is not the reference of one. */
export function parseMessageReference(text: string): string | null {
  return DIRECT.exec(text)?.[1] ?? null;
}
