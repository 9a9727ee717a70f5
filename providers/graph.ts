import { httpFailureCode, PROVIDER_UNREACHABLE } from '../domain/failure';
import type { Provider, ProviderOptions, SendOutcome, SubmissionOutcome } from '../domain/ports';
import {
  parseErrorBody,
  parseSendResponse,
  parseSubmissionResponse,
  sendBody,
  templateBody,
} from '../wire/cloudApi';
import { openClient, type PostResult } from './http';

/** Where an API of the Cloud API's shape is found, and what opens it. */
export interface GraphEndpoint {
  /** Origin and optional path, without a trailing slash. */
  baseUrl: string;
  headers: Record<string, string>;
  /** Relative to `baseUrl`, with a leading slash. */
  sendPath: string;
  /** Null where the settings do not say whose templates these are: submissions are refused. */
  templatePath: string | null;
  /** Statuses of 500 and above with which the API refuses a request that it did not pass on. */
  refusals: readonly number[];
}

/** Longest text of a provider that is kept. */
const DETAIL_LENGTH = 500;

const NO_ACCOUNT: SubmissionOutcome = {
  kind: 'rejected',
  code: 100,
  detail: 'The sender has no waba_id, so its templates cannot be submitted.',
};

/**
 * A provider that speaks the Cloud API. Paths and headers are computed once, so that sending costs one
 * `JSON.stringify`, one POST and one `JSON.parse`.
 */
export function createGraphProvider(endpoint: GraphEndpoint, options: ProviderOptions): Provider {
  const base = new URL(endpoint.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const sendPath = prefix + endpoint.sendPath;
  const client = openClient(base.origin, endpoint.headers, options);

  return {
    send: (message) =>
      client
        .post(sendPath, JSON.stringify(sendBody(message)))
        .then((result) => sendOutcome(result, endpoint.refusals)),
    async submitTemplate(template) {
      if (endpoint.templatePath === null) return NO_ACCOUNT;
      const path = prefix + endpoint.templatePath;
      const result = await client.post(path, JSON.stringify(templateBody(template)));
      return submissionOutcome(result, endpoint.refusals);
    },
    close: () => client.close(),
  };
}

function sendOutcome(result: PostResult, refusals: readonly number[]): SendOutcome {
  if (result.kind !== 'answered' || !isSuccess(result.status)) return notDone(result, refusals);
  const accepted = parseSendResponse(readJson(result.body));
  if (accepted === null) return { kind: 'unknown', detail: 'the answer names no message' };
  return { kind: 'accepted', ...accepted };
}

function submissionOutcome(result: PostResult, refusals: readonly number[]): SubmissionOutcome {
  if (result.kind !== 'answered' || !isSuccess(result.status)) return notDone(result, refusals);
  const submitted = parseSubmissionResponse(readJson(result.body));
  if (submitted === null) return { kind: 'unknown', detail: 'the answer names no template' };
  return { kind: 'submitted', ...submitted };
}

type NotDone = Exclude<SendOutcome, { kind: 'accepted' }>;

/**
 * What a POST without success means. An error body with a code decides by itself, whatever the status.
 * Without one, a 4xx is a refusal, and a 5xx says nothing about the message.
 */
function notDone(result: PostResult, refusals: readonly number[]): NotDone {
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
      detail: error.detail.slice(0, DETAIL_LENGTH),
      ...patience,
    };
  }
  const detail = `HTTP ${status} ${body.trim()}`.slice(0, DETAIL_LENGTH).trimEnd();
  if (status >= 500 && !refusals.includes(status)) return { kind: 'unknown', detail };
  return { kind: 'rejected', code: httpFailureCode(status), detail, ...patience };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
