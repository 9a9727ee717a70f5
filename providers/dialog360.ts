import type { ProviderFactory } from '../domain/ports';
import { createGraphProvider } from './graph';

/**
 * 360dialog: the Cloud API's bodies behind one key per number, so that paths name neither version nor number.
 * Its gateway answers 503 to too many concurrent requests before anything reaches Meta.
 */
export const createDialog360: ProviderFactory = ({ baseUrl, token }, options) =>
  createGraphProvider(
    {
      baseUrl,
      headers: { 'd360-api-key': token },
      sendPath: '/messages',
      templatePath: '/v1/configs/templates',
      refusals: [503],
    },
    options,
  );
