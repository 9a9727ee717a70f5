import type { ProviderFactory } from '../domain/ports';
import { createGraphProvider } from './graph';

/** Meta's own API. Throws when a setting that its paths need is missing. */
export const createCloudApi: ProviderFactory = (settings, options) => {
  const { baseUrl, version, phoneNumberId, wabaId, token } = settings;
  if (version === null || phoneNumberId === null)
    throw new Error('A cloud_api sender needs a version and a phone_number_id.');
  return createGraphProvider(
    {
      baseUrl,
      headers: { authorization: `Bearer ${token}` },
      sendPath: `/${version}/${encodeURIComponent(phoneNumberId)}/messages`,
      templatePath:
        wabaId === null ? null : `/${version}/${encodeURIComponent(wabaId)}/message_templates`,
      refusals: [],
    },
    options,
  );
};
