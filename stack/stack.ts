import path from 'node:path';
import { openDatabase } from '../db/connect';
import { migrateToLatest } from '../db/migrate';
import type { Config } from '../runtime/config';
import { createSecretBox } from '../runtime/secretBox';
import { buildWorkflowBundle } from '../worker/bundle';
import { DEVELOPMENT, seedDevelopment } from './developmentData';
import { programEnvironment, reachable, simulatorEnvironment, type Addresses } from './environment';
import { homePaths, prepareHome, writePrivate, type HomePaths, type HomeSecrets } from './home';
import { tryLock } from './lock';
import { requireFreePort } from './ports';
import { startPostgres } from './postgres';
import { Releasers } from './releasers';
import { createSupervisor, type Supervisor } from './supervisor';
import { startTemporal } from './temporal';
import { findTemporalCli, type Progress } from './temporalCli';

export interface StackOptions {
  home: string;
  config: Config;
  /** The caller's environment; the programs inherit the settings in it. */
  env: Readonly<Record<string, string | undefined>>;
  onProgress: Progress;
  /** Aborting it while the stack starts makes it stop again as soon as the step at hand is done. */
  signal?: AbortSignal;
}

/** The content of `stack.json`: where everything is, and what to put into each dialect's header. */
export interface StackDescription {
  api: string;
  simulator: string;
  hook: string;
  temporal: string;
  temporalUi: string | null;
  database: string;
  keys: { dexatel: string; inbox: string; sendexa: string; d360: string };
  sender: { id: string; name: string; phone: string; phoneNumberId: string };
  pids: Record<'api' | 'worker' | 'simulator' | 'temporal' | 'postgres', number | null>;
}

export interface Stack {
  description(): StackDescription;
  /** Folders outside the home that hold its data; see `clusterFolder`. */
  folders: readonly string[];
  /** Resolves with a sentence when PostgreSQL or Temporal's server, which nothing restarts, has ended. */
  lost: Promise<string>;
  stop(): Promise<void>;
}

/** What runs below the programs; null where the caller brought his own. */
interface Ground {
  database: string;
  folder: string | null;
  temporal: string;
  temporalUi: string | null;
  pids: { postgres: number | null; temporal: number | null };
  /** One for each server of this stack: what to say when it has ended. */
  ends: Promise<string>[];
}

/** Starts everything in order and answers when it serves; what had started is stopped again on an error. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const releasers = new Releasers();
  try {
    return await start(options, releasers);
  } catch (error) {
    await releasers.run();
    throw error;
  }
}

async function start(options: StackOptions, releasers: Releasers): Promise<Stack> {
  const { config, env, onProgress, signal } = options;
  const paths = homePaths(options.home);
  const secrets = await prepareHome(paths);
  await claimHome(paths, releasers);
  const ports = {
    api: await requireFreePort(config.CASEMENT_PORT, 'CASEMENT_PORT'),
    simulator: await requireFreePort(config.CASEMENT_SIMULATOR_PORT, 'CASEMENT_SIMULATOR_PORT'),
  };
  const bundling = settled(buildWorkflowBundle(paths.bundle));
  const ground = await startGround(options, paths, releasers);
  signal?.throwIfAborted();

  const secretKey = config.CASEMENT_SECRET_KEY ?? secrets.secretKey;
  const simulator = `http://127.0.0.1:${ports.simulator}`;
  onProgress('Database schema and development data');
  const db = openDatabase(ground.database, { max: 2, applicationName: 'casement-stack' });
  releasers.add(() => db.destroy());
  await migrateToLatest(db);
  const seed = { secrets: createSecretBox(secretKey), home: secrets, simulatorUrl: simulator };
  const { hookKey } = await seedDevelopment(db, seed);
  const api = `http://${reachable(config.CASEMENT_HOST)}:${ports.api}`;
  const hook = `${config.CASEMENT_PUBLIC_URL ?? api}/hooks/whatsapp/${hookKey}`;
  const addresses: Addresses = { ...ground, api, hook, simulator, ports };
  await bundling();
  signal?.throwIfAborted();

  const describe = (): StackDescription => describeStack(addresses, ground, secrets, supervisor);
  const writer = createWriter(paths.stack, describe);
  const supervisor = createSupervisor(writer.write);
  releasers.add(async () => {
    await supervisor.stop();
    await writer.settled();
  });
  const shared = programEnvironment(env, config, secretKey, addresses, paths.bundle);
  const program = (name: string, environment: Record<string, string>, url?: string) => {
    onProgress(`Starting the ${name}`);
    const entry = path.resolve(__dirname, '..', name, 'main');
    const logFile = path.join(paths.logs, `${name}.log`);
    return supervisor.start({ name, entry, env: environment, logFile, ...(url && { url }) });
  };
  // A program that is still starting ends, and with it the wait for it.
  const abandon = () => void supervisor.stop();
  signal?.addEventListener('abort', abandon);
  const simulation = await simulatorEnvironment(env, db, secrets, addresses);
  await program('simulator', simulation, simulator);
  signal?.throwIfAborted();
  await program('worker', shared);
  signal?.throwIfAborted();
  await program('api', shared);
  signal?.removeEventListener('abort', abandon);
  await writer.settled();
  const folders = ground.folder === null ? [] : [ground.folder];
  const lost = Promise.race(ground.ends);
  return { description: describe, folders, lost, stop: () => releasers.run() };
}

/** Two stacks on one home would share a database folder and overwrite each other's stack.json. */
async function claimHome(paths: HomePaths, releasers: Releasers): Promise<void> {
  const { owner, release } = await tryLock(paths.lock);
  if (owner !== null) {
    throw new Error(
      `A stack runs in ${paths.root} already (process ${owner}). Stop it, or set CASEMENT_HOME to another folder.`,
    );
  }
  releasers.add(release);
}

async function startGround(
  { config, onProgress }: StackOptions,
  paths: HomePaths,
  releasers: Releasers,
): Promise<Ground> {
  const ground: Ground = {
    database: config.DATABASE_URL ?? '',
    folder: null,
    temporal: config.TEMPORAL_ADDRESS ?? '',
    temporalUi: null,
    pids: { postgres: null, temporal: null },
    ends: [],
  };
  if (config.DATABASE_URL === undefined) {
    onProgress('Starting PostgreSQL');
    const port = await requireFreePort(config.CASEMENT_POSTGRES_PORT, 'CASEMENT_POSTGRES_PORT');
    const logFile = path.join(paths.logs, 'postgres.log');
    const postgres = await startPostgres({ home: paths.root, port, logFile });
    releasers.add(postgres.stop);
    ground.database = postgres.url;
    ground.folder = postgres.folder;
    ground.pids.postgres = postgres.pid;
    ground.ends.push(postgres.ended.then(() => `PostgreSQL ended; see ${logFile}.`));
  }
  if (config.TEMPORAL_ADDRESS === undefined) {
    const cli = await findTemporalCli({ home: paths.root, onProgress });
    onProgress('Starting Temporal');
    const logFile = path.join(paths.logs, 'temporal.log');
    const { CASEMENT_TEMPORAL_PORT, CASEMENT_TEMPORAL_UI_PORT } = config;
    const temporal = await startTemporal({
      cli,
      home: paths.root,
      port: await requireFreePort(CASEMENT_TEMPORAL_PORT, 'CASEMENT_TEMPORAL_PORT'),
      uiPort: await requireFreePort(CASEMENT_TEMPORAL_UI_PORT, 'CASEMENT_TEMPORAL_UI_PORT'),
      logFile,
    });
    releasers.add(temporal.stop);
    ground.temporal = temporal.address;
    ground.temporalUi = temporal.uiUrl;
    ground.pids.temporal = temporal.pid;
    ground.ends.push(temporal.ended.then(() => `Temporal's server ended; see ${logFile}.`));
  }
  return ground;
}

function describeStack(
  addresses: Addresses,
  ground: Ground,
  { apiKeys }: HomeSecrets,
  supervisor: Supervisor,
): StackDescription {
  const pids = supervisor.pids();
  return {
    api: addresses.api,
    simulator: addresses.simulator,
    hook: addresses.hook,
    temporal: addresses.temporal,
    temporalUi: addresses.temporalUi,
    database: addresses.database,
    // Behind "Basic " goes base64; the other headers take the key as it is.
    keys: { ...apiKeys, sendexa: Buffer.from(apiKeys.sendexa).toString('base64') },
    sender: {
      id: DEVELOPMENT.senderId,
      name: DEVELOPMENT.senderName,
      phone: DEVELOPMENT.phone,
      phoneNumberId: DEVELOPMENT.phoneNumberId,
    },
    pids: {
      api: pids['api'] ?? null,
      worker: pids['worker'] ?? null,
      simulator: pids['simulator'] ?? null,
      ...ground.pids,
    },
  };
}

/** Writes `stack.json` after every start and restart, one write at a time. */
function createWriter(file: string, describe: () => StackDescription) {
  let last: Promise<unknown> = Promise.resolve();
  return {
    write: () => {
      last = last.then(() => writePrivate(file, describe())).catch(() => undefined);
    },
    settled: () => last,
  };
}

/** Lets work go on beside other steps: its error waits until it is asked for instead of ending the process. */
function settled<T>(work: Promise<T>): () => Promise<T> {
  work.catch(() => undefined);
  return () => work;
}
