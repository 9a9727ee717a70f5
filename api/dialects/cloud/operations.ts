import type { Operations } from '../../openapi/operation';
import { blockedUserOperations } from './blockedUserOperations';
import { dialog360MediaOperations, uploadOperations } from './mediaOperations';
import { messageOperations } from './messageOperations';
import { nodeOperations } from './nodeOperations';
import { healthOperations } from './numberOperations';
import { DIALOG360, META, type Place } from './place';
import { subscriptionOperations } from './subscriptionOperations';
import { dialog360TemplateOperations, metaTemplateOperations } from './templateOperations';
import { resumableUploadOperations } from './uploadOperations';
import { webhookOperations } from './webhookOperations';

/** What both places have, below a number. */
function numberOperations(place: Place): Operations {
  return {
    ...messageOperations(place),
    ...uploadOperations(place),
    ...blockedUserOperations(place),
  };
}

export const metaOperations: Operations = {
  ...numberOperations(META),
  ...metaTemplateOperations,
  ...subscriptionOperations,
  ...nodeOperations,
};

export const dialog360Operations: Operations = {
  ...numberOperations(DIALOG360),
  ...dialog360TemplateOperations,
  ...webhookOperations,
  ...healthOperations,
  ...dialog360MediaOperations,
  ...resumableUploadOperations,
};
