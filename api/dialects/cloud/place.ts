import { Router, type Request, type Response } from 'express';
import type { Sender } from '../../../db/schema';
import type { Deps } from '../../../usecases/deps';
import { senderOfCaller, senderOfNumberId } from '../../../usecases/callerSender';
import { callerOf } from '../../auth';

/** A path as Express has it. */
export type Path = `/${string}`;

/**
 * The same API at two kinds of places: Meta's paths name the version and the number, 360dialog's name neither, because
 * its keys belong to one number each.
 */
export interface Place {
  /** Of what belongs to a number: `/messages`, `/media`. */
  ofNumber(edge: Path): Path;
}

export const META: Place = { ofNumber: (edge) => `/:version/:phone_number_id${edge}` };
export const DIALOG360: Place = { ofNumber: (edge) => edge };

/** Ids of files are Meta's, which are numbers. */
export const MEDIA_ID = /^[0-9]{1,32}$/;

export const VERSION = /^v\d+\.\d+$/;

/** A router whose versioned paths are Graph's alone: `/v1/messages` is somebody else's. */
export function placeRouter(): Router {
  const router = Router();
  router.param('version', (_request, _response, next, version) => {
    next(VERSION.test(String(version)) ? undefined : 'route');
  });
  return router;
}

/** The provider's id of a number; where it gives none, ours. */
export function numberIdOf({ id, phone_number_id }: Sender): string {
  return phone_number_id ?? id;
}

/** The sender that a request is about: the number it names, or the one that its key belongs to. */
export function senderOf(
  deps: Pick<Deps, 'db'>,
  request: Request,
  response: Response,
): Promise<Sender> {
  const numberId = request.params['phone_number_id'] ?? request.query['phone_number_id'];
  const caller = callerOf(response);
  return typeof numberId === 'string'
    ? senderOfNumberId(deps, caller, numberId)
    : senderOfCaller(deps, caller);
}
