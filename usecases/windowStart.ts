import { TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowSignalWithStartOptions } from '@temporalio/client';
import { z } from 'zod';
import type { JsonObject } from '../domain/json';
import type { StoredSignal } from '../db/signal';
import { searchAttributes, WINDOW_WORKFLOW } from '../workflows/contract';

type StartOptions = { args: [JsonObject] } & Pick<
  WorkflowSignalWithStartOptions,
  'startDelay' | 'staticDetails' | 'typedSearchAttributes'
>;

const windowStart = z.object({ senderId: z.string(), accountId: z.string() });
const customerMessage = z.object({ closesAt: z.number() });

/**
 * What the start of a window carries: how long before its end it is closing soon, which stays as it was configured when the
 * window opened; and what it takes so that opening one costs Temporal no workflow task: nothing happens before it is
 * closing soon, so its first task is put off until then (a further signal ends the delay), and what operators need to
 * see meanwhile is part of the start. A server that knows no delay costs five events more and nothing else.
 */
export function startOptions(
  signal: StoredSignal,
  now: number,
  closingSoonMs: number,
): StartOptions {
  if (signal.workflowType !== WINDOW_WORKFLOW) return { args: [signal.input] };
  const { senderId, accountId } = windowStart.parse(signal.input);
  const { closesAt } = customerMessage.parse(signal.payload);
  const closes = new Date(closesAt);
  return {
    args: [{ ...signal.input, timing: { closingSoonMs } }],
    startDelay: Math.max(0, closesAt - closingSoonMs - now),
    staticDetails: `**open** until ${closes.toISOString()} if the customer does not write again`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.windowClosesAt, value: closes },
      { key: searchAttributes.senderId, value: senderId },
      { key: searchAttributes.accountId, value: accountId },
    ]),
  };
}
