import type { ProviderFactory } from '../domain/ports';
import { HEALTH_FIELDS } from '../wire/health';
import { parseTemplatePage, TEMPLATE_FIELDS } from '../wire/templateList';
import { createGraphProvider, urlsBelow } from './graph';
import type { TemplateEndpoint } from './templates';

/** Where Meta keeps files: the only hosts beside the API's own that may see the token. */
const MEDIA_HOST = /(^|\.)fbsbx\.com$/;
const PAGE_SIZE = '100';

/** Meta's own API. Throws when a setting that its paths need is missing. */
export const createCloudApi: ProviderFactory = (settings, options) => {
  const { baseUrl, version, phoneNumberId, wabaId, token } = settings;
  if (version === null || phoneNumberId === null)
    throw new Error('A cloud_api sender needs a version and a phone_number_id.');
  const url = urlsBelow(`${baseUrl.replace(/\/+$/, '')}/${version}`);
  const number = `/${encodeURIComponent(phoneNumberId)}`;
  const { origin } = new URL(baseUrl);
  return createGraphProvider(
    {
      credentials: { authorization: `Bearer ${token}` },
      messages: url(`${number}/messages`),
      marketingMessages: url(`${number}/marketing_messages`),
      health: url(number, { fields: HEALTH_FIELDS }),
      media: {
        uploads: url(`${number}/media`),
        media: (id) => url(`/${encodeURIComponent(id)}`, { phone_number_id: phoneNumberId }),
        download: (file) => (file.origin === origin || isMetas(file) ? file : null),
      },
      templates: wabaId === null ? null : templatesOf(url, wabaId, token),
      refusals: [],
    },
    options,
  );
};

function isMetas(file: URL): boolean {
  return file.protocol === 'https:' && MEDIA_HOST.test(file.hostname);
}

function templatesOf(
  url: ReturnType<typeof urlsBelow>,
  wabaId: string,
  token: string,
): TemplateEndpoint {
  const path = `/${encodeURIComponent(wabaId)}/message_templates`;
  return {
    submissions: url(path),
    page: (after) =>
      url(path, { fields: TEMPLATE_FIELDS, limit: PAGE_SIZE, ...(after !== null && { after }) }),
    readPage: parseTemplatePage,
    deletion: ({ name, providerTemplateId }) =>
      url(path, { name, ...(providerTemplateId && { hsm_id: providerTemplateId }) }),
    samples: {
      session: (file) => url('/app/uploads', file),
      content: (session) => url(`/${session}`),
      // The upload guide's own word, where all other endpoints say Bearer.
      headers: { authorization: `OAuth ${token}` },
    },
  };
}
