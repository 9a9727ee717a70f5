import type { ProviderFactory, ProviderSettings } from '../domain/ports';
import { createCloudApi } from './cloudApi';
import { createDialog360 } from './dialog360';

const FACTORIES: Record<ProviderSettings['kind'], ProviderFactory> = {
  cloud_api: createCloudApi,
  '360dialog': createDialog360,
};

/** Opens the provider that a sender's settings name. The caller closes it. */
export const createProvider: ProviderFactory = (settings, options) =>
  FACTORIES[settings.kind](settings, options);
