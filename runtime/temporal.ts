import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from './config';

export interface TemporalSettings {
  connection: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  namespace: string;
}

/**
 * The standard TEMPORAL_* variables, through Temporal's own loader. Its silent traps become sentences: a certificate
 * without its key, and a configuration file that is not there.
 */
export function temporalSettings(config: Config): TemporalSettings {
  if (!config.TEMPORAL_ADDRESS) throw new Error('TEMPORAL_ADDRESS is not set.');
  const loaded = loadClientConnectConfig();
  const { tls } = loaded.connectionOptions;
  if (tls && typeof tls === 'object' && tls.clientCertPair && !tls.clientCertPair.key?.length) {
    throw new Error('A Temporal client certificate is set without its key.');
  }
  return {
    connection: { ...loaded.connectionOptions, address: config.TEMPORAL_ADDRESS },
    namespace: loaded.namespace ?? 'default',
  };
}
