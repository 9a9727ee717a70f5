import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock';

const run = promisify(execFile);

/** Newer tags cannot be installed with `go install`: their go.mod replaces a module. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
/** Oldest Go that builds it. */
const GO_MINOR = 25;
/** How long the download may take to begin. Without internet the road through Go must not wait for long. */
const CONNECT_MS = 4_000;
const DOWNLOAD_MS = 120_000;

export type Progress = (line: string) => void;

/** Where things are kept that are fetched once per user, not once per checkout. */
export function userCache(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  const root = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache');
  return path.join(root, 'casement');
}

/**
 * Path of Temporal's CLI, whose `server start-dev` is the development server: the one on PATH, the home's, the
 * user cache's; else it is downloaded, or built with Go where there is no internet but a Go module proxy.
 */
export async function findTemporalCli(options: {
  home?: string;
  onProgress?: Progress;
}): Promise<string> {
  const cached = path.join(userCache(), 'temporal-cli', TEMPORAL_CLI_VERSION, 'temporal');
  const onPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
  const candidates = [
    ...onPath.map((folder) => path.join(folder, 'temporal')),
    ...(options.home === undefined ? [] : [path.resolve(options.home, 'bin', 'temporal')]),
    cached,
  ];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  await mkdir(path.dirname(cached), { recursive: true });
  return withLock(`${path.dirname(cached)}.lock`, async () => {
    if (!(await isExecutable(cached)))
      await fetchCli(cached, options.onProgress ?? (() => undefined));
    return cached;
  });
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Fetches into a folder beside the target and renames, so that a half-written file is never found. */
async function fetchCli(target: string, onProgress: Progress): Promise<void> {
  const folder = await mkdtemp(path.join(path.dirname(path.dirname(target)), 'fetch-'));
  const reasons: string[] = [];
  try {
    for (const road of [download, build]) {
      try {
        await road(folder, onProgress);
        await chmod(path.join(folder, 'temporal'), 0o755);
        await rename(path.join(folder, 'temporal'), target);
        return;
      } catch (error) {
        reasons.push(error instanceof Error ? error.message : String(error));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  throw new Error(
    `Temporal's CLI was not found and could not be fetched.\n  ${reasons.join('\n  ')}\n` +
      'Install it (https://docs.temporal.io/cli#install) so that "temporal" is on PATH, install Go 1.25 or newer, or set TEMPORAL_ADDRESS to a running server.',
  );
}

async function download(folder: string, onProgress: Progress): Promise<void> {
  const platform = process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = `https://temporal.download/cli/archive/v${TEMPORAL_CLI_VERSION}?platform=${platform}&arch=${arch}`;
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error('no answer')), CONNECT_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    onProgress(`Downloading Temporal's CLI ${TEMPORAL_CLI_VERSION} (once)`);
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new Error('too slow')), DOWNLOAD_MS);
    const archive = path.join(folder, 'temporal.tar.gz');
    await writeFile(archive, Buffer.from(await response.arrayBuffer()));
    await run('tar', ['-xzf', archive, '-C', folder, 'temporal']);
  } catch (cause) {
    throw new Error(`Download from temporal.download: ${reasonOf(cause)}.`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function build(folder: string, onProgress: Progress): Promise<void> {
  const version = await run('go', ['env', 'GOVERSION']).catch(() => null);
  if (version === null) throw new Error('Build with Go: "go" is not on PATH.');
  const minor = Number(/^go1\.(\d+)/.exec(version.stdout)?.[1] ?? 0);
  if (minor < GO_MINOR) {
    throw new Error(
      `Build with Go: 1.${GO_MINOR} or newer is needed, not ${version.stdout.trim()}.`,
    );
  }
  onProgress(`Building Temporal's CLI ${TEMPORAL_CLI_VERSION} with Go (once; takes a few minutes)`);
  const started = Date.now();
  const ticking = setInterval(
    () => onProgress(`  still building, ${Math.round((Date.now() - started) / 1000)} s`),
    30_000,
  );
  try {
    const source = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`;
    await run('go', ['install', source], {
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' },
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (cause) {
    throw new Error(`Build with Go: ${reasonOf(cause)}`, { cause });
  } finally {
    clearInterval(ticking);
  }
}

/** fetch hides the reason one level down ("fetch failed"). */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause.message : '';
  return inner === '' ? error.message : inner;
}
