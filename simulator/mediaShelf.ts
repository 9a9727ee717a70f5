import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SimulatedNumber } from './config';

export interface StoredMedia {
  id: string;
  /** Only numbers of this account know the file. */
  wabaId: string;
  mimeType: string;
  filename: string | null;
  sha256: string;
  bytes: Buffer;
  /** Milliseconds since the epoch, by the simulator's clock. */
  expiresAt: number;
}

const DAY = 24 * 3_600_000;
const KEPT: Record<'uploaded' | 'received', number> = { uploaded: 30 * DAY, received: 7 * DAY };
/** How long a download link is valid. */
const LINK_MS = 5 * 60_000;
/** Bytes kept in all; beyond it the oldest files go early. */
const CAPACITY = 256 * 1024 * 1024;

/** What the provider accepts, and up to which size. */
const MB = 1024 * 1024;
const LARGEST = new Map<string, number>([
  ['image/jpeg', 5 * MB],
  ['image/png', 5 * MB],
  // Stickers: animated ones may have 500 KB.
  ['image/webp', 500 * 1024],
  ['video/mp4', 16 * MB],
  ['video/3gpp', 16 * MB],
  ...['aac', 'mp4', 'mpeg', 'amr', 'ogg', 'opus'].map((kind): [string, number] => [
    `audio/${kind}`,
    16 * MB,
  ]),
  ...[
    'text/plain',
    'application/pdf',
    'application/msword',
    'application/vnd.ms-excel',
    'application/vnd.ms-powerpoint',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  ].map((type): [string, number] => [type, 100 * MB]),
]);

export const MEDIA_TYPES: readonly string[] = [...LARGEST.keys()];

/** Bytes a file of this type may have; undefined for types that are not accepted. */
export function largestOf(mimeType: string): number | undefined {
  return LARGEST.get(mimeType);
}

/** The files that numbers uploaded or customers sent. Kept in memory. */
export class MediaShelf {
  private readonly media = new Map<string, StoredMedia>();
  private readonly secret = randomBytes(16);
  private created = 0;
  private size = 0;

  add(
    { wabaId }: SimulatedNumber,
    file: Pick<StoredMedia, 'mimeType' | 'filename' | 'bytes'>,
    origin: keyof typeof KEPT,
    now: number,
  ): StoredMedia {
    this.created += 1;
    const stored: StoredMedia = {
      ...file,
      id: String(1_100_000_000_000_000 + this.created),
      wabaId,
      sha256: createHash('sha256').update(file.bytes).digest('hex'),
      expiresAt: now + KEPT[origin],
    };
    this.media.set(stored.id, stored);
    this.size += stored.bytes.length;
    for (const old of this.media.values()) {
      if (this.size <= CAPACITY) break;
      this.remove(old);
    }
    return stored;
  }

  /** Undefined for files that never were, were deleted or have expired. */
  find(id: string, now: number): StoredMedia | undefined {
    const media = this.media.get(id);
    if (media === undefined || now < media.expiresAt) return media;
    this.remove(media);
    return undefined;
  }

  remove(media: StoredMedia): void {
    if (this.media.delete(media.id)) this.size -= media.bytes.length;
  }

  /** Path and query of a download link. */
  link({ id }: StoredMedia, now: number): string {
    const expires = Math.floor((now + LINK_MS) / 1000);
    return `/whatsapp_business/attachments/?mid=${id}&source=getMedia&ext=${expires}&hash=${this.hash(id, expires)}`;
  }

  /** The file behind a link that was given out and is still valid. */
  open(query: URLSearchParams, now: number): StoredMedia | undefined {
    const id = query.get('mid') ?? '';
    const expires = Number(query.get('ext'));
    const expected = Buffer.from(this.hash(id, expires));
    const given = Buffer.from(query.get('hash') ?? '');
    const valid = given.length === expected.length && timingSafeEqual(given, expected);
    return valid && now < expires * 1000 ? this.find(id, now) : undefined;
  }

  private hash(id: string, expires: number): string {
    return createHmac('sha256', this.secret).update(`${id}.${expires}`).digest('base64url');
  }
}
