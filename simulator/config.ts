import { z } from 'zod';
import { phoneDigits } from '../domain/phone';
import { componentsShape } from './templateShape';

/** What the simulator is told: numbers, templates and its environment. `docs/simulator.md` repeats it. */

const digits = z
  .string()
  .transform((value) => phoneDigits(value.replace(/[\s().-]/g, '')))
  .pipe(z.string().regex(/^[0-9]{5,15}$/, 'must be a phone number'));

/** A business number. Registering the same `phoneNumberId` again replaces it. */
export const numberSchema = z.object({
  phoneNumberId: z.string().min(1),
  wabaId: z.string().min(1),
  phone: digits,
  /** Bearer token of a `cloud_api` number, D360-API-KEY of a `360dialog` one. */
  token: z.string().min(1),
  /** Signs webhooks of `cloud_api` numbers; empty: they go unsigned. */
  appSecret: z.string().default(''),
  /** Absent: nobody listens and webhooks vanish. */
  hookUrl: z.url().nullable().default(null),
  /** Sent by the subscription handshake of `POST /_sim/verify`. */
  verifyToken: z.string().optional(),
  kind: z.enum(['cloud_api', '360dialog']).default('cloud_api'),
  /** Sent with each webhook of a `360dialog` number. */
  hookHeaders: z.record(z.string(), z.string()).default({}),
  /** Messages a second before 130429; 0 for no limit. */
  ratePerSecond: z.number().int().min(0).default(80),
  /** 45 messages at once to one user, then one per 6 s (131056). */
  pairLimit: z.boolean().default(true),
  /** Unique users in 24 hours that may be written to outside of windows, shared by the portfolio; 0 for no limit. */
  dailyLimit: z.number().int().min(0).default(0),
  /** Numbers of one portfolio share its limit and its users' ids. Absent: that of the account. */
  portfolioId: z.string().min(1).optional(),
  /** Numbers that are not answer 133010. */
  registered: z.boolean().default(true),
  canSend: z.enum(['AVAILABLE', 'LIMITED', 'BLOCKED']).default('AVAILABLE'),
  quality: z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']).default('GREEN'),
});
export type SimulatedNumber = z.infer<typeof numberSchema>;
export type NumberInput = z.input<typeof numberSchema>;

export const TEMPLATE_STATUSES = ['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED'] as const;

const templateQuality = z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']);
export type TemplateQuality = z.infer<typeof templateQuality>;

export const templateSeedSchema = z.object({
  /** Absent: every business account has it. */
  wabaId: z.string().min(1).optional(),
  /** The id it had before the simulator was started again. */
  id: z.string().min(1).optional(),
  name: z.string().min(1),
  language: z.string().min(2).default('en_US'),
  category: z
    .string()
    .transform((category) => category.toUpperCase())
    .pipe(z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION']))
    .optional(),
  /** Text with `{{1}}` or `{{name}}`. A new template needs it or `components`; a known one keeps what it has. */
  body: z.string().optional(),
  /** Media header that every message must fill. */
  header: z.enum(['image', 'video', 'document']).optional(),
  /** All parts of the template, as it would be submitted; examples may be left out. */
  components: componentsShape.optional(),
  status: z.enum(TEMPLATE_STATUSES).default('APPROVED'),
  reason: z.string().optional(),
  quality: templateQuality.optional(),
});
export type TemplateSeed = z.infer<typeof templateSeedSchema>;
export type TemplateSeedInput = z.input<typeof templateSeedSchema>;

/** A setting that holds JSON; what is not JSON is reported like any other wrong value. */
function jsonSetting<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .default('[]')
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const environment = z.object({
  CASEMENT_HOST: z.string().min(1).default('127.0.0.1'),
  CASEMENT_SIMULATOR_PORT: z.coerce.number().int().min(0).max(65535).default(3001),
  CASEMENT_SIMULATOR_NUMBERS: jsonSetting(z.array(numberSchema)),
  CASEMENT_SIMULATOR_TEMPLATES: jsonSetting(z.array(templateSeedSchema)),
});

export interface SimulatorConfig {
  host: string;
  port: number;
  numbers: SimulatedNumber[];
  templates: TemplateSeed[];
}

/** Reads the environment. Throws an Error that names every wrong key. */
export function readSimulatorConfig(env: NodeJS.ProcessEnv): SimulatorConfig {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new Error(`The simulator's configuration is not valid.\n  ${problems.join('\n  ')}`);
  }
  return {
    host: parsed.data.CASEMENT_HOST,
    port: parsed.data.CASEMENT_SIMULATOR_PORT,
    numbers: parsed.data.CASEMENT_SIMULATOR_NUMBERS,
    templates: parsed.data.CASEMENT_SIMULATOR_TEMPLATES,
  };
}
