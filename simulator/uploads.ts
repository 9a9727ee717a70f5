import { randomBytes } from 'node:crypto';
import { ok, type Answer } from './answers';
import { UNSUPPORTED, type GraphError } from './graphError';

interface Session {
  length: number;
  offset: number;
}

/** Resumable uploads: how samples for the review of templates get their handles. The bytes are only counted. */
export class Uploads {
  private readonly sessions = new Map<string, Session>();
  private readonly handles = new Set<string>();

  /** `POST …/uploads?file_length=&file_type=` */
  open(query: URLSearchParams): Answer | GraphError {
    const length = Number(query.get('file_length'));
    if (!Number.isInteger(length) || length < 1)
      return { code: 100, message: '(#100) The parameter file_length is required.' };
    if (!query.get('file_type'))
      return { code: 100, message: '(#100) The parameter file_type is required.' };
    const id = `upload:${randomBytes(12).toString('base64url')}`;
    this.sessions.set(id, { length, offset: 0 });
    return ok({ id });
  }

  /** `GET` and `POST /upload:…`: how much is there, and more of it. Answers the handle with the last byte. */
  answer(id: string, method: string, fileOffset: number, raw: Buffer): Answer | GraphError {
    const session = this.sessions.get(id);
    if (session === undefined) return UNSUPPORTED;
    if (method === 'GET') return ok({ id, file_offset: session.offset });
    if (fileOffset !== session.offset)
      return { code: 100, message: `(#100) The file_offset must be ${session.offset}.` };
    session.offset += raw.length;
    if (session.offset < session.length) return ok({ id, file_offset: session.offset });
    this.sessions.delete(id);
    const handle = `4::${randomBytes(18).toString('base64url')}`;
    this.handles.add(handle);
    return ok({ h: handle });
  }

  /** Links do not do in place of handles. */
  isHandle(handle: string): boolean {
    return this.handles.has(handle);
  }
}
