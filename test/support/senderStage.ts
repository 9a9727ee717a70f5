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

type Signal = keyof typeof SENDER_SIGNALS;
type Tell = (signal: Signal) => Promise<void>;
/** What one run of the lane finds, and what its workflow is told meanwhile. */
type LaneRun = Partial<LaneResult> & { told?: Signal };

/** What the lane of one sender will find, and when it was asked. */
export class LaneModel {
  readonly runs: { at: number; probe: boolean }[] = [];
  /** Answers in order; the last one stays. */
  constructor(private readonly results: LaneRun[]) {}

  async answer(at: number, probe: boolean, tell: Tell): Promise<LaneResult> {
    this.runs.push({ at, probe });
    const { told, ...result } = this.results.length > 1 ? this.results.shift()! : this.results[0]!;
    if (told) await tell(told);
    return { state: 'idle', reason: null, nextDueAt: null, sent: 0, failed: 0, ...result };
  }
}

export interface StagedSender {
  handle: WorkflowHandle;
  runId: string;
  tell: Tell;
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
        stage.models
          .get(senderId)!
          .answer(await stage.now(), probe, (signal) => stage.tell(senderId, signal)),
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

  private tell(senderId: string, signal: Signal): Promise<void> {
    const handle = this.client.workflow.getHandle(senderWorkflowId(senderId));
    return handle.signal(SENDER_SIGNALS[signal], {});
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
    return {
      handle: this.env.client.workflow.getHandle(workflowId),
      runId: started.signaledRunId,
      tell: (signal) => this.tell(senderId, signal),
    };
  }
}
