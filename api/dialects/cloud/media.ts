import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Request, type Response } from 'express';
import type { Sender } from '../../../db/schema';
import type { MediaInfo, UploadForm } from '../../../domain/ports';
import { deleteMedia, downloadMedia, findMedia, uploadMediaForm } from '../../../usecases/media';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { invalidParameter } from '../../../wire/requestProblem';
import { requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import type { MediaAnswer } from './mediaOperations';
import { MEDIA_ID, numberIdOf, placeRouter, senderOf, type Place } from './place';

const READ = requireScope('messages:read');
const WRITE = requireScope('messages:write');

/** Where files are downloaded, at either place: the path that 360dialog's clients know. */
export const ATTACHMENTS = '/whatsapp_business/attachments';

export function uploadRoutes(deps: DialectDeps, place: Place): Router {
  const router = placeRouter();
  router
    .route(place.ofNumber('/media'))
    .post(WRITE, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      response.json({ id: await uploadMediaForm(deps, sender, formOf(request)) });
    })
    .all(onlyMethods('POST'));
  return router;
}

/** The form is not looked into: what may be in it is the provider's to say. It is read while it is passed on. */
function formOf(request: Request): UploadForm {
  const contentType = request.get('Content-Type') ?? '';
  const sizeBytes = Number(request.get('Content-Length') ?? NaN);
  if (!/^multipart\/form-data\s*;/i.test(contentType))
    throw providerRefusal(invalidParameter('The parameter file is required.'));
  if (!Number.isInteger(sizeBytes))
    throw providerRefusal(invalidParameter('The length of the form must be announced.'));
  return { contentType, sizeBytes, content: request };
}

export async function answerMedia(
  deps: DialectDeps,
  sender: Sender,
  id: string,
): Promise<MediaAnswer> {
  return renderMedia(deps, sender, id, await findMedia(deps, sender, id));
}

export async function removeMedia(
  deps: DialectDeps,
  sender: Sender,
  id: string,
): Promise<{ success: true }> {
  await deleteMedia(deps, sender, id);
  return { success: true };
}

/** The provider's own address does not open with a key of ours: files come through this API. */
function renderMedia(
  { publicUrl }: DialectDeps,
  sender: Sender,
  id: string,
  { mimeType, sizeBytes, sha256 }: MediaInfo,
): MediaAnswer {
  const query = new URLSearchParams({ mid: id, phone_number_id: numberIdOf(sender) });
  return {
    messaging_product: 'whatsapp',
    url: `${publicUrl}${ATTACHMENTS}?${query.toString()}`,
    mime_type: mimeType,
    sha256: sha256 ?? '',
    file_size: sizeBytes,
    id,
  };
}

/** Files by the addresses that `answerMedia` gives, and files by their ids. */
export function dialog360MediaRoutes(deps: DialectDeps): Router {
  const router = Router();
  router
    .route(ATTACHMENTS)
    .get(READ, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      await sendFile(deps, sender, request, response);
    })
    .all(onlyMethods('GET'));

  router.param('media_id', (_request, _response, next, id) => {
    next(MEDIA_ID.test(String(id)) ? undefined : 'route');
  });
  router
    .route('/:media_id')
    .get(READ, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      response.json(await answerMedia(deps, sender, mediaIdOf(request)));
    })
    .delete(WRITE, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      response.json(await removeMedia(deps, sender, mediaIdOf(request)));
    })
    .all(onlyMethods('GET', 'DELETE'));
  return router;
}

function mediaIdOf(request: Request): string {
  return String(request.params['media_id']);
}

async function sendFile(
  deps: DialectDeps,
  sender: Sender,
  request: Request,
  response: Response,
): Promise<void> {
  const { mid } = request.query;
  if (typeof mid !== 'string' || !MEDIA_ID.test(mid))
    throw providerRefusal(invalidParameter('The parameter mid is required.'));
  const { media, content } = await downloadMedia(deps, sender, mid);
  // Not through `set`, which would add a character set to the type.
  response.writeHead(200, {
    'Content-Type': media.mimeType,
    'Content-Length': String(media.sizeBytes),
    'Content-Disposition': 'attachment',
    'X-Content-Type-Options': 'nosniff',
  });
  await pipeline(Readable.from(content), response);
}
