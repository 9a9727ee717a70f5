import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { withStack } from './stack';

/** The fuzzer, from PyPI; its checks differ by version. */
const SCHEMATHESIS = 'schemathesis==4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];
/** A request that takes longer hangs (seconds). */
const PATIENCE = 20;
/** The fuzzer is to meet the handlers, not their limits. */
const SETTINGS = {
  CASEMENT_RATE_LIMIT: '1000000',
  CASEMENT_INBOX_RATE_LIMIT: '1000000',
  CASEMENT_CLOUD_RATE_LIMIT: '1000000',
  CASEMENT_REFUSED_LIMIT: '1000000',
  CASEMENT_SEND_WAIT: '1',
};

/**
 * Calls every operation of /openapi.json with what its schemas allow, and with what they do not: no answer may be a
 * server error, late, or other than described. Prints what was asked, and each failure with a request that shows it.
 * Needs python3 with venv, and the package index, once.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      /** Of each operation and phase. */
      examples: { type: 'string', default: '100' },
      path: { type: 'string' },
    },
  });
  const command = await fuzzer();
  await withStack(SETTINGS, async ({ home, describe }) => {
    const { api, keys } = describe();
    const config = path.join(home, 'schemathesis.toml');
    const report = path.join(home, 'report.json');
    await writeFile(config, configuration(keys), { mode: 0o600 });
    const asked = [
      ['--config-file', config, 'run', `${api}/openapi.json`],
      ['--max-examples', values.examples, '--checks', CHECKS.join(',')],
      ['--phases', 'examples,coverage,fuzzing', '--workers', '1', '--continue-on-failure'],
      ['--request-timeout', String(PATIENCE), '--suppress-health-check', 'all'],
      ['--warnings', 'off', '--report', 'json', '--report-json-path', report],
      values.path === undefined ? [] : ['--include-path-regex', values.path],
    ].flat();
    const fuzzing = spawn(command, asked, { cwd: home, stdio: ['ignore', 'inherit', 'inherit'] });
    const [code] = (await once(fuzzing, 'exit')) as [number | null];
    console.log(JSON.stringify({ bench: 'fuzz', exitCode: code, ...(await summary(report)) }));
  });
}

/** Installed once, in the cache of the user. One worker: with threads Python 3.11 itself stumbles now and then. */
async function fuzzer(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const venv = path.join(cache, 'casement', SCHEMATHESIS);
  const command = path.join(venv, 'bin', 'schemathesis');
  if (!existsSync(command)) {
    const execute = promisify(execFile);
    await execute('python3', ['-m', 'venv', venv]);
    await execute(path.join(venv, 'bin', 'pip'), ['install', '--quiet', SCHEMATHESIS]);
  }
  return command;
}

/** The keys by the names of the security schemes. */
function configuration(keys: Record<'dexatel' | 'inbox' | 'sendexa' | 'd360', string>): string {
  const basic = Buffer.from(keys.sendexa, 'base64').toString();
  const colon = basic.indexOf(':');
  const [user, password] = [basic.slice(0, colon), basic.slice(colon + 1)];
  return `
hooks = ${JSON.stringify(path.join(__dirname, 'fuzzHooks.py'))}
[auth.openapi.dexatel]
api_key = ${JSON.stringify(keys.dexatel)}
[auth.openapi.inbox]
bearer = ${JSON.stringify(keys.inbox)}
[auth.openapi.sendexa]
username = ${JSON.stringify(user)}
password = ${JSON.stringify(password)}
[auth.openapi.cloud]
bearer = ${JSON.stringify(keys.d360)}
[auth.openapi.dialog360]
api_key = ${JSON.stringify(keys.d360)}
`;
}

/** The figures of the fuzzer's report. */
async function summary(file: string): Promise<object> {
  const { operations, test_cases, failures, running_time } = JSON.parse(
    await readFile(file, 'utf8'),
  ) as Record<string, unknown>;
  return { operations, testCases: test_cases, failures, seconds: running_time };
}
