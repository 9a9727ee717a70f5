import type { RequestHandler } from 'express';
import { isStorable } from '../../../domain/storable';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { invalidParameter, type RequestProblem } from '../../../wire/requestProblem';

/** Refuses JSON with characters that cannot be kept: NUL, and halves of surrogate pairs. */
export const storableBody: RequestHandler = (request, _response, next) => {
  if (isStorable(request.body)) return next();
  throw providerRefusal(invalidParameter('The request holds characters that are none.'));
};

/** What a reader made of a body. Throws its problem. */
export function readOrRefuse<T extends object>(read: T | RequestProblem): T {
  if (isProblem(read)) throw providerRefusal(read);
  return read;
}

function isProblem<T extends object>(read: T | RequestProblem): read is RequestProblem {
  return 'code' in read;
}
