import type { WindowState, WindowWorkflowState } from './contract';

/** What operators read in the Temporal UI, in Markdown: `**open** · closes 2026-03-01 12:00:00 UTC · last signal …`. */
export function windowDetails(
  state: WindowState,
  { closesAt, lastSignalAt }: Pick<WindowWorkflowState, 'closesAt' | 'lastSignalAt'>,
): string {
  const parts = [`**${state}**`];
  if (closesAt !== null) parts.push(`${state === 'closed' ? 'closed' : 'closes'} ${utc(closesAt)}`);
  if (lastSignalAt !== null) parts.push(`last signal: customer message of ${utc(lastSignalAt)}`);
  return parts.join(' · ');
}

export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
