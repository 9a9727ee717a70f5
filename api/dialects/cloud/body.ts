import type { Request, RequestHandler, Response } from 'express';
import { MAYBE_UNSTORABLE, storable } from '../../../domain/storable';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { invalidParameter, type RequestProblem } from '../../../wire/requestProblem';

/** Refuses JSON with characters that cannot be kept: NUL, and halves of surrogate pairs. */
export const storableBody: RequestHandler = (request: Request, response: Response, next) => {
  const raw = response.locals.rawBody?.toString('utf8') ?? '';
  const odd =
    MAYBE_UNSTORABLE.test(raw) &&
    JSON.stringify(storable(request.body)) !== JSON.stringify(request.body);
  if (odd) throw providerRefusal(invalidParameter('The request holds characters that are none.'));
  next();
};

/** What a reader made of a body. Throws its problem. */
export function readOrRefuse<T extends object>(read: T | RequestProblem): T {
  if (isProblem(read)) throw providerRefusal(read);
  return read;
}

function isProblem<T extends object>(read: T | RequestProblem): read is RequestProblem {
  return 'code' in read;
}
