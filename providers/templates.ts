import { Readable } from 'node:stream';
import type { CallOutcome, TemplatePage, TemplateStore } from '../domain/ports';
import { parseSubmissionResponse, templateBody } from '../wire/cloudApi';
import {
  parseSuccess,
  parseUploadOffset,
  parseUploadProgress,
  parseUploadSession,
} from '../wire/media';
import type { CallClient } from './calls';
import { outcomeOf, type Judge } from './outcome';

/** Where the templates of a sender's business account are. */
export interface TemplateEndpoint {
  submissions: URL;
  page(after: string | null): URL;
  readPage: (json: unknown) => TemplatePage | null;
  deletion(template: { name: string; providerTemplateId?: string }): URL;
  samples: SampleEndpoint;
}

/** Resumable uploads: one request opens a session, the next one fills it. */
export interface SampleEndpoint {
  session(query: Record<string, string>): URL;
  content(session: string): URL;
  /** Beside, or in place of, the provider's own. */
  headers: Record<string, string>;
}

const NO_ACCOUNT = {
  kind: 'rejected',
  code: 100,
  detail: 'The sender has no waba_id, so its templates cannot be reached.',
} as const;

/** `endpoint` is null where the settings do not say whose templates these are: everything is refused. */
export function createTemplateStore(
  client: CallClient,
  endpoint: TemplateEndpoint | null,
  judge: Judge,
): TemplateStore {
  if (endpoint === null) {
    return {
      submitTemplate: () => Promise.resolve(NO_ACCOUNT),
      listTemplates: () => Promise.resolve(NO_ACCOUNT),
      deleteTemplate: () => Promise.resolve(NO_ACCOUNT),
      uploadSample: () => Promise.resolve(NO_ACCOUNT),
      openUpload: () => Promise.resolve(NO_ACCOUNT),
      continueUpload: () => Promise.resolve(NO_ACCOUNT),
      findUpload: () => Promise.resolve(NO_ACCOUNT),
    };
  }
  const uploads = createUploads(client, endpoint.samples, judge);
  return {
    ...uploads,
    async submitTemplate(template) {
      const result = await client.call({
        method: 'POST',
        url: endpoint.submissions,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(templateBody(template)),
      });
      const outcome = outcomeOf(result, judge, parseSubmissionResponse);
      return outcome.kind === 'done' ? { ...outcome, kind: 'submitted' } : outcome;
    },
    async listTemplates(after): Promise<CallOutcome<TemplatePage>> {
      const result = await client.call({ method: 'GET', url: endpoint.page(after) });
      return outcomeOf(result, judge, endpoint.readPage);
    },
    async deleteTemplate(template) {
      const result = await client.call({ method: 'DELETE', url: endpoint.deletion(template) });
      return outcomeOf(result, judge, parseSuccess);
    },
    async uploadSample({ content, ...file }) {
      const opened = await uploads.openUpload(file);
      if (opened.kind !== 'done') return opened;
      const outcome = await uploads.continueUpload(opened.session, {
        ...file,
        offsetBytes: 0,
        content,
      });
      if (outcome.kind !== 'done') return outcome;
      const { progress } = outcome;
      return 'handle' in progress
        ? { kind: 'done', handle: progress.handle }
        : { kind: 'unknown', detail: 'the provider has not taken the whole file' };
    },
  };
}

type Uploads = Pick<TemplateStore, 'openUpload' | 'continueUpload' | 'findUpload'>;

function createUploads(client: CallClient, samples: SampleEndpoint, judge: Judge): Uploads {
  const { headers } = samples;
  return {
    async openUpload({ filename, mimeType, sizeBytes }) {
      const file = { file_name: filename, file_length: String(sizeBytes), file_type: mimeType };
      const result = await client.call({ method: 'POST', url: samples.session(file) });
      return outcomeOf(result, judge, parseUploadSession);
    },
    async continueUpload(session, { offsetBytes, sizeBytes, mimeType, content }) {
      const length = { 'content-length': String(sizeBytes), 'content-type': mimeType };
      const result = await client.call({
        method: 'POST',
        url: samples.content(session),
        headers: { ...headers, ...length, file_offset: String(offsetBytes) },
        body: Readable.from(content),
      });
      return outcomeOf(result, judge, parseUploadProgress);
    },
    async findUpload(session) {
      const result = await client.call({ method: 'GET', url: samples.content(session), headers });
      return outcomeOf(result, judge, parseUploadOffset);
    },
  };
}
