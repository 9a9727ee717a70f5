/**
 * Our name for an outbound message, sent along as `biz_opaque_callback_data` and echoed by every status webhook:
 * the ledger's key. It holds no personal data.
 */
export interface LedgerReference {
  campaignId: string;
  position: number;
}

const PATTERN = /^c\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9]{1,9})$/;

export function formatReference(campaignId: string, position: number): string {
  return `c.${campaignId}.${position}`;
}

/** Null when the text is not one of our references: the message was not sent by a campaign. */
export function parseReference(text: string): LedgerReference | null {
  const match = PATTERN.exec(text);
  return match ? { campaignId: match[1]!, position: Number(match[2]) } : null;
}
