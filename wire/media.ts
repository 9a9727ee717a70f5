import { z } from 'zod';
import type { MediaInfo, UploadProgress } from '../domain/ports';

/** The provider's answers about files. Each reader gives null for what says nothing of the kind. */

const id = z.union([z.string().min(1), z.number()]).transform(String);
const uploaded = z.looseObject({ id });

export function parseMediaId(json: unknown): { mediaId: string } | null {
  const parsed = uploaded.safeParse(json);
  return parsed.success ? { mediaId: parsed.data.id } : null;
}

const described = z.looseObject({
  url: z.url({ protocol: /^https?$/ }).transform((url) => new URL(url)),
  mime_type: z.string().min(1),
  /** A number as documented, a string in some recordings. */
  file_size: z.coerce.number().int().min(0),
  sha256: z.string().min(1).nullish().catch(null),
});

export function parseMediaInfo(json: unknown): { url: URL; media: MediaInfo } | null {
  const parsed = described.safeParse(json);
  if (!parsed.success) return null;
  const { url, mime_type, file_size, sha256 } = parsed.data;
  return { url, media: { mimeType: mime_type, sizeBytes: file_size, sha256: sha256 ?? null } };
}

const success = z.looseObject({ success: z.literal(true) });

/** `{"success": true}`: how marks, deletions and the like are answered. */
export function parseSuccess(json: unknown): object | null {
  return success.safeParse(json).success ? {} : null;
}

/** Some of them end in a query that signs them. */
const SESSION = /^upload:[\w:.=-]+(\?[\w=&%.-]+)?$/;

export function isUploadSession(text: string): boolean {
  return SESSION.test(text);
}

const session = z.looseObject({ id: z.string().regex(SESSION) });

/** Where the bytes of a resumable upload go: `upload:…`. */
export function parseUploadSession(json: unknown): { session: string } | null {
  const parsed = session.safeParse(json);
  return parsed.success ? { session: parsed.data.id } : null;
}

const handle = z.looseObject({ h: z.string().min(1) });

function parseUploadHandle(json: unknown): { handle: string } | null {
  const parsed = handle.safeParse(json);
  return parsed.success ? { handle: parsed.data.h } : null;
}

const offset = z.looseObject({ file_offset: z.coerce.number().int().min(0) });

export function parseUploadOffset(json: unknown): { offsetBytes: number } | null {
  const parsed = offset.safeParse(json);
  return parsed.success ? { offsetBytes: parsed.data.file_offset } : null;
}

export function parseUploadProgress(json: unknown): { progress: UploadProgress } | null {
  const progress = parseUploadHandle(json) ?? parseUploadOffset(json);
  return progress && { progress };
}
