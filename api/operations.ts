import { healthOperations } from './health';
import { hookOperations } from './hooks';
import { referenceOperations } from './openapi/routes';
import type { Operations } from './openapi/operation';

/** The routes that belong to no dialect, described. */
export const ownOperations: Operations = {
  ...healthOperations,
  ...hookOperations,
  ...referenceOperations,
};
