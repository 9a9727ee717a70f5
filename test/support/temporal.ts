import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { required } from './database';

/** As the development server and production have them. */
const SEARCH_ATTRIBUTES = [
  defineSearchAttributeKey('CampaignStatus', 'KEYWORD'),
  defineSearchAttributeKey('SenderId', 'KEYWORD'),
  defineSearchAttributeKey('AccountId', 'KEYWORD'),
  defineSearchAttributeKey('WindowClosesAt', 'DATETIME'),
];

/**
 * A server that skips time while a test awaits a workflow's result. Time is global to it: one server per test
 * file, tests in series. It knows neither lists nor schedules; those need `startRealServer`.
 */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  quiet();
  const executable = {
    type: 'existing-path',
    path: required('CASEMENT_TEST_TIME_SKIPPING'),
  } as const;
  const env = await insisting(() =>
    TestWorkflowEnvironment.createTimeSkipping({ server: { executable } }),
  );
  await addSearchAttributes(env);
  return env;
}

/** The SDK gives a server five seconds to start, which is little on a busy machine. */
const ATTEMPTS = 3;

async function insisting<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** Temporal's development server, in memory: visibility, search attributes and schedules work; time is real. */
export async function startRealServer(): Promise<TestWorkflowEnvironment> {
  quiet();
  const executable = {
    type: 'existing-path',
    path: required('CASEMENT_TEST_TEMPORAL_CLI'),
  } as const;
  const server = { executable, searchAttributes: SEARCH_ATTRIBUTES };
  return insisting(() => TestWorkflowEnvironment.createLocal({ server }));
}

/** For `Worker.create({ workflowBundle })`: the bundle of the sources under test. */
export function workflowBundle(): { codePath: string } {
  return { codePath: required('CASEMENT_TEST_BUNDLE') };
}

/** The runtime can be installed once per process only, before the first server or worker. */
function quiet(): void {
  if (Runtime._instance === undefined) Runtime.install({ logger: new DefaultLogger('ERROR') });
}

async function addSearchAttributes(env: TestWorkflowEnvironment): Promise<void> {
  const KEYWORD = 2;
  const DATETIME = 6;
  const searchAttributes = Object.fromEntries(
    SEARCH_ATTRIBUTES.map(({ name, type }) => [name, type === 'DATETIME' ? DATETIME : KEYWORD]),
  );
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.namespace ?? 'default',
    searchAttributes,
  });
}
