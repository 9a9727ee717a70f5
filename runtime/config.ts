import { z } from 'zod';

/**
 * Every setting of Casement, read once from the environment and validated. Each key documents itself;
 * `docs/configuration.md` repeats them. A wrong value stops the process with one sentence per key.
 */
const port = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);
const url = (protocol: RegExp, error: string) => z.url({ protocol, error });

export const configSchema = z.object({
  /** PostgreSQL 18 connection string. Absent: `casement dev` starts an embedded server. */
  DATABASE_URL: url(/^postgres(ql)?$/, 'must begin with postgres:// or postgresql://').optional(),
  /** Temporal front end, host:port. Absent: `casement dev` starts the dev server. Other TEMPORAL_* variables are read by the Temporal SDK's envconfig. */
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  /** Folder of the development stack's data and of `stack.json`. */
  CASEMENT_HOME: z.string().min(1).default('.casement'),
  /** Address the API listens on. */
  CASEMENT_HOST: z.string().min(1).default('127.0.0.1'),
  /** Port of the API and the provider hooks. */
  CASEMENT_PORT: port(3000),
  /** Base URL under which providers reach this API (hook URLs are built from it). Absent: http://host:port. */
  CASEMENT_PUBLIC_URL: url(/^https?$/, 'must begin with http:// or https://').optional(),
  /** Port of the provider simulator. */
  CASEMENT_SIMULATOR_PORT: port(3001),
  /** Port of the embedded Temporal dev server. */
  CASEMENT_TEMPORAL_PORT: port(7233),
  /** Port of the embedded Temporal UI. */
  CASEMENT_TEMPORAL_UI_PORT: port(8233),
  /** Port of the embedded PostgreSQL. */
  CASEMENT_POSTGRES_PORT: port(5433),
  /** Port of the worker's health and metrics endpoint; 0 turns it off. */
  CASEMENT_WORKER_PORT: port(0),
  /** 32 bytes in base64: the key that encrypts provider secrets at rest. */
  CASEMENT_SECRET_KEY: z.string().min(1).optional(),
  /** POSTs that one worker may have in flight at once; a kill -9 leaves at most this many unknown. */
  CASEMENT_IN_FLIGHT: z.coerce.number().int().min(1).max(10_000).default(64),
  /** Seconds after which a POST without an answer counts as unknown. */
  CASEMENT_SEND_TIMEOUT: z.coerce.number().positive().default(30),
  /** Seconds that a request which sends a message waits for the provider's answer, before it answers that it is queued. */
  CASEMENT_SEND_WAIT: z.coerce.number().min(0).max(60).default(10),
  /** Seconds after which an unknown outcome is settled as unknown for good. */
  CASEMENT_UNKNOWN_AFTER: z.coerce.number().positive().default(900),
  /** Seconds a start may be late before the campaign pauses with `missed_start` instead. */
  CASEMENT_MISSED_START: z.coerce.number().positive().default(3600),
  /** Seconds before its end from which a customer service window is closing soon; holds for windows that open from then on. */
  CASEMENT_CLOSING_SOON: z.coerce.number().positive().max(86_400).default(7200),
  /** Development only: webhooks may go to http and to private addresses, this machine's own included. */
  CASEMENT_OUTBOUND_ALLOW_PRIVATE: z.stringbool().default(false),
  /** Days for which events and their deliveries are kept; a delivery is tried for seven. */
  CASEMENT_EVENT_RETENTION: z.coerce.number().min(1).max(3650).default(14),
  /** `pino` level. */
  CASEMENT_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info'),
  /** Prebuilt workflow bundle for the worker. Absent: bundled at start. */
  CASEMENT_WORKFLOW_BUNDLE: z.string().optional(),
  /** Requests per minute for one API key at Dexatel's paths. */
  CASEMENT_RATE_LIMIT: z.coerce.number().int().positive().default(6000),
  /** Requests per minute for one API key at the inbox's paths. */
  CASEMENT_INBOX_RATE_LIMIT: z.coerce.number().int().positive().default(120),
  /** Requests per second for one API key at the Cloud API's paths. */
  CASEMENT_CLOUD_RATE_LIMIT: z.coerce.number().int().positive().default(80),
  /** Requests without a valid key per minute from one address at one API process; those with a key are not counted. */
  CASEMENT_REFUSED_LIMIT: z.coerce.number().int().positive().default(6000),
  /** Proxies before the API that append to X-Forwarded-For: an address is the entry before theirs. 0: the header is ignored. */
  CASEMENT_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
});

export type Config = z.infer<typeof configSchema>;

/** Reads and validates the environment; a blank value counts as absent. Throws an Error whose message names every wrong key. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value?.trim() !== ''),
  );
  const parsed = configSchema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`Configuration is not valid.\n  ${problems.join('\n  ')}`);
}
