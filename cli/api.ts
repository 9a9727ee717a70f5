import { Option, type Command } from 'commander';
import type { Readable } from 'node:stream';
import { request } from 'undici';
import { z } from 'zod';
import { readConfig } from '../runtime/config';
import { readStack } from './stackFile';

export interface ApiOptions {
  url?: string;
  key?: string;
}

export interface ApiClient {
  /** The `data` of the answer. Throws the API's own message when it refuses. */
  call(method: 'GET' | 'POST', path: string, data?: object): Promise<unknown>;
  upload(path: string, contentType: string, content: Readable): Promise<unknown>;
}

/** Adds --url and --key; both default to the environment, then to the development stack in CASEMENT_HOME. */
export function withApiOptions(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'address of the API').env('CASEMENT_URL'))
    .addOption(new Option('--key <key>', 'API key').env('CASEMENT_API_KEY'));
}

export async function apiClient(options: ApiOptions): Promise<ApiClient> {
  const stack = await readStack(readConfig().CASEMENT_HOME);
  const url = options.url ?? stack?.api;
  const key = options.key ?? stack?.keys.dexatel;
  if (url === undefined) throw new Error('Give --url or CASEMENT_URL, or start "casement dev".');
  if (key === undefined)
    throw new Error('Give --key or CASEMENT_API_KEY, or start "casement dev".');
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    contentType: string,
    body: string | Readable | null,
  ) => {
    const answer = await request(url.replace(/\/+$/, '') + path, {
      method,
      headers: { 'X-Dexatel-Key': key, 'Content-Type': contentType },
      body,
      // An import answers when its last row is stored.
      headersTimeout: 0,
      bodyTimeout: 0,
    }).catch((cause: unknown) => {
      throw new Error(`The API at ${url} cannot be reached: ${reasonOf(cause)}`, { cause });
    });
    return dataOf(answer.statusCode, await answer.body.text());
  };
  return {
    call: (method, path, data) =>
      send(method, path, 'application/json', data ? JSON.stringify({ data }) : null),
    upload: (path, contentType, content) => send('POST', path, contentType, content),
  };
}

/** A name with several addresses fails with several errors and no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

const refusal = z.object({ errors: z.array(z.object({ message: z.string(), code: z.number() })) });
const envelope = z.object({ data: z.unknown() });

function dataOf(status: number, text: string): unknown {
  const body = parseJson(text);
  if (status < 400) return envelope.safeParse(body).data?.data;
  const error = refusal.safeParse(body).data?.errors[0];
  throw new Error(error ? `${error.message} (${error.code})` : `The API answered ${status}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
