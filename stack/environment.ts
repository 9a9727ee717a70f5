import { isIPv6 } from 'node:net';
import type { Config } from '../runtime/config';
import type { Db } from '../db/connect';
import { templateComponents } from '../wire/templateComponents';
import { DEVELOPMENT } from './developmentData';
import type { HomeSecrets } from './home';

/** What the programs of a stack have to know of each other. */
export interface Addresses {
  database: string;
  temporal: string;
  temporalUi: string | null;
  api: string;
  hook: string;
  simulator: string;
  ports: { api: number; simulator: number };
}

/** Beside Casement's own settings: what Node, Temporal's SDK and OpenTelemetry read themselves. */
const INHERITED = /^(CASEMENT_|TEMPORAL_|OTEL_|NODE_|LC_)|^(PATH|HOME|TMPDIR|TZ|LANG)$/;

/** The environment of the api and the worker: the caller's settings, with what this stack decided over them. */
export function programEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  config: Config,
  secretKey: string,
  addresses: Addresses,
  bundle: string,
): Record<string, string> {
  return {
    ...inherited(env),
    DATABASE_URL: addresses.database,
    TEMPORAL_ADDRESS: addresses.temporal,
    CASEMENT_HOME: config.CASEMENT_HOME,
    CASEMENT_HOST: config.CASEMENT_HOST,
    CASEMENT_PORT: String(addresses.ports.api),
    CASEMENT_PUBLIC_URL: config.CASEMENT_PUBLIC_URL ?? addresses.api,
    CASEMENT_SECRET_KEY: secretKey,
    CASEMENT_WORKFLOW_BUNDLE: bundle,
    // Receivers of webhooks run on the developer's machine.
    CASEMENT_OUTBOUND_ALLOW_PRIVATE: env.CASEMENT_OUTBOUND_ALLOW_PRIVATE ?? 'true',
  };
}

/**
 * The simulator serves the development sender, and knows the templates that are approved in the database, with all their
 * parts and by the ids it once gave them.
 */
export async function simulatorEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  db: Db,
  { provider }: HomeSecrets,
  addresses: Addresses,
): Promise<Record<string, string>> {
  const number = {
    kind: 'cloud_api',
    phoneNumberId: DEVELOPMENT.phoneNumberId,
    wabaId: DEVELOPMENT.wabaId,
    phone: DEVELOPMENT.phone,
    token: provider.token,
    appSecret: provider.appSecret,
    verifyToken: provider.verifyToken,
    hookUrl: addresses.hook,
  };
  const templates = await db
    .selectFrom('templates')
    .select(['name', 'language', 'category', 'provider_template_id'])
    .select(['header', 'body', 'footer', 'buttons', 'cards'])
    .where('account_id', '=', DEVELOPMENT.accountId)
    .where('status', '=', 'approved')
    .where('deleted_at', 'is', null)
    .execute();
  const seeds = templates.map(({ name, language, category, provider_template_id, ...parts }) => ({
    wabaId: DEVELOPMENT.wabaId,
    name,
    language,
    category,
    ...(provider_template_id !== null && { id: provider_template_id }),
    components: templateComponents(parts, {}),
  }));
  return {
    ...inherited(env),
    // Who may have the API reach further has no say in this: it is addressed from this machine alone.
    CASEMENT_HOST: '127.0.0.1',
    CASEMENT_SIMULATOR_PORT: String(addresses.ports.simulator),
    CASEMENT_SIMULATOR_NUMBERS: JSON.stringify([number]),
    CASEMENT_SIMULATOR_TEMPLATES: JSON.stringify(seeds),
  };
}

/** The host part of a URL under which this machine reaches what listens on `host`. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return isIPv6(host) ? `[${host}]` : host;
}

function inherited(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && INHERITED.test(name) ? [[name, value]] : [],
    ),
  );
}
