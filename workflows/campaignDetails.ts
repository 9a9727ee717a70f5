import type { CampaignWorkflowState } from './contract';

/** What operators read in the Temporal UI, in Markdown: `43,000 / 100,000 sent · 12 failed · 79.9/s · ETA 11:42`. */
export function campaignDetails(state: CampaignWorkflowState, now: number): string {
  const headline = state.reason ? `**${state.status}** (${state.reason})` : `**${state.status}**`;
  if (state.progress === null || state.startedAt === null) {
    const due = state.dueAt ? ` · due ${new Date(state.dueAt).toISOString()}` : '';
    return headline + due;
  }
  const { total, pending, claimed, failed, skipped, unknown } = state.progress;
  const sent = total - pending - claimed - failed - skipped - unknown;
  const parts = [`${count(sent)} / ${count(total)} sent`];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (skipped > 0) parts.push(`${count(skipped)} skipped`);
  if (unknown > 0) parts.push(`${count(unknown)} unknown`);
  if (state.status === 'in_progress')
    parts.push(...pace(sent + failed, pending, now - state.startedAt, now));
  return `${headline} · ${parts.join(' · ')}`;
}

function pace(done: number, left: number, elapsedMs: number, now: number): string[] {
  if (done === 0 || elapsedMs < 1000) return [];
  const perSecond = (done * 1000) / elapsedMs;
  const eta = new Date(now + (left / perSecond) * 1000).toISOString().slice(11, 16);
  return [`${perSecond.toFixed(1)}/s`, ...(left > 0 ? [`ETA ${eta} UTC`] : [])];
}

function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
