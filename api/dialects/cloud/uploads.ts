import { Router, type Request, type Response } from 'express';
import type { UploadPart } from '../../../domain/ports';
import { continueUpload, findUpload, openUpload } from '../../../usecases/media';
import { providerRefusal } from '../../../usecases/providerRefusal';
import { isUploadSession } from '../../../wire/media';
import { invalidParameter } from '../../../wire/requestProblem';
import { requireScope } from '../../auth';
import type { DialectDeps } from '../../dialect';
import { onlyMethods } from '../../input';
import type { UploadAnswer } from './uploadOperations';
import { textIn } from './page';
import { senderOf } from './place';

const READ = requireScope('templates:read');
const WRITE = requireScope('templates:write');

/** Samples for the review of templates, in parts that are passed on while they are read: nothing of them is kept. */
export function resumableUploadRoutes(deps: DialectDeps): Router {
  const router = Router();
  router
    .route('/uploads')
    .post(WRITE, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      response.json({ id: await openUpload(deps, sender, fileOf(request)) });
    })
    .all(onlyMethods('POST'));

  router
    .route('/upload\\::session')
    .get(READ, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      const id = sessionOf(request);
      const body: UploadAnswer = { id, file_offset: await findUpload(deps, sender, id) };
      response.json(body);
    })
    .post(WRITE, async (request: Request, response: Response) => {
      const sender = await senderOf(deps, request, response);
      const id = sessionOf(request);
      const progress = await continueUpload(deps, sender, id, partOf(request));
      const body: UploadAnswer =
        'handle' in progress ? { h: progress.handle } : { id, file_offset: progress.offsetBytes };
      response.json(body);
    })
    .all(onlyMethods('GET', 'POST'));
  return router;
}

function fileOf(request: Request): { filename: string; mimeType: string; sizeBytes: number } {
  const mimeType = textIn(request, 'file_type');
  if (mimeType === undefined)
    throw providerRefusal(invalidParameter('The parameter file_type is required.'));
  const filename = textIn(request, 'file_name') ?? 'sample';
  return {
    filename,
    mimeType,
    sizeBytes: wholeNumber('file_length', textIn(request, 'file_length')),
  };
}

/** The query that signs a session belongs to its id. */
function sessionOf(request: Request): string {
  const sign = request.originalUrl.indexOf('?');
  const query = sign < 0 ? '' : request.originalUrl.slice(sign);
  const id = `upload:${String(request.params['session'])}${query}`;
  if (isUploadSession(id)) return id;
  throw providerRefusal(invalidParameter('There is no upload with this id.'));
}

function partOf(request: Request): UploadPart {
  return {
    offsetBytes: wholeNumber('file_offset', request.get('file_offset') ?? '0'),
    sizeBytes: wholeNumber('Content-Length', request.get('Content-Length')),
    mimeType: request.get('Content-Type') ?? 'application/octet-stream',
    content: request,
  };
}

function wholeNumber(name: string, text: string | undefined): number {
  if (text !== undefined && /^[0-9]{1,12}$/.test(text)) return Number(text);
  throw providerRefusal(invalidParameter(`The parameter ${name} must be a whole number.`));
}
