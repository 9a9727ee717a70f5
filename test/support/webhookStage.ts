import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WebhookActivities } from '../../activities/webhook';
import {
  SLOW_WEBHOOK_QUEUE,
  TASK_QUEUE,
  WEBHOOK_QUEUE,
  WEBHOOK_SIGNALS,
  WEBHOOK_WORKFLOW,
  webhookWorkflowId,
  type WebhookFound,
  type WebhookInput,
} from '../../workflows/contract';
import { startTimeSkipping, workflowBundle } from './temporal';

/** No machine's or person's name in what is recorded. */
const IDENTITY = 'casement-test';

/** What looks at one endpoint will find, and when it was looked at, on which queue. */
export class EndpointModel {
  readonly looks: { at: number; slow: boolean }[] = [];
  /** Answers in order; the last one stays. */
  constructor(public results: Partial<WebhookFound>[]) {}

  answer(at: number, slow: boolean): WebhookFound {
    this.looks.push({ at, slow });
    const result = this.results.length > 1 ? this.results.shift()! : this.results[0]!;
    return {
      state: 'active',
      slow: false,
      delivered: 0,
      refused: 0,
      waiting: 0,
      lookAt: null,
      downSince: null,
      ...result,
    };
  }
}

export interface StagedWebhook {
  handle: WorkflowHandle;
  wake: () => Promise<void>;
}

type Activities = (env: TestWorkflowEnvironment, slow: boolean) => WebhookActivities;

/** The webhook workflow on a server that skips time, with workers for all its queues. One per test file. */
export class WebhookStage {
  private readonly client: Client;

  private constructor(
    readonly env: TestWorkflowEnvironment,
    private readonly workers: readonly Worker[],
    private readonly running: Promise<unknown>,
  ) {
    this.client = new Client({ connection: env.connection, identity: IDENTITY });
  }

  static async open(activities: Activities): Promise<WebhookStage> {
    const env = await startTimeSkipping();
    const shared = { connection: env.nativeConnection, identity: IDENTITY };
    const workers = [
      await Worker.create({ ...shared, taskQueue: TASK_QUEUE, workflowBundle: workflowBundle() }),
      await Worker.create({
        ...shared,
        taskQueue: WEBHOOK_QUEUE,
        activities: activities(env, false),
      }),
      await Worker.create({
        ...shared,
        taskQueue: SLOW_WEBHOOK_QUEUE,
        activities: activities(env, true),
      }),
    ];
    return new WebhookStage(env, workers, Promise.all(workers.map((worker) => worker.run())));
  }

  /** Over models, found by endpoint id. */
  static openOver(models: ReadonlyMap<string, EndpointModel>): Promise<WebhookStage> {
    return WebhookStage.open((env, slow) => ({
      deliverWebhooks: async ({ endpointId }) =>
        models.get(endpointId)!.answer(await env.currentTimeMs(), slow),
    }));
  }

  async end(): Promise<void> {
    for (const worker of this.workers) worker.shutdown();
    await this.running;
    await this.env.teardown();
  }

  now(): Promise<number> {
    return this.env.currentTimeMs();
  }

  /** Starts the workflow as the outbox does. */
  async start(
    endpointId: string = randomUUID(),
    input: Partial<WebhookInput> = {},
  ): Promise<StagedWebhook> {
    const workflowId = webhookWorkflowId(endpointId);
    await this.client.workflow.signalWithStart(WEBHOOK_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ endpointId, accountId: randomUUID(), ...input }],
      signal: WEBHOOK_SIGNALS.wake,
      signalArgs: [{}],
    });
    const signed = this.client.workflow.getHandle(workflowId);
    return {
      handle: this.env.client.workflow.getHandle(workflowId),
      wake: () => signed.signal(WEBHOOK_SIGNALS.wake, {}),
    };
  }
}
