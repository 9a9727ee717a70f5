import type { SenderWorkflowState } from './contract';
import { utc } from './windowDetails';

/** What operators read in the Temporal UI, in Markdown: `**idle** · 1,204 sent · 3 failed · next retry …`. */
export function senderDetails(state: SenderWorkflowState): string {
  const { status, reason, sent, failed, nextDueAt } = state;
  const parts = [`**${status}**${reason === null ? '' : ` (${reason})`}`];
  parts.push(`${sent.toLocaleString('en')} sent`, `${failed.toLocaleString('en')} failed`);
  if (nextDueAt !== null && status === 'idle') parts.push(`next retry ${utc(nextDueAt)}`);
  if (status === 'halted') parts.push('resume it with `POST /v1/senders/{id}/resume`');
  return parts.join(' · ');
}
