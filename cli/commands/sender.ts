import { Option, type Command } from 'commander';
import { z } from 'zod';
import { apiClient, understand, withApiOptions, type ApiOptions } from '../api';
import { positive } from '../arguments';

interface CreateOptions extends ApiOptions {
  name: string;
  phone: string;
  kind: string;
  baseUrl: string;
  apiVersion?: string;
  phoneNumberId?: string;
  wabaId?: string;
  rate?: number;
  token: string;
  appSecret?: string;
  verifyToken?: string;
}

const senders = z.array(
  z.object({ id: z.string(), name: z.string(), code: z.string(), status: z.string() }),
);

export function register(program: Command): void {
  const sender = program.command('sender').description('WhatsApp senders');
  withApiOptions(sender.command('create'))
    .description('add a sender; give its secrets through the environment')
    .requiredOption('--name <name>', 'unique name')
    .requiredOption('--phone <number>', 'number with country code')
    .requiredOption('--base-url <url>', "the provider's address")
    .option('--kind <kind>', 'cloud_api or 360dialog', 'cloud_api')
    .option('--api-version <version>', 'Graph version, for example v24.0')
    .option('--phone-number-id <id>', 'required for cloud_api')
    .option('--waba-id <id>', 'WhatsApp business account')
    .option('--rate <n>', 'messages per second', positive)
    .addOption(secret('--token <token>', 'CASEMENT_PROVIDER_TOKEN').makeOptionMandatory())
    .addOption(secret('--app-secret <secret>', 'CASEMENT_PROVIDER_APP_SECRET'))
    .addOption(secret('--verify-token <token>', 'CASEMENT_PROVIDER_VERIFY_TOKEN'))
    .action(create);
  withApiOptions(sender.command('list')).description('list senders').action(list);
}

/** Arguments are seen by everyone on the machine and kept by shells: the variable is the better way. */
function secret(flags: string, variable: string): Option {
  return new Option(flags, 'secret of the provider').env(variable);
}

async function create(options: CreateOptions): Promise<void> {
  const api = await apiClient(options);
  const data = await api.call('POST', '/v1/senders', {
    name: options.name,
    channel: 'WHATSAPP',
    phone: options.phone,
    rate_per_second: options.rate,
    provider: {
      kind: options.kind,
      base_url: options.baseUrl,
      version: options.apiVersion,
      phone_number_id: options.phoneNumberId,
      waba_id: options.wabaId,
      token: options.token,
      app_secret: options.appSecret,
      verify_token: options.verifyToken,
    },
  });
  console.log(JSON.stringify(data, null, 2));
}

async function list(options: ApiOptions): Promise<void> {
  const api = await apiClient(options);
  for (const one of understand(senders, await api.call('GET', '/v1/senders?page_size=100'))) {
    console.log([one.id, one.name, one.code, one.status].join('\t'));
  }
}
