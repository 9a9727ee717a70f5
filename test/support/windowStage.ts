import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WindowActivities } from '../../activities/window';
import {
  TASK_QUEUE,
  WINDOW_SIGNALS,
  WINDOW_WORKFLOW,
  windowWorkflowId,
  type WindowInput,
} from '../../workflows/contract';
import { startTimeSkipping, workflowBundle } from './temporal';

/** No machine's or person's name in what is recorded. */
const IDENTITY = 'casement-test';

export interface StagedWindow {
  input: WindowInput;
  handle: WorkflowHandle;
  /** The signal that the customer wrote again. */
  tell: (closesAt: number) => Promise<void>;
  /** Length of the newest run's history. */
  events: () => Promise<number>;
}

/** The window workflow on a server that skips time. One per test file; each test brings its own activities' state. */
export class WindowStage {
  private readonly client: Client;
  private constructor(
    readonly env: TestWorkflowEnvironment,
    private readonly worker: Worker,
    private readonly running: Promise<void>,
  ) {
    this.client = new Client({ connection: env.connection, identity: IDENTITY });
  }

  static async open(
    activities: (env: TestWorkflowEnvironment) => WindowActivities,
  ): Promise<WindowStage> {
    const env = await startTimeSkipping();
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      identity: IDENTITY,
      workflowBundle: workflowBundle(),
      activities: activities(env),
    });
    return new WindowStage(env, worker, worker.run());
  }

  async end(): Promise<void> {
    this.worker.shutdown();
    await this.running;
    await this.env.teardown();
  }

  now(): Promise<number> {
    return this.env.currentTimeMs();
  }

  /** Opens a window as the outbox does: started with the signal that carries its deadline. */
  async start(closesAt: number, input: Partial<WindowInput> = {}): Promise<StagedWindow> {
    const whole: WindowInput = {
      conversationId: randomUUID(),
      number: 1,
      senderId: randomUUID(),
      accountId: randomUUID(),
      ...input,
    };
    const workflowId = windowWorkflowId(whole.conversationId, whole.number);
    await this.client.workflow.signalWithStart(WINDOW_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [whole],
      signal: WINDOW_SIGNALS.customerMessage,
      signalArgs: [{ closesAt }],
    });
    // The environment's client skips time while it awaits a result; ours signs what is recorded.
    const handle = this.env.client.workflow.getHandle(workflowId);
    const signed = this.client.workflow.getHandle(workflowId);
    return {
      input: whole,
      handle,
      tell: (later) => signed.signal(WINDOW_SIGNALS.customerMessage, { closesAt: later }),
      events: async () => (await handle.fetchHistory()).events?.length ?? 0,
    };
  }
}
