import type { Sender } from '../db/schema';
import { failureRule } from '../domain/failure';
import type { SenderHealth } from '../domain/ports';
import type { Deps } from './deps';
import { doneOrThrow } from './providerRefusal';

/**
 * Whether messages of a number can go out now, and what stands in the way: what its provider says, and what it has
 * answered to our own messages. Throws `provider_refused` and `provider_unavailable`.
 */
export async function getSenderHealth(
  { providerFor }: Pick<Deps, 'providerFor'>,
  sender: Sender,
): Promise<SenderHealth> {
  const { health } = doneOrThrow(await providerFor(sender).health());
  if (sender.health !== 'halted') return health;
  const code = Number(sender.health_reason);
  const detail = `Sending was stopped: ${failureRule(code).title}.`;
  const problem = { entity: 'PHONE_NUMBER', code, detail };
  return { ...health, canSend: 'blocked', problems: [...health.problems, problem] };
}
