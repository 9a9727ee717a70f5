import { createCampaignActivities } from './campaign';
import type { ActivityDeps } from './deps';
import { createLaneActivities } from './lane';
import { createSendingActivities } from './sending';
import { createWindowActivities } from './window';

/** All activities of one worker; workflows know them by this type alone. */
export function createActivities(deps: ActivityDeps) {
  return {
    ...createCampaignActivities(deps),
    ...createLaneActivities(deps),
    ...createSendingActivities(deps),
    ...createWindowActivities(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
