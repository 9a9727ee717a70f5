import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, spawnLogged, stopChild } from './childProcess';

/** The first restart comes at once; one that keeps dying as it starts is given a little more time each. */
const RESTART_DELAYS_MS = [0, 100, 300, 700, 1_500];
/** Alive for this long counts as started: the next restart comes at once again. */
const STABLE_MS = 10_000;
const STOP_DEADLINE_MS = 15_000;
const READY_DEADLINE_MS = 60_000;

export interface ProgramOptions {
  name: string;
  /** Entry point without its extension: the .ts source, or the .js beside it in a build. */
  entry: string;
  env: Readonly<Record<string, string>>;
  logFile: string;
  /** Where it answers HTTP once it serves, for a program that sends no `ready`. */
  url?: string;
}

export interface Supervisor {
  /** Starts a program and waits for its `ready`. Rejects when it dies first. */
  start(program: ProgramOptions): Promise<void>;
  /** Process ids by program name; a program that is between two lives is absent. */
  pids(): Record<string, number>;
  /** Ends all programs, last started first. */
  stop(): Promise<void>;
}

/** Keeps child processes alive, as a container platform would. `onChange` runs after each start and restart. */
export function createSupervisor(onChange: () => void): Supervisor {
  const programs: Program[] = [];
  return {
    async start(options) {
      const program = new Program(options, onChange);
      programs.push(program);
      await program.start();
    },
    pids: () =>
      Object.fromEntries(programs.flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]]))),
    async stop() {
      for (let program = programs.pop(); program; program = programs.pop()) await program.stop();
    },
  };
}

class Program {
  private child: ChildProcess | null = null;
  private stopping = false;
  private quickDeaths = 0;
  private restart: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: ProgramOptions,
    private readonly onChange: () => void,
  ) {}

  get name(): string {
    return this.options.name;
  }

  get pid(): number | null {
    return this.child !== null && isRunning(this.child) ? (this.child.pid ?? null) : null;
  }

  /** Resolves when the program answers at its URL, whatever the answer; never, when it has none or ends. */
  private async answers(child: ChildProcess): Promise<void> {
    const { url } = this.options;
    while (url !== undefined && isRunning(child)) {
      if (
        await fetch(url).then(
          () => true,
          () => false,
        )
      )
        return;
      await sleep(50);
    }
    await new Promise(() => undefined);
  }

  /** The first start has to succeed: a program that cannot start now would not start later either. */
  async start(): Promise<void> {
    const { name, logFile } = this.options;
    const child = this.launch();
    await new Promise<void>((resolve, reject) => {
      const late = () => reject(new Error(`The ${name} did not become ready; see ${logFile}.`));
      const timer = setTimeout(late, READY_DEADLINE_MS);
      const ready = () => {
        clearTimeout(timer);
        resolve();
      };
      child.on('message', (message) => {
        if (isReady(message)) ready();
      });
      void this.answers(child).then(ready);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`The ${name} ended while starting (${signal ?? code}); see ${logFile}.`));
      });
    });
    this.keepAlive(child, Date.now());
    this.onChange();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    if (this.child !== null) await stopChild(this.child, 'SIGTERM', STOP_DEADLINE_MS);
  }

  private launch(): ChildProcess {
    const extension = path.extname(__filename);
    const loader = extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : [];
    const child = spawnLogged(
      process.execPath,
      [...loader, `${this.options.entry}${extension}`],
      this.options.logFile,
      { env: this.options.env, ipc: true },
    );
    this.child = child;
    return child;
  }

  private keepAlive(child: ChildProcess, startedAt: number): void {
    const revive = () => {
      if (this.stopping) return;
      this.quickDeaths = Date.now() - startedAt < STABLE_MS ? this.quickDeaths + 1 : 0;
      const last = RESTART_DELAYS_MS.length - 1;
      const delay = RESTART_DELAYS_MS[Math.min(Math.max(this.quickDeaths - 1, 0), last)];
      this.restart = setTimeout(() => {
        this.keepAlive(this.launch(), Date.now());
        this.onChange();
      }, delay);
    };
    // It may have died between its `ready` and this line.
    if (isRunning(child)) child.once('exit', revive);
    else revive();
  }
}

function isReady(message: unknown): boolean {
  return (
    typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready'
  );
}
