import type { Provider } from '../../domain/ports';

const unknown = async () => ({ kind: 'unknown', detail: 'nobody is there' }) as const;

/** A provider that does not answer, except to what the test gives it. */
export function quietProvider(answers: Partial<Provider>): Provider {
  return {
    send: unknown,
    uploadMedia: unknown,
    uploadForm: unknown,
    findMedia: unknown,
    downloadMedia: unknown,
    deleteMedia: unknown,
    submitTemplate: unknown,
    uploadSample: unknown,
    openUpload: unknown,
    continueUpload: unknown,
    findUpload: unknown,
    listTemplates: unknown,
    deleteTemplate: unknown,
    markRead: unknown,
    health: unknown,
    close: () => Promise.resolve(),
    ...answers,
  };
}
