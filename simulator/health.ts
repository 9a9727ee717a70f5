import type { SimulatedNumber } from './config';
import type { World } from './world';

type CanSend = SimulatedNumber['canSend'];

const LIMITED = 'The display name has not been approved yet. Your message limit will not increase.';
const BLOCKED = {
  error_code: 141006,
  error_description: 'There is an error with the payment method.',
  possible_solution: 'Add a valid payment method to the business account.',
};

/** The `health_status` of a number and all that its messages involve; only the number itself can be set. */
export function healthOf(world: World, number: SimulatedNumber): object {
  const own: CanSend = number.registered ? number.canSend : 'BLOCKED';
  const entity = (entity_type: string, id: string, can_send_message: CanSend = 'AVAILABLE') => ({
    entity_type,
    id,
    can_send_message,
    ...(can_send_message === 'LIMITED' && { additional_info: [LIMITED] }),
    ...(can_send_message === 'BLOCKED' && { errors: [BLOCKED] }),
  });
  return {
    can_send_message: own,
    entities: [
      entity('PHONE_NUMBER', number.phoneNumberId, own),
      entity('WABA', number.wabaId),
      entity('BUSINESS', world.portfolioOf(number)),
      entity('APP', '1000000000000000'),
    ],
  };
}
