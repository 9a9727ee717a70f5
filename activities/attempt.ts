import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';

const HEARTBEAT_MS = 1_000;

/** Names one attempt of one activity, so that the next attempt knows the names of those before it. */
export function leaseOf(attempt: number): string {
  const { workflowExecution, activityId } = Context.current().info;
  const hex = createHash('sha256')
    .update(`${workflowExecution?.runId}/${activityId}/${attempt}`)
    .digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}

/** Heartbeats once a second while `work` runs, and does `also` at each. */
export async function underHeartbeats<R>(
  work: () => Promise<R>,
  details: () => unknown,
  also: () => void = () => undefined,
): Promise<R> {
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat(details());
    also();
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
