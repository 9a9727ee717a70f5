import type { Operations } from '../../openapi/operation';
import { messageOperations } from './messageOperations';
import type { Place } from './place';

export function cloudOperations(place: Place): Operations {
  return { ...messageOperations(place) };
}
