import type { Provider, ProviderOptions, SecretBox } from '../domain/ports';
import type { Sender } from '../db/schema';
import { createProvider } from '../providers/registry';

/** How long a replaced client may finish what it has begun (milliseconds). */
const RETIRE_AFTER_MS = 60_000;

/** One keep-alive client per sender, replaced when the sender's settings change. */
export class SenderProviders {
  private readonly clients = new Map<string, { version: number; provider: Provider }>();

  constructor(
    private readonly secrets: SecretBox,
    private readonly options: ProviderOptions,
  ) {}

  for(sender: Sender): Provider {
    const version = sender.updated_at.getTime();
    const known = this.clients.get(sender.id);
    if (known?.version === version) return known.provider;
    if (known) setTimeout(() => void known.provider.close(), RETIRE_AFTER_MS).unref();
    const provider = createProvider(
      {
        kind: sender.provider_kind,
        baseUrl: sender.provider_base_url,
        version: sender.provider_version,
        phoneNumberId: sender.phone_number_id,
        wabaId: sender.waba_id,
        token: this.secrets.open(sender.sealed_token),
      },
      this.options,
    );
    this.clients.set(sender.id, { version, provider });
    return provider;
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map(({ provider }) => provider.close()));
  }
}
