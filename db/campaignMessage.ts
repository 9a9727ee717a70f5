import { sql } from 'kysely';
import type { RecipientState } from '../domain/recipient';
import type { LedgerReference } from '../domain/reference';
import type { Tx } from './connect';

/** What a campaign sends to one recipient: a row of the send ledger, with what it is made from. */
export interface CampaignMessageView {
  campaign_id: string;
  position: number;
  account_id: string;
  sender_id: string;
  sender_name: string;
  sender_phone: string;
  contact_phone: string | null;
  contact_bsuid: string | null;
  template_id: string;
  body: string;
  placeholders: string[];
  parameters: string[] | null;
  state: RecipientState;
  /** Of what failed: the provider's code, or our own word. */
  reason: string | null;
  /** When it was tried first; until then, when the audience was frozen. */
  created_at: Date;
  updated_at: Date;
}

/** Also of a campaign that has been deleted: what was sent stays said. */
export function findCampaignMessage(
  db: Tx,
  accountId: string,
  { campaignId, position }: LedgerReference,
): Promise<CampaignMessageView | undefined> {
  const begun = sql<Date>`coalesce(r.first_attempt_at, k.frozen_at, k.created_at)`;
  return db
    .selectFrom('recipients as r')
    .innerJoin('campaigns as k', 'k.id', 'r.campaign_id')
    .innerJoin('templates as t', 't.id', 'k.template_id')
    .innerJoin('senders as s', 's.id', 'k.sender_id')
    .innerJoin('contacts as p', 'p.id', 'r.contact_id')
    .select(['r.campaign_id', 'r.position', 'r.parameters', 'r.state', 'r.reason'])
    .select([
      'k.account_id',
      'k.template_id',
      't.body',
      't.placeholders',
      'p.bsuid as contact_bsuid',
    ])
    .select(['s.id as sender_id', 's.name as sender_name', 's.phone as sender_phone'])
    .select(sql<string | null>`coalesce(nullif(r.phone, ''), p.phone)`.as('contact_phone'))
    .select(begun.as('created_at'))
    .select(sql<Date>`greatest(r.status_at, r.attempt_at, ${begun})`.as('updated_at'))
    .where('k.account_id', '=', accountId)
    .where('r.campaign_id', '=', campaignId)
    .where('r.position', '=', position)
    .executeTakeFirst();
}
