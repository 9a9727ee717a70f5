import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { DownloadOutcome, MediaStore, MediaUpload } from '../domain/ports';
import { parseMediaId, parseMediaInfo, parseSuccess } from '../wire/media';
import type { CallClient } from './calls';
import { outcomeOf, type Judge } from './outcome';

export interface MediaEndpoint {
  /** Where files are uploaded. */
  uploads: URL;
  /** Where a file is looked up and deleted. */
  media(id: string): URL;
  /**
   * Where a file is fetched that the provider keeps at this URL; null when the credentials must not go there, because
   * the URL names somebody else's server.
   */
  download(url: URL): URL | null;
}

export function createMediaStore(
  client: CallClient,
  endpoint: MediaEndpoint,
  judge: Judge,
): MediaStore {
  const find = async (id: string) => {
    const result = await client.call({ method: 'GET', url: endpoint.media(id) });
    return outcomeOf(result, judge, parseMediaInfo);
  };

  return {
    async uploadMedia(upload) {
      const result = await client.call({
        method: 'POST',
        url: endpoint.uploads,
        ...multipart(upload),
      });
      return outcomeOf(result, judge, parseMediaId);
    },
    async uploadForm({ contentType, sizeBytes, content }) {
      const result = await client.call({
        method: 'POST',
        url: endpoint.uploads,
        headers: { 'content-type': contentType, 'content-length': String(sizeBytes) },
        body: Readable.from(content),
      });
      return outcomeOf(result, judge, parseMediaId);
    },
    async findMedia(id) {
      const found = await find(id);
      return found.kind === 'done' ? { kind: 'done', media: found.media } : found;
    },
    async downloadMedia(id, { maxBytes }): Promise<DownloadOutcome> {
      const found = await find(id);
      if (found.kind !== 'done') return found;
      const { media } = found;
      if (media.sizeBytes > maxBytes) return { kind: 'too_large', sizeBytes: media.sizeBytes };
      const url = endpoint.download(found.url);
      if (url === null) return { kind: 'rejected', code: 131052, detail: FOREIGN_HOST };
      const opened = await client.open({ method: 'GET', url });
      if (opened.kind !== 'opened') return judge(opened);
      return { kind: 'done', media, content: atMost(opened.content, maxBytes) };
    },
    async deleteMedia(id) {
      const result = await client.call({ method: 'DELETE', url: endpoint.media(id) });
      return outcomeOf(result, judge, parseSuccess);
    },
  };
}

const FOREIGN_HOST = 'The provider keeps this file on a server that must not see the credentials.';

/**
 * A file as form data, without holding it in memory. The length is announced because Meta answers chunked forms that the
 * file is missing.
 */
function multipart({ mimeType, filename, sizeBytes, content }: MediaUpload): {
  headers: Record<string, string>;
  body: Readable;
} {
  const boundary = `casement-${randomUUID()}`;
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = Buffer.from(
    field('messaging_product', 'whatsapp') +
      field('type', mimeType) +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quotable(filename)}"\r\n` +
      `Content-Type: ${mimeType.replace(/[\r\n]/g, '')}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  async function* parts() {
    yield head;
    yield* content;
    yield tail;
  }
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + sizeBytes + tail.length),
    },
    body: Readable.from(parts()),
  };
}

/** Quotation marks and line breaks would end the name; the escapes are those that browsers send. */
function quotable(filename: string): string {
  return filename.replace(/["\r\n]/g, encodeURIComponent);
}

/** Fails as soon as there is more than was allowed: sizes that servers announce are not always true. */
async function* atMost(
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of content) {
    read += chunk.length;
    if (read > maxBytes) throw new Error(`The file is larger than ${maxBytes} bytes.`);
    yield chunk;
  }
}
