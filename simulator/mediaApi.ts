import { ok, SUCCESS, type Answer } from './answers';
import type { SimulatedNumber } from './config';
import { UNSUPPORTED, type GraphError } from './graphError';
import { largestOf, MEDIA_TYPES, type StoredMedia } from './mediaShelf';
import type { World } from './world';

/** Upload, lookup, deletion and download of files. */

export interface Upload {
  number: SimulatedNumber;
  contentType: string;
  raw: Buffer;
}

const invalid = (message: string): GraphError => ({ code: 100, message: `(#100) ${message}` });

export async function uploadMedia(
  world: World,
  { number, contentType, raw }: Upload,
): Promise<Answer | GraphError> {
  const form = await readForm(contentType, raw);
  if (form === null) return invalid('The parameter messaging_product is required.');
  if (form.get('messaging_product') !== 'whatsapp')
    return invalid('The parameter messaging_product is required.');
  const file = form.get('file');
  if (file === null || typeof file === 'string') return invalid('The parameter file is required.');
  const [mimeType = ''] = file.type.split(';');
  const largest = largestOf(mimeType);
  if (largest === undefined) {
    const types = MEDIA_TYPES.join(', ');
    return invalid(
      `Param file must be a file with one of the following types: ${types}. Received file of type '${file.type}'.`,
    );
  }
  if (file.size === 0) return invalid('Param file must not be empty.');
  if (file.size > largest) return invalid(`File size too large. It may have ${largest} bytes.`);
  const bytes = Buffer.from(await file.arrayBuffer());
  const media = world.media.add(
    number,
    { mimeType: file.type, filename: file.name, bytes },
    'uploaded',
    world.now(),
  );
  return ok({ id: media.id });
}

/** Null for a body that is no form. */
async function readForm(contentType: string, raw: Buffer): Promise<FormData | null> {
  try {
    return await new Response(raw, { headers: { 'content-type': contentType } }).formData();
  } catch {
    return null;
  }
}

export function answerMedia(
  world: World,
  media: StoredMedia,
  method: string,
  /** Where this simulator was reached, for links. */
  { number, origin }: { number: SimulatedNumber; origin: string },
): Answer | GraphError {
  if (method === 'DELETE') {
    world.media.remove(media);
    return SUCCESS;
  }
  if (method !== 'GET') return UNSUPPORTED;
  return ok({
    messaging_product: 'whatsapp',
    url: mediaHost(number, origin) + world.media.link(media, world.now()),
    mime_type: media.mimeType,
    sha256: media.sha256,
    file_size: media.bytes.length,
    id: media.id,
  });
}

/** 360dialog passes on Meta's link as it is, although its key does not open it there. */
function mediaHost(number: SimulatedNumber, origin: string): string {
  return number.kind === '360dialog' ? 'https://lookaside.fbsbx.com' : origin;
}

/** The bytes behind a link, for whoever owns the file. */
export function downloadMedia(
  world: World,
  query: URLSearchParams,
  number: SimulatedNumber | undefined,
): Answer {
  const media = world.media.open(query, world.now());
  if (media === undefined) return { kind: 'answer', status: 404, body: 'URL signature expired' };
  if (number?.wabaId !== media.wabaId)
    return { kind: 'answer', status: 401, body: 'The token does not open this file.' };
  return fileAnswer(media);
}

export function fileAnswer({ bytes, mimeType, filename }: StoredMedia): Answer {
  return {
    kind: 'answer',
    status: 200,
    body: bytes,
    headers: {
      'content-type': mimeType,
      ...(filename !== null && {
        'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(filename)}`,
      }),
    },
  };
}
