import { parseReference } from '../domain/reference';

/**
 * An id for a message that the provider has not named (yet), in the form of its own. It holds our id, that of a direct
 * message or the reference of a campaign's, and nothing about whom the message is for.
 */
export function ownCloudId(id: string): string {
  const campaign = parseReference(id);
  const bytes = campaign ? campaignBytes(campaign) : bytesOf(id);
  return `wamid.${bytes.toString('base64')}`;
}

function campaignBytes({ campaignId, position }: { campaignId: string; position: number }): Buffer {
  const place = Buffer.alloc(4);
  place.writeUInt32BE(position);
  return Buffer.concat([bytesOf(campaignId), place]);
}

function bytesOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
