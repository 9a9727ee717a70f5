import type { ProviderFactory } from '../domain/ports';
import { parseDialog360TemplatePage } from '../wire/templateList';
import { createGraphProvider, urlsBelow } from './graph';

const PAGE_SIZE = '100';

/**
 * 360dialog: the Cloud API's bodies behind one key per number, so that paths name neither version nor number.
 * Its gateway answers 503 to too many concurrent requests before anything reaches Meta.
 */
export const createDialog360: ProviderFactory = ({ baseUrl, token }, options) => {
  const url = urlsBelow(baseUrl);
  return createGraphProvider(
    {
      credentials: { 'd360-api-key': token },
      messages: url('/messages'),
      marketingMessages: url('/marketing_messages'),
      health: url('/health_status'),
      media: {
        uploads: url('/media'),
        media: (id) => url(`/${encodeURIComponent(id)}`),
        // The answer names Meta's server, which does not know the key: 360dialog serves the same path itself.
        download: (file) => url(file.pathname, Object.fromEntries(file.searchParams)),
      },
      templates: {
        submissions: url('/v1/configs/templates'),
        page: (after) => url('/v1/configs/templates', { limit: PAGE_SIZE, offset: after ?? '0' }),
        readPage: parseDialog360TemplatePage,
        deletion: ({ name, providerTemplateId }) =>
          url('/message_templates', {
            name,
            ...(providerTemplateId && { hsm_id: providerTemplateId }),
          }),
        samples: {
          session: (file) => url('/uploads', file),
          content: (session) => url(`/${session}`),
          headers: {},
        },
      },
      refusals: [503],
    },
    options,
  );
};
