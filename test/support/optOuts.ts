import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { setGates } from '../../db/campaign';
import type { Db } from '../../db/connect';
import { takeTurn, type Turn } from '../../db/ledger';
import { forecastAudience, freezeAudience } from '../../db/recipient';
import type { Campaign } from '../../db/schema';
import type { World } from './build';
import { change, Mail, seconds } from './inbound';

export const HOUR = 3_600_000;
/** Opt-outs of marketing alone. */
export const MARKETING_SOURCES = ['user_preferences', 'provider_131050'];

export const ago = (ms: number): Date => new Date(Date.now() - ms);

/** The numbers that a turn sends to. */
export const phones = ({ claimed }: Turn): string[] => claimed.map(({ phone }) => phone);

/** One sender's list of opt-outs, and what it leaves of the account's campaigns. */
export class OptOutStage extends Mail {
  constructor(
    private readonly database: Db,
    private readonly pool: Pool,
    private readonly place: World,
  ) {
    super(database, place);
  }

  /** `source address`, by address. */
  async sources(): Promise<string[]> {
    const rows = await this.database
      .selectFrom('blockers')
      .select(['phone', 'source'])
      .where('sender_id', '=', this.place.sender.id)
      .orderBy('phone')
      .execute();
    return rows.map(({ phone, source }) => `${source} ${phone}`);
  }

  async scope(address: string): Promise<string | undefined> {
    const row = await this.database
      .selectFrom('blockers')
      .select('scope')
      .where('sender_id', '=', this.place.sender.id)
      .where('phone', '=', address)
      .executeTakeFirst();
    return row?.scope;
  }

  /** Lists somebody as of yesterday. */
  async list(source: string, address: string): Promise<void> {
    await this.database
      .insertInto('blockers')
      .values({
        sender_id: this.place.sender.id,
        phone: address,
        source,
        scope: MARKETING_SOURCES.includes(source) ? 'marketing' : 'all',
        created_at: ago(24 * HOUR),
      })
      .execute();
  }

  /** The webhook of the switch in WhatsApp. */
  prefer(value: string, user: object, at = new Date()): object {
    const stamp = { category: 'marketing_messages', value, timestamp: seconds(at) };
    return change('user_preferences', {
      metadata: { phone_number_id: this.place.sender.phone_number_id },
      user_preferences: [{ ...user, ...stamp }],
    });
  }

  /** How many of the campaign's audience a preflight expects to reach. */
  async reach(
    { audience_id: audienceId, sender_id: senderId }: Campaign,
    marketing: boolean,
  ): Promise<number> {
    const input = { audienceId, senderId, marketing, placeholders: [], variables: {} };
    return (await forecastAudience(this.database, input)).sendable;
  }

  async freeze(campaign: Campaign, marketing: boolean): Promise<void> {
    await freezeAudience(this.database, {
      campaignId: campaign.id,
      audienceId: campaign.audience_id,
      senderId: campaign.sender_id,
      marketing,
      placeholders: [],
      variables: {},
      localSchedule: null,
      accountTimeZone: 'UTC',
    });
    await setGates(this.database, campaign.id, true);
  }

  /** Claims the positions before this one. */
  claim(
    { id: campaignId, sender_id: senderId }: Campaign,
    to: number,
    marketing: boolean,
  ): Promise<Turn> {
    const lane = { campaignId, senderId, slot: 0, lease: randomUUID(), marketing };
    return takeTurn(this.pool, lane, [], { kind: 'positions', from: 1, to });
  }
}
