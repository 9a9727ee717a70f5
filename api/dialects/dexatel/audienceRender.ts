import { phoneDigits } from '../../../domain/phone';
import type { Audience, Contact } from '../../../db/schema';
import type { ImportReport } from '../../../usecases/import';
import type { AudienceAnswer, ContactAnswer, ImportAnswer } from './audienceOperations';
import { dexatelDate } from './date';

export function renderAudience(audience: Audience): AudienceAnswer {
  const self = `/v1/audiences/${audience.id}`;
  return {
    id: audience.id,
    account_id: audience.account_id,
    name: audience.name,
    channel: audience.channel,
    contacts_count: audience.contacts_count,
    create_date: dexatelDate(audience.created_at),
    update_date: dexatelDate(audience.updated_at),
    links: { self, account: null, contacts: `${self}/contacts` },
  };
}

/** `timestamp` and `date` are Dexatel's older names of custom1 and custom2; both are shown. */
export function renderContact(contact: Contact, audienceId: string): ContactAnswer {
  const audience = `/v1/audiences/${audienceId}`;
  return {
    id: contact.id,
    account_id: contact.account_id,
    audience_id: audienceId,
    number: contact.phone === null ? null : phoneDigits(contact.phone),
    first_name: contact.first_name,
    last_name: contact.last_name,
    timestamp: contact.custom1,
    date: contact.custom2,
    custom1: contact.custom1,
    custom2: contact.custom2,
    tags: contact.tags,
    time_zone: contact.time_zone,
    attributes: contact.attributes,
    create_date: dexatelDate(contact.created_at),
    update_date: dexatelDate(contact.updated_at),
    links: { self: `${audience}/contacts/${contact.id}`, account: null, audience },
  };
}

export function renderImport(report: ImportReport): ImportAnswer {
  const { accepted, updated, duplicates, rejected, errors } = report;
  return { accepted, updated, duplicates, rejected, errors };
}
