import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../db/connect';
import type { SecretBox } from '../domain/ports';
import { parameterFormatOf, placeholdersOf } from '../domain/template';
import { findApiKeyByHash } from '../db/apiKey';
import { systemClock } from '../runtime/runtime';
import { createApiKey, hashApiKey } from '../usecases/apiKey';
import type { HomeSecrets } from './home';

/** Fixed, so that examples and scripts can name them. */
export const DEVELOPMENT = {
  accountId: '0193a1f0-0000-7000-8000-000000000001',
  senderId: '0193a1f0-0000-7000-8000-000000000002',
  senderName: 'MyBusiness',
  phone: '+14155550100',
  phoneNumberId: '106540352242922',
  wabaId: '102290129340398',
  version: 'v24.0',
  audienceId: '4f6b8d2a-1c3e-5a7f-9b0d-2e4c6a8f0b1d',
  orderShippedId: '0193a1f0-0000-7000-8000-000000000012',
  agentId: '0193a1f0-0000-7000-8000-000000000021',
} as const;

const TEMPLATES = [
  {
    id: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
    name: 'product_launch',
    category: 'MARKETING',
    body: 'Our spring collection is here. Reply STOP to opt out.',
  },
  {
    id: '0193a1f0-0000-7000-8000-000000000011',
    name: 'hello_world',
    category: 'UTILITY',
    body: 'Hello World. Welcome and congratulations!',
  },
  {
    id: DEVELOPMENT.orderShippedId,
    name: 'order_shipped',
    category: 'UTILITY',
    body: 'Your order {{order_id}} has shipped and arrives on {{eta}}.',
  },
] as const;

const CONTACTS = [
  {
    phone: '+14155552671',
    first_name: 'Sarah',
    last_name: 'Chen',
    time_zone: 'America/Los_Angeles',
  },
  { phone: '+2348012345678', first_name: 'Ada', last_name: 'Lovelace', time_zone: 'Africa/Lagos' },
  { phone: '+4915112345678', first_name: 'Jonas', last_name: 'Weber', time_zone: 'Europe/Berlin' },
] as const;

export interface SeedOptions {
  secrets: SecretBox;
  home: HomeSecrets;
  simulatorUrl: string;
}

/**
 * The account, sender, templates, audience and keys of the development stack. May run at every start: what is
 * there stays, but the sender follows the simulator's address and this home's secrets. Answers the hook key.
 */
export async function seedDevelopment(db: Db, options: SeedOptions): Promise<{ hookKey: string }> {
  await db
    .insertInto('accounts')
    .values({ id: DEVELOPMENT.accountId, name: 'Development' })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const hookKey = await seedSender(db, options);
  await seedTemplates(db);
  await seedAudience(db);
  await seedKeys(db, options.home);
  return { hookKey };
}

async function seedSender(db: Db, { secrets, home, simulatorUrl }: SeedOptions): Promise<string> {
  const provider = {
    provider_base_url: simulatorUrl,
    sealed_token: secrets.seal(home.provider.token),
    sealed_app_secret: secrets.seal(home.provider.appSecret),
    sealed_verify_token: secrets.seal(home.provider.verifyToken),
  };
  const sender = await db
    .insertInto('senders')
    .values({
      ...provider,
      id: DEVELOPMENT.senderId,
      account_id: DEVELOPMENT.accountId,
      name: DEVELOPMENT.senderName,
      phone: DEVELOPMENT.phone,
      provider_kind: 'cloud_api',
      provider_version: DEVELOPMENT.version,
      phone_number_id: DEVELOPMENT.phoneNumberId,
      waba_id: DEVELOPMENT.wabaId,
      hook_key: randomBytes(16).toString('hex'),
      window_policy: 'customer_message',
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(provider))
    .returning('hook_key')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('budgets')
    .values({ id: DEVELOPMENT.senderId })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return sender.hook_key;
}

async function seedTemplates(db: Db): Promise<void> {
  const rows = TEMPLATES.map((template) => {
    const placeholders = placeholdersOf(template.body);
    return {
      ...template,
      account_id: DEVELOPMENT.accountId,
      sender_id: DEVELOPMENT.senderId,
      channel: 'WHATSAPP',
      status: 'approved' as const,
      parameter_format: parameterFormatOf(placeholders),
      placeholders,
    };
  });
  await db
    .insertInto('templates')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function seedAudience(db: Db): Promise<void> {
  const { accountId, audienceId } = DEVELOPMENT;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('audiences')
    .values({ id: audienceId, account_id: accountId, name: 'customers', channel: 'WHATSAPP' })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  // A list the developer changed since stays as it is.
  if (!numInsertedOrUpdatedRows) return;
  await db
    .insertInto('contacts')
    .values(CONTACTS.map((contact) => ({ ...contact, account_id: accountId })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await sql`
    INSERT INTO audience_contacts (audience_id, contact_id)
      SELECT ${audienceId}, id FROM contacts
      WHERE account_id = ${accountId} AND phone = ANY(${CONTACTS.map(({ phone }) => phone)})
      ON CONFLICT DO NOTHING`.execute(db);
  await sql`
    UPDATE audiences SET contacts_count = (SELECT count(*) FROM audience_contacts
      WHERE audience_id = ${audienceId}) WHERE id = ${audienceId}`.execute(db);
}

/** The dialects that name no sender in their requests get keys that are bound to one; the inbox's is an agent's. */
async function seedKeys(db: Db, { apiKeys }: HomeSecrets): Promise<void> {
  const { accountId, agentId } = DEVELOPMENT;
  await db
    .insertInto('agents')
    .values({ id: agentId, account_id: accountId, name: 'Developer' })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const bound = new Set(['sendexa', 'd360']);
  for (const [name, secret] of Object.entries(apiKeys)) {
    if (await findApiKeyByHash(db, hashApiKey(secret))) continue;
    await createApiKey(
      { db, clock: systemClock },
      {
        accountId,
        name: `development ${name}`,
        scopes: ['*'],
        secret,
        ...(bound.has(name) ? { senderId: DEVELOPMENT.senderId } : {}),
        ...(name === 'inbox' ? { agentId } : {}),
      },
    );
  }
}
