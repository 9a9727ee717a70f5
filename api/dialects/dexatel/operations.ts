import type { Operations } from '../../openapi/operation';
import { audienceOperations } from './audienceOperations';
import { blockerOperations } from './blockerOperations';
import { campaignOperations } from './campaignOperations';
import { messageOperations } from './messageOperations';
import { optOutOperations } from './optOut';
import { senderOperations } from './senderOperations';
import { templateOperations } from './templateOperations';
import { webhookOperations } from './webhookOperations';

/** Every route of this dialect, described. */
export const dexatelOperations: Operations = {
  ...campaignOperations,
  ...audienceOperations,
  ...templateOperations,
  ...senderOperations,
  ...blockerOperations,
  ...optOutOperations,
  ...messageOperations,
  ...webhookOperations,
};
