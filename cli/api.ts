import { Option, type Command } from 'commander';
import type { Readable } from 'node:stream';
import { request } from 'undici';
import { z } from 'zod';
import { readConfig } from '../runtime/config';
import { webAddress } from './arguments';
import { reasonOf } from '../domain/reason';
import { readStack } from './stackFile';

export interface ApiOptions {
  url?: string;
  key?: string;
}

export interface ApiClient {
  /** The `data` of the answer, to be read with `understand`. Throws the API's own message when it refuses. */
  call(method: 'GET' | 'POST', path: string, data?: object): Promise<unknown>;
  upload(path: string, contentType: string, content: Readable): Promise<unknown>;
}

/** Adds --url and --key; both default to the environment, then to the development stack in CASEMENT_HOME. */
export function withApiOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'address of the API').env('CASEMENT_URL').argParser(webAddress),
    )
    .addOption(new Option('--key <key>', 'API key').env('CASEMENT_API_KEY'));
}

export async function apiClient(options: ApiOptions): Promise<ApiClient> {
  const stack = await readStack(readConfig().CASEMENT_HOME);
  const url = options.url || stack?.api;
  const key = options.key || stack?.keys.dexatel;
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
    return dataOf(url, answer.statusCode, await answer.body.text());
  };
  return {
    call: (method, path, data) =>
      send(method, path, 'application/json', data ? JSON.stringify({ data }) : null),
    upload: (path, contentType, content) => send('POST', path, contentType, content),
  };
}

const refusal = z.object({ errors: z.array(z.object({ message: z.string(), code: z.number() })) });
const envelope = z.object({ data: z.union([z.looseObject({}), z.array(z.unknown())]) });

function dataOf(url: string, status: number, text: string): unknown {
  const body = parseJson(text);
  if (status >= 400) {
    const error = refusal.safeParse(body).data?.errors[0];
    throw new Error(error ? `${error.message} (${error.code})` : `${url} answered ${status}.`);
  }
  const found = envelope.safeParse(body);
  if (!found.success) throw new Error(`What answers at ${url} is not Casement's API.`);
  return found.data.data;
}

/** What an answer says, or a sentence instead of zod's list of what it lacks. */
export function understand<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new Error("The answer is not Casement's, or of another release of it; check the address.");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
