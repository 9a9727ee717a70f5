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
  /** One POST of a message as Meta's number, or with the given headers and path. */
  post(
    body: object | string,
    options?: { path?: string; headers?: Record<string, string> },
  ): Promise<{
    status: number;
    json: { error?: { code: number; error_subcode?: number } } & Record<string, unknown>;
  }>;
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
    async post(body, { path = '/v24.0/1001/messages', headers } = {}) {
      const answer = await request(simulator.url + path, {
        method: 'POST',
        headers: headers ?? { authorization: 'Bearer meta-token' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return {
        status: answer.statusCode,
        json: (await answer.body.json()) as Awaited<ReturnType<TestSimulator['post']>>['json'],
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
