import type { Provider, ProviderOptions, SecretBox } from '../domain/ports';
import type { Sender } from '../db/schema';
import { createProvider } from '../providers/registry';

export interface ProviderPool {
  providerFor(sender: Sender): Provider;
  close(): Promise<void>;
}

/**
 * One keep-alive client per sender, opened when first needed. A sender that was changed gets a new client; the old
 * one finishes what it carries and is closed.
 */
export function createProviderPool(
  secrets: SecretBox,
  options: ProviderOptions,
  onError: (error: unknown) => void,
): ProviderPool {
  const open = new Map<string, { version: number; provider: Provider }>();
  return {
    providerFor(sender) {
      const version = sender.updated_at.getTime();
      const known = open.get(sender.id);
      if (known?.version === version) return known.provider;
      known?.provider.close().catch(onError);
      const provider = createProvider(settingsOf(sender, secrets), options);
      open.set(sender.id, { version, provider });
      return provider;
    },
    async close() {
      const providers = [...open.values()].map(({ provider }) => provider);
      open.clear();
      await Promise.all(providers.map((provider) => provider.close()));
    },
  };
}

function settingsOf(sender: Sender, secrets: SecretBox) {
  return {
    kind: sender.provider_kind,
    baseUrl: sender.provider_base_url,
    version: sender.provider_version,
    phoneNumberId: sender.phone_number_id,
    wabaId: sender.waba_id,
    token: secrets.open(sender.sealed_token),
  };
}
