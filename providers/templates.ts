import { Readable } from 'node:stream';
import type { CallOutcome, TemplatePage, TemplateStore } from '../domain/ports';
import { parseSubmissionResponse, templateBody } from '../wire/cloudApi';
import { parseSuccess, parseUploadHandle, parseUploadSession } from '../wire/media';
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
    };
  }
  return {
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
    async uploadSample({ filename, mimeType, sizeBytes, content }) {
      const { samples } = endpoint;
      const file = { file_name: filename, file_length: String(sizeBytes), file_type: mimeType };
      const asked = await client.call({ method: 'POST', url: samples.session(file) });
      const opened = outcomeOf(asked, judge, parseUploadSession);
      if (opened.kind !== 'done') return opened;
      const length = { 'content-length': String(sizeBytes), 'content-type': mimeType };
      const result = await client.call({
        method: 'POST',
        url: samples.content(opened.session),
        headers: { ...samples.headers, ...length, file_offset: '0' },
        body: Readable.from(content),
      });
      return outcomeOf(result, judge, parseUploadHandle);
    },
  };
}
