/**
 * Ids for messages that the provider has not named (yet), in the form of its own. They hold our ids, and nothing about
 * whom a message is for.
 */

/** Of a direct message. */
export function messageCloudId(messageId: string): string {
  return wamidOf(bytesOf(messageId));
}

/** Of one message of a campaign. */
export function campaignCloudId(campaignId: string, position: number): string {
  const place = Buffer.alloc(4);
  place.writeUInt32BE(position);
  return wamidOf(Buffer.concat([bytesOf(campaignId), place]));
}

function bytesOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function wamidOf(bytes: Buffer): string {
  return `wamid.${bytes.toString('base64')}`;
}
