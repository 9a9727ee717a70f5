import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../../stack/lock';
import { findTemporalCli, userCache, type Progress } from '../../stack/temporalCli';

const run = promisify(execFile);
const TEST_SERVER_VERSION = '1.38.0';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>casement</groupId><artifactId>test-server</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${TEST_SERVER_VERSION}</version>
  </dependency></dependencies>
</project>
`;

/** What a test needs, or the sentence that says why it is missing. */
export type Fetched = { path: string } | { problem: string };

/** Both servers of the workflow tests, from the user cache; fetched there the first time. */
export async function fetchServers(
  onProgress: Progress,
): Promise<{ cli: Fetched; timeSkipping: Fetched }> {
  const [cli, timeSkipping] = await Promise.all([
    attempt(() => findTemporalCli({ onProgress })),
    attempt(() => fetchTimeSkippingServer(onProgress)),
  ]);
  return { cli, timeSkipping };
}

async function attempt(work: () => Promise<string>): Promise<Fetched> {
  try {
    return { path: await work() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Temporal's Java test server, the one that skips time: its jars through Maven and a script that runs them. */
async function fetchTimeSkippingServer(onProgress: Progress): Promise<string> {
  const folder = path.join(userCache(), 'temporal-test-server', TEST_SERVER_VERSION);
  await requireTool('java', '-version');
  const script = path.join(folder, 'temporal-test-server');
  if (existsSync(script)) return script;
  await requireTool('mvn', '-version');
  await mkdir(path.dirname(folder), { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(script)) return script;
    onProgress(`Fetching Temporal's test server ${TEST_SERVER_VERSION} with Maven (once)`);
    const draft = await mkdtemp(path.join(path.dirname(folder), 'fetch-'));
    try {
      await assemble(draft);
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    return script;
  });
}

async function requireTool(tool: string, flag: string): Promise<void> {
  try {
    await run(tool, [flag]);
  } catch (cause) {
    throw new Error(
      `Tests that skip time need Java 11 or newer and Maven: "${tool}" did not run. Install both (Debian: apt-get install default-jre-headless maven).`,
      { cause },
    );
  }
}

async function assemble(folder: string): Promise<void> {
  const pom = path.join(folder, 'pom.xml');
  await writeFile(pom, POM);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${path.join(folder, 'lib')}`];
  await run('mvn', ['-q', '-B', '-f', pom, ...goal], { maxBuffer: 16 * 1024 * 1024 });
  // `exec`, so that stopping the script stops the server; the flags halve the time until it answers.
  const script = `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;
  await writeFile(path.join(folder, 'temporal-test-server'), script, { mode: 0o755 });
}
