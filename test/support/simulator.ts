import { request } from 'undici';
import type { ProviderSettings } from '../../domain/ports';
import type { NumberInput, TemplateSeedInput } from '../../simulator/config';
import { createSimulator, type Simulator } from '../../simulator/server';

export const META_NUMBER: NumberInput = {
  phoneNumberId: '1001',
  wabaId: '2001',
  phone: '+15550001001',
  token: 'meta-token',
  appSecret: 'app-secret',
  ratePerSecond: 0,
};
export const D360_NUMBER: NumberInput = {
  phoneNumberId: '1002',
  wabaId: '2002',
  phone: '+15550001002',
  token: 'd360-key',
  kind: '360dialog',
  hookHeaders: { authorization: 'Basic hook' },
  ratePerSecond: 0,
};
export const TEMPLATES: TemplateSeedInput[] = [
  { name: 'hello', language: 'en_US', body: 'Hello {{1}}' },
  { name: 'named', language: 'en_US', body: 'Hello {{first_name}}', category: 'UTILITY' },
  { name: 'plain', language: 'en_US', body: 'Hello' },
];

export interface TestSimulator extends Simulator {
  /** Calls the control API and answers its body; throws on anything but 200. */
  sim<T = unknown>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<T>;
  /** Any request to the provider's own routes, with the credentials that the path asks for. */
  call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object | FormData | Buffer,
    headers?: Record<string, string>,
  ): Promise<{ status: number; json: Json }>;
  /** One POST of a message as Meta's number, or with the given headers and path. */
  post(
    body: object | string,
    options?: { path?: string; headers?: Record<string, string> },
  ): Promise<{ status: number; json: Json }>;
}

export type Json = { error?: { code: number; error_subcode?: number } } & Record<string, unknown>;

/** How each kind of provider is addressed: paths below the number and the account, and what opens them. */
export const FLAVOURS = {
  cloud_api: {
    number: '/v24.0/1001',
    account: '/v24.0/2001',
    node: '/v24.0',
    headers: { authorization: 'Bearer meta-token' },
  },
  '360dialog': {
    number: '',
    account: '',
    node: '',
    headers: { 'd360-api-key': 'd360-key' },
  },
} as const;
export type Flavour = keyof typeof FLAVOURS;

function credentials(path: string): Record<string, string> {
  return FLAVOURS[/^\/v\d+\.\d+\//.test(path) ? 'cloud_api' : '360dialog'].headers;
}

export async function startSimulator(hookUrl: string | null = null): Promise<TestSimulator> {
  const simulator = await createSimulator({
    numbers: [
      { ...META_NUMBER, hookUrl },
      { ...D360_NUMBER, hookUrl },
    ],
    templates: TEMPLATES,
    reviewDelayMs: 20,
  });
  return {
    ...simulator,
    async sim<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object) {
      const answer = await request(`${simulator.url}/_sim${path}`, {
        method,
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${text}`);
      return JSON.parse(text) as T;
    },
    async call(method, path, body, headers = {}) {
      const raw = body === undefined || body instanceof FormData || Buffer.isBuffer(body);
      const answer = await fetch(simulator.url + path, {
        method,
        headers: { ...credentials(path), ...headers },
        ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
      });
      return { status: answer.status, json: (await answer.json()) as Json };
    },
    async post(body, { path = '/v24.0/1001/messages', headers } = {}) {
      const answer = await request(simulator.url + path, {
        method: 'POST',
        headers: headers ?? credentials(path),
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return {
        status: answer.statusCode,
        json: (await answer.body.json()) as Json,
      };
    },
  };
}

export function metaSettings(url: string): ProviderSettings {
  return {
    kind: 'cloud_api',
    baseUrl: url,
    version: 'v24.0',
    phoneNumberId: '1001',
    wabaId: '2001',
    token: 'meta-token',
  };
}

export function d360Settings(url: string): ProviderSettings {
  return {
    kind: '360dialog',
    baseUrl: url,
    version: null,
    phoneNumberId: null,
    wabaId: null,
    token: 'd360-key',
  };
}

/** A template message as the Cloud API takes it. */
export function templatePost(
  to: string,
  name = 'hello',
  parameters: object[] = [{ type: 'text', text: 'Ann' }],
) {
  return {
    messaging_product: 'whatsapp',
    to,
    type: 'template',
    template: {
      name,
      language: { code: 'en_US' },
      components: [{ type: 'body', parameters }],
    },
  };
}
