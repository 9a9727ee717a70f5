import type { WebhookWorkflowState } from './contract';
import { utc } from './windowDetails';

/** As many as an activity counts. */
const COUNTED = 1_000;

/** What operators read in the Temporal UI, in Markdown: `**active** · 1,204 delivered · 2 waiting, next look …`. */
export function webhookDetails({ found, delivered }: WebhookWorkflowState): string {
  if (!found) return '**new**';
  const { state, waiting, lookAt, downSince } = found;
  const parts = [`**${state}**`];
  if (downSince !== null) parts.push(`since ${utc(downSince)}`);
  parts.push(`${count(delivered)} delivered`);
  if (waiting > 0) parts.push(`${count(waiting)}${waiting < COUNTED ? '' : ' or more'} waiting`);
  if (lookAt) parts.push(`next look ${utc(lookAt)}`);
  return parts.join(' · ');
}

function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
