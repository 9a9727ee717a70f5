import type { Sender } from '../db/schema';
import { DomainError } from '../domain/errors';
import type { MediaInfo, UploadForm, UploadPart, UploadProgress } from '../domain/ports';
import type { Deps } from './deps';
import { doneOrThrow, providerRefusal } from './providerRefusal';

/** Files of a number, at its provider. All of these throw `provider_refused` and `provider_unavailable`. */

type MediaDeps = Pick<Deps, 'providerFor'>;

/** Documents may have 100 MB, which is more than any other kind; a form adds little. */
export const LARGEST_FILE = 100 * 1024 * 1024;
const LARGEST_FORM = LARGEST_FILE + 64 * 1024;

/** Passes a form with a file on to the provider and answers the provider's id. Throws `payload_too_large`. */
export async function uploadMediaForm(
  { providerFor }: MediaDeps,
  sender: Sender,
  form: UploadForm,
): Promise<string> {
  if (form.sizeBytes > LARGEST_FORM) {
    throw new DomainError('payload_too_large', 'A file may have 100 MB.');
  }
  return doneOrThrow(await providerFor(sender).uploadForm(form)).mediaId;
}

export async function findMedia(
  { providerFor }: MediaDeps,
  sender: Sender,
  id: string,
): Promise<MediaInfo> {
  return doneOrThrow(await providerFor(sender).findMedia(id)).media;
}

/** The content must be read to its end, or returned early. */
export async function downloadMedia(
  { providerFor }: MediaDeps,
  sender: Sender,
  id: string,
): Promise<{ media: MediaInfo; content: AsyncIterable<Uint8Array> }> {
  const outcome = await providerFor(sender).downloadMedia(id, { maxBytes: LARGEST_FILE });
  if (outcome.kind === 'too_large') {
    throw providerRefusal({ code: 131052, details: `The file has ${outcome.sizeBytes} bytes.` });
  }
  return doneOrThrow(outcome);
}

/** Looked up before: whatever else has an id at the provider is not a client's to delete. */
export async function deleteMedia(deps: MediaDeps, sender: Sender, id: string): Promise<void> {
  await findMedia(deps, sender, id);
  doneOrThrow(await deps.providerFor(sender).deleteMedia(id));
}

/** Opens the upload of a file, in parts, for the review of a template. Throws `payload_too_large`. */
export async function openUpload(
  { providerFor }: MediaDeps,
  sender: Sender,
  file: { filename: string; mimeType: string; sizeBytes: number },
): Promise<string> {
  if (file.sizeBytes > LARGEST_FILE) {
    throw new DomainError('payload_too_large', 'A file may have 100 MB.');
  }
  return doneOrThrow(await providerFor(sender).openUpload(file)).session;
}

/** Passes a part on while it is read. Throws `payload_too_large`. */
export async function continueUpload(
  { providerFor }: MediaDeps,
  sender: Sender,
  session: string,
  part: UploadPart,
): Promise<UploadProgress> {
  if (part.offsetBytes + part.sizeBytes > LARGEST_FILE) {
    throw new DomainError('payload_too_large', 'A file may have 100 MB.');
  }
  return doneOrThrow(await providerFor(sender).continueUpload(session, part)).progress;
}

/** How many bytes of an upload are there. */
export async function findUpload(
  { providerFor }: MediaDeps,
  sender: Sender,
  session: string,
): Promise<number> {
  return doneOrThrow(await providerFor(sender).findUpload(session)).offsetBytes;
}
