import { z } from 'zod';
import { DomainError } from '../../../domain/errors';
import { parsePhone } from '../../../domain/phone';
import type { Sender } from '../../../db/schema';
import type { ChangeSender, CreateSender } from '../../../usecases/sender';
import { anyCase, PHONE } from '../../openapi/shapes';
import { isPlain, lengthOf, parse, requiredText } from './input';

const NAME_MAX = 45;
const SECRET_MAX = 4096;
const MAX_RATE = 1_000_000;

const name = requiredText('sender_name_required', 'sender_name_invalid')
  .transform((text) => text.trim())
  .refine((text) => lengthOf(text) <= NAME_MAX, { error: 'sender_name_too_long' })
  .meta({ maxLength: NAME_MAX });

const phone = z
  .string()
  .meta(PHONE)
  .transform((text, context) => {
    const parsed = parsePhone(text);
    if (parsed !== null) return parsed;
    context.addIssue('is no phone number with its country code');
    return z.NEVER;
  });

/** Header values: a line break in a token would end the header. */
const secret = z
  .string()
  .min(1)
  .max(SECRET_MAX)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be printable ASCII without blanks' });

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.-]+$/, { error: 'is no provider id' });

const baseUrl = z
  .string()
  .max(2048)
  .refine(isPlain)
  .transform((text) => text.replace(/\/+$/, ''))
  .refine(isBaseUrl, { error: 'must be an http(s) address without query or credentials' })
  .meta({ format: 'uri', pattern: '^[Hh][Tt][Tt][Pp][Ss]?:' });

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  const web = protocol === 'https:' || protocol === 'http:';
  return web && username + password + search + hash === '';
}

const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, { error: 'must be HH:mm' });

const version = z.string().regex(/^v[0-9]{1,3}\.[0-9]{1,2}$/, { error: 'must be like v24.0' });

const limits = {
  rate_per_second: z.number().positive().max(MAX_RATE).nullish(),
  daily_limit: z.number().int().positive().max(2_147_483_647).nullish(),
  window_policy: z.enum(['customer_message', 'template_delivered']).nullish(),
  quiet_hours: z.object({ start: clock, end: clock }).nullish(),
};

const providerSchema = z.object({
  kind: z.enum(['cloud_api', '360dialog']),
  base_url: baseUrl,
  version: version.nullish(),
  phone_number_id: id.nullish(),
  waba_id: id.nullish(),
  token: secret,
  app_secret: secret.nullish(),
  verify_token: secret.nullish(),
});

export const createSchema = z.object({
  name,
  channel: z
    .string({ error: 'sender_channel_invalid' })
    .refine((text) => text.toUpperCase() === 'WHATSAPP', {
      error: 'sender_channel_invalid',
    })
    .meta(anyCase(['WHATSAPP'])),
  phone,
  provider: providerSchema
    .refine((provider) => provider.kind === '360dialog' || Boolean(provider.phone_number_id), {
      error: 'phone_number_id is required for cloud_api',
      path: ['phone_number_id'],
    })
    .meta({
      anyOf: [
        { properties: { kind: { const: '360dialog' } } },
        { properties: { phone_number_id: { type: 'string' } }, required: ['phone_number_id'] },
      ],
    }),
  ...limits,
});

export function parseCreateSender(data: unknown): CreateSender {
  const given = parse(createSchema, data, 'sender_settings_invalid');
  const { provider } = given;
  return {
    name: given.name,
    phone: given.phone,
    provider: {
      kind: provider.kind,
      baseUrl: provider.base_url,
      version: provider.version ?? null,
      phoneNumberId: provider.phone_number_id ?? null,
      wabaId: provider.waba_id ?? null,
      token: provider.token,
      appSecret: provider.app_secret ?? null,
      verifyToken: provider.verify_token ?? null,
    },
    ratePerSecond: given.rate_per_second ?? undefined,
    dailyLimit: given.daily_limit,
    windowPolicy: given.window_policy ?? undefined,
    quietHours: given.quiet_hours,
  };
}

export const changeSchema = z.object({
  name: name.optional(),
  phone: phone.optional(),
  provider: providerSchema.omit({ kind: true }).partial().optional(),
  ...limits,
});

export function parseSenderChange(data: unknown): ChangeSender {
  const given = parse(changeSchema, data, 'sender_settings_invalid');
  const change: ChangeSender = {
    name: given.name,
    phone: given.phone,
    provider: given.provider && {
      baseUrl: given.provider.base_url,
      version: given.provider.version,
      phoneNumberId: given.provider.phone_number_id,
      wabaId: given.provider.waba_id,
      token: given.provider.token,
      appSecret: given.provider.app_secret,
      verifyToken: given.provider.verify_token,
    },
    ratePerSecond: given.rate_per_second ?? undefined,
    dailyLimit: given.daily_limit,
    windowPolicy: given.window_policy ?? undefined,
    quietHours: given.quiet_hours,
  };
  return change;
}

/** Dexatel's filter by status; ours are the health of the sender. */
export function parseHealth(text: string | undefined): Sender['health'] | undefined {
  if (text === undefined || text === '') return undefined;
  const health = (['active', 'slowed', 'halted'] as const).find(
    (known) => known === text.toLowerCase(),
  );
  if (health === undefined) {
    throw new DomainError('sender_status_invalid', "'filter[status]' has an unknown status");
  }
  return health;
}
