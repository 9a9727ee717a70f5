import type { MediaStore, MediaUpload, Rejected, TemplateStore, Unknown } from '../domain/ports';
import type { MediaFormat, MediaHeader } from '../domain/templateParts';
import { withDownload } from '../outbound/download';
import type { UrlGuard } from '../outbound/guard';
import { mayPassLater } from './templateErrands';

/** What reviewers are shown in a header, or why there is nothing to show. `passing`: it is worth another try. */
export type SampleOutcome = { handle: string } | { detail: string; passing: boolean };

const MB = 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** WhatsApp's own limits of these files. */
const KINDS: Readonly<Record<MediaFormat, { maxBytes: number; types: RegExp; wanted: string }>> = {
  image: { maxBytes: 5 * MB, types: /^image\/(jpeg|png)$/, wanted: 'JPG or PNG' },
  video: { maxBytes: 16 * MB, types: /^video\/(mp4|3gpp)$/, wanted: 'MP4' },
  document: { maxBytes: 100 * MB, types: /^application\/pdf$/, wanted: 'PDF' },
};

/**
 * Providers review templates with a sample of their media, which must be uploaded to them; the sample is what messages
 * show by default, fetched from where its author put it (through the guard) or from the provider's own media.
 */
export async function uploadSample(
  guard: UrlGuard,
  provider: TemplateStore & MediaStore,
  { format, media, handle }: MediaHeader,
): Promise<SampleOutcome> {
  if (handle !== undefined) return { handle };
  const { maxBytes } = KINDS[format];
  const upload = async (file: Omit<MediaUpload, 'filename'>): Promise<SampleOutcome> => {
    const { types, wanted } = KINDS[format];
    if (!types.test(file.mimeType))
      return { detail: `The ${format} is no ${wanted}.`, passing: false };
    const outcome = await provider.uploadSample({ ...file, filename: `sample.${extension(file)}` });
    return outcome.kind === 'done' ? { handle: outcome.handle } : problemOf(outcome);
  };
  if (media?.link !== undefined) {
    return withDownload(guard, media.link, { maxBytes, timeoutMs: TIMEOUT_MS }, upload);
  }
  if (media?.id === undefined) return { detail: `The template has no ${format}.`, passing: false };
  const found = await provider.downloadMedia(media.id, { maxBytes });
  if (found.kind === 'too_large') return { detail: `The ${format} is too large.`, passing: false };
  if (found.kind !== 'done') return problemOf(found);
  const { mimeType, sizeBytes } = found.media;
  return upload({ mimeType: mimeType.split(';')[0]!.trim(), sizeBytes, content: found.content });
}

function extension({ mimeType }: Pick<MediaUpload, 'mimeType'>): string {
  return mimeType.split('/')[1] ?? 'bin';
}

function problemOf(outcome: Rejected | Unknown): { detail: string; passing: boolean } {
  return { detail: outcome.detail, passing: mayPassLater(outcome) };
}
