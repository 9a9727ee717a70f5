import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * Bundles the workflows into one file, which workers load instead of running webpack at every start. The file
 * appears whole or not at all: several processes may build it at once.
 */
export async function buildWorkflowBundle(target: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows/index'),
    logger: new DefaultLogger('ERROR'),
  });
  await mkdir(path.dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, target);
}
