import { randomBytes, randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import { insertCampaign } from '../../db/campaign';
import { json, type Db } from '../../db/connect';
import type { Campaign, NewCampaign, Sender, Template } from '../../db/schema';
import { sql } from 'kysely';

/** What a test starts from; each value can be overridden where the test cares. */
export interface World {
  accountId: string;
  sender: Sender;
  template: Template;
  audienceId: string;
  campaign: Campaign;
}

export interface WorldOptions {
  recipients?: number;
  ratePerSecond?: number;
  body?: string;
  placeholders?: string[];
  campaign?: Partial<NewCampaign>;
  baseUrl?: string;
  token?: string;
  sealed?: (plain: string) => string;
  phoneNumberId?: string;
  appSecret?: string;
}

const asIs = (plain: string): string => plain;

/** An account with a sender, an approved template, an audience of numbered contacts and a campaign that is due. */
export async function buildWorld(db: Db, options: WorldOptions = {}): Promise<World> {
  const seal = options.sealed ?? asIs;
  const { id: accountId } = await db
    .insertInto('accounts')
    .values({ name: 'Test' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const sender = await db
    .insertInto('senders')
    .values({
      account_id: accountId,
      name: 'MyBusiness',
      phone: '+15550000001',
      provider_kind: 'cloud_api',
      provider_base_url: options.baseUrl ?? 'http://127.0.0.1:1',
      provider_version: 'v24.0',
      phone_number_id: options.phoneNumberId ?? '1000001',
      waba_id: '2000001',
      sealed_token: seal(options.token ?? 'token'),
      sealed_app_secret: options.appSecret ? seal(options.appSecret) : null,
      hook_key: randomBytes(12).toString('hex'),
      rate_per_second: options.ratePerSecond ?? 1_000_000,
      window_policy: 'customer_message',
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await db.insertInto('budgets').values({ id: sender.id }).execute();
  const template = await db
    .insertInto('templates')
    .values({
      account_id: accountId,
      name: 'spring_sale',
      channel: 'WHATSAPP',
      category: 'MARKETING',
      status: 'approved',
      body: options.body ?? 'Hello!',
      parameter_format: 'named',
      placeholders: options.placeholders ?? [],
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const audienceId = await buildAudience(db, accountId, options.recipients ?? 10);
  const campaign = await insertCampaign(db, {
    account_id: accountId,
    sender_id: sender.id,
    template_id: template.id,
    audience_id: audienceId,
    name: `Campaign ${randomUUID()}`,
    channel: 'WHATSAPP',
    status: 'in_progress',
    due_at: DateTime.utc().minus(1000).toJSDate(),
    ...options.campaign,
  });
  return { accountId, sender, template, audienceId, campaign };
}

/** Contacts +1555 0100 000 upwards, named `Name 1`, `Name 2` … */
export async function buildAudience(db: Db, accountId: string, size: number): Promise<string> {
  const { id } = await db
    .insertInto('audiences')
    .values({
      account_id: accountId,
      name: `audience ${randomUUID()}`,
      channel: 'WHATSAPP',
      contacts_count: size,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    WITH people AS (
      INSERT INTO contacts (account_id, phone, first_name, attributes)
      SELECT ${accountId}::uuid, '+1' || (5550100000 + n), 'Name ' || n, ${json({})}::jsonb
      FROM generate_series(1, ${size}) AS n
      ON CONFLICT (account_id, phone) DO UPDATE SET updated_at = now()
      RETURNING id
    )
    INSERT INTO audience_contacts (audience_id, contact_id) SELECT ${id}::uuid, id FROM people`.execute(
    db,
  );
  return id;
}

export const phoneOf = (n: number): string => `+1${5550100000 + n}`;
