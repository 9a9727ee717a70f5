import { httpFailureCode, PROVIDER_UNREACHABLE } from '../domain/failure';
import type { CallOutcome, Rejected, Unknown } from '../domain/ports';
import { parseStorable, storableText } from '../domain/storable';
import { parseErrorBody } from '../wire/cloudApi';
import type { PostResult } from './http';

/** Longest text of a provider that is kept. */
const DETAIL_LENGTH = 500;

/** What a request without success means; see `notDone`. */
export type Judge = (result: PostResult) => Rejected | Unknown;

/**
 * What a request without success means. An error body with a code decides by itself, whatever the status. Without
 * one, a 4xx is a refusal, and a 5xx says nothing, unless it is among `refusals`.
 */
export function notDone(result: PostResult, refusals: readonly number[]): Rejected | Unknown {
  if (result.kind === 'refused')
    return { kind: 'rejected', code: PROVIDER_UNREACHABLE, detail: result.detail };
  if (result.kind === 'lost') return { kind: 'unknown', detail: result.detail };

  const { status, body, retryAfterMs } = result;
  const patience = retryAfterMs === undefined ? {} : { retryAfterMs };
  const error = parseErrorBody(readJson(body));
  if (error !== null) {
    return {
      kind: 'rejected',
      code: error.code,
      detail: kept(error.detail),
      ...patience,
    };
  }
  const detail = kept(`HTTP ${status} ${body.trim()}`).trimEnd();
  if (status >= 500 && !refusals.includes(status)) return { kind: 'unknown', detail };
  return { kind: 'rejected', code: httpFailureCode(status), detail, ...patience };
}

/** Half of a character where the text is cut, too, is nothing that can be stored. */
function kept(text: string): string {
  return storableText(text.slice(0, DETAIL_LENGTH));
}

/** A successful answer as `read` understands it; one that it cannot read (null) leaves open what happened. */
export function outcomeOf<T>(
  result: PostResult,
  judge: Judge,
  read: (json: unknown) => T | null,
): CallOutcome<T> {
  if (!isSuccess(result)) return judge(result);
  const value = read(readJson(result.body));
  return value === null
    ? { kind: 'unknown', detail: 'the answer cannot be read' }
    : { kind: 'done', ...value };
}

export function isSuccess(result: PostResult): result is Extract<PostResult, { kind: 'answered' }> {
  return result.kind === 'answered' && result.status >= 200 && result.status < 300;
}

export function readJson(text: string): unknown {
  try {
    return parseStorable(text);
  } catch {
    return undefined;
  }
}
