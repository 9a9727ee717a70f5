import { z } from 'zod';
import { ok, readJson, type Answer } from './answers';
import type { SimulatedNumber } from './config';
import { UNSUPPORTED, type GraphError } from './graphError';
import type { World } from './world';

/** 360dialog's rule is https without a port; here http and ports pass, because receivers under development have them. */
const hookBody = z.object({
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string()).default({}),
});

/** Where 360dialog sends a number's webhooks, and with which headers. */
export function answerHookConfiguration(
  world: World,
  number: SimulatedNumber,
  { method, raw }: { method: string; raw: Buffer },
): Answer | GraphError {
  if (method === 'GET') return ok({ url: number.hookUrl ?? '', headers: number.hookHeaders });
  if (method !== 'POST') return UNSUPPORTED;
  const parsed = hookBody.safeParse(readJson(raw));
  if (!parsed.success)
    return {
      kind: 'answer',
      status: 400,
      body: {
        meta: { success: false, http_code: 400, developer_message: z.prettifyError(parsed.error) },
      },
    };
  const { url, headers } = parsed.data;
  world.numbers.set(number.phoneNumberId, { ...number, hookUrl: url, hookHeaders: headers });
  return ok({ url, headers });
}
