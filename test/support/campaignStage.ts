import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  campaignWorkflowId,
  CAMPAIGN_SIGNALS,
  TASK_QUEUE,
  type CampaignInput,
} from '../../workflows/contract';
import { CampaignModel, modelActivities, type CampaignModelOptions } from './campaignModel';
import { startTimeSkipping, workflowBundle } from './temporal';

/** No machine's or person's name in what is recorded. */
const IDENTITY = 'casement-test';

export interface StagedCampaign {
  model: CampaignModel;
  handle: WorkflowHandle;
  runId: string;
  /** Applies a control verb and tells the workflow, as the API does. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  cancel(): Promise<void>;
  reschedule(at: number): Promise<void>;
}

export interface StageOptions extends CampaignModelOptions {
  renewAfterEvents?: number;
  /** A model to start from: what an earlier run left in the database. */
  model?: CampaignModel;
}

/** The campaign workflow on a server that skips time, over models of the database. One per test file. */
export class CampaignStage {
  private readonly models = new Map<string, CampaignModel>();
  private readonly client: Client;
  private running: Promise<void> = Promise.resolve();

  private constructor(
    readonly env: TestWorkflowEnvironment,
    private readonly close: () => Promise<void>,
  ) {
    this.client = new Client({ connection: env.connection, identity: IDENTITY });
  }

  static async open(): Promise<CampaignStage> {
    const env = await startTimeSkipping();
    const holder: { worker?: Worker } = {};
    const stage = new CampaignStage(env, async () => {
      holder.worker?.shutdown();
      await stage.running;
      await env.teardown();
    });
    holder.worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      identity: IDENTITY,
      workflowBundle: workflowBundle(),
      activities: modelActivities(stage.models),
    });
    stage.running = holder.worker.run();
    return stage;
  }

  end(): Promise<void> {
    return this.close();
  }

  now(): Promise<number> {
    return this.env.currentTimeMs();
  }

  /** Starts the workflow as the outbox does: with the signal of its due time, unless another one is given. */
  async start(
    options: StageOptions,
    first: { signal: keyof typeof CAMPAIGN_SIGNALS; payload: object } | null = null,
  ): Promise<StagedCampaign> {
    const model = options.model ?? new CampaignModel(options);
    if (model.dueAt === 0) model.dueAt = await this.now();
    const campaignId = randomUUID();
    this.models.set(campaignId, model);
    const { renewAfterEvents } = options;
    const input: CampaignInput = {
      campaignId,
      senderId: randomUUID(),
      accountId: randomUUID(),
      ...(renewAfterEvents && { renewAfterEvents }),
    };
    const signal = first ?? {
      signal: 'reschedule',
      payload: { at: model.dueAt, revision: model.revision },
    };
    const handle = await this.client.workflow.signalWithStart('campaign', {
      workflowId: campaignWorkflowId(campaignId),
      taskQueue: TASK_QUEUE,
      args: [input],
      signal: CAMPAIGN_SIGNALS[signal.signal],
      signalArgs: [signal.payload],
    });
    return this.staged(model, handle.workflowId, handle.signaledRunId);
  }

  private staged(model: CampaignModel, workflowId: string, runId: string): StagedCampaign {
    // This client skips time while it awaits a result; it follows continued runs.
    const handle = this.env.client.workflow.getHandle(workflowId);
    const tell = (signal: string, revision: number, payload: object = {}) =>
      this.client.workflow.getHandle(workflowId).signal(signal, { ...payload, revision });
    return {
      model,
      handle,
      runId,
      pause: () => tell(CAMPAIGN_SIGNALS.pause, model.apply('pause', 'requested')),
      resume: () => tell(CAMPAIGN_SIGNALS.resume, model.apply('resume')),
      cancel: () => tell(CAMPAIGN_SIGNALS.cancel, model.apply('cancel')),
      reschedule: (at) => {
        model.dueAt = at;
        return tell(CAMPAIGN_SIGNALS.reschedule, model.apply('reschedule'), { at });
      },
    };
  }
}
