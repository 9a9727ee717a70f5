import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { LaneActivities } from '../../activities/lane';
import {
  SENDER_SIGNALS,
  SENDER_WORKFLOW,
  senderWorkflowId,
  TASK_QUEUE,
  type LaneResult,
  type SenderInput,
} from '../../workflows/contract';
import { startTimeSkipping, workflowBundle } from './temporal';

/** No machine's or person's name in what is recorded. */
const IDENTITY = 'casement-test';

/** What the lane of one sender will find, and when it was asked. */
export class LaneModel {
  readonly runs: { at: number; probe: boolean }[] = [];
  /** Answers in order; the last one stays. */
  constructor(public results: Partial<LaneResult>[]) {}

  answer(at: number, probe: boolean): LaneResult {
    this.runs.push({ at, probe });
    const result = this.results.length > 1 ? this.results.shift()! : this.results[0]!;
    return { state: 'idle', reason: null, nextDueAt: null, sent: 0, failed: 0, ...result };
  }
}

export interface StagedSender {
  handle: WorkflowHandle;
  runId: string;
  tell(signal: keyof typeof SENDER_SIGNALS): Promise<void>;
}

/** The sender workflow on a server that skips time, over models of the lane. One per test file. */
export class SenderStage {
  private readonly models = new Map<string, LaneModel>();
  private readonly client: Client;
  private worker: Worker | undefined;
  private running: Promise<void> = Promise.resolve();

  private constructor(readonly env: TestWorkflowEnvironment) {
    this.client = new Client({ connection: env.connection, identity: IDENTITY });
  }

  static async open(): Promise<SenderStage> {
    const stage = new SenderStage(await startTimeSkipping());
    const activities: LaneActivities = {
      runLane: async ({ senderId, probe }) =>
        stage.models.get(senderId)!.answer(await stage.now(), probe),
    };
    stage.worker = await Worker.create({
      connection: stage.env.nativeConnection,
      taskQueue: TASK_QUEUE,
      identity: IDENTITY,
      workflowBundle: workflowBundle(),
      activities,
    });
    stage.running = stage.worker.run();
    return stage;
  }

  async end(): Promise<void> {
    this.worker?.shutdown();
    await this.running;
    await this.env.teardown();
  }

  now(): Promise<number> {
    return this.env.currentTimeMs();
  }

  /** Starts the workflow as the outbox does: because there is work. */
  async start(model: LaneModel, input: Partial<SenderInput> = {}): Promise<StagedSender> {
    const senderId = randomUUID();
    this.models.set(senderId, model);
    const workflowId = senderWorkflowId(senderId);
    const started = await this.client.workflow.signalWithStart(SENDER_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ senderId, accountId: randomUUID(), ...input }],
      signal: SENDER_SIGNALS.work,
      signalArgs: [{}],
    });
    const signed = this.client.workflow.getHandle(workflowId);
    return {
      handle: this.env.client.workflow.getHandle(workflowId),
      runId: started.signaledRunId,
      tell: (signal) => signed.signal(SENDER_SIGNALS[signal], {}),
    };
  }
}
