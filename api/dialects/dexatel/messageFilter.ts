import type { Request } from 'express';
import { numbersOf } from '../../../domain/country';
import { DomainError } from '../../../domain/errors';
import { parsePhone } from '../../../domain/phone';
import type { MessageFilter } from '../../../db/messageList';
import { parseChannelFilter } from './channel';
import { readDexatelDate } from './date';
import { isUuid } from './input';
import { statesOf } from './messageStatus';
import { queryText } from './page';

/** A list that is asked for with more is refused. */
const LIST_MAX = 100;

/** Dexatel's filters. Throws `invalid_request` for one that means nothing, and `channel_invalid`. */
export function parseMessageFilter(request: Request): Omit<MessageFilter, 'limit' | 'after'> {
  const text = (name: string) => queryText(request, `filter[${name}]`)?.trim() || undefined;
  return {
    channel: parseChannelFilter(text('channel')),
    direction: directionOf(text('direction')),
    statuses: statusesOf(text('statuses')),
    senderIds: listOf('sender_ids', text('sender_ids'), senderId),
    from: partyOf(text('from')),
    to: partyOf(text('to')),
    toPrefix: prefixOf(text('to_prefix')),
    customerPattern: patternOf(text('countries')),
    createdFrom: dateOf('created_date_start', text('created_date_start')),
    createdTo: endOf(dateOf('created_date_end', text('created_date_end'))),
  };
}

function directionOf(text: string | undefined): MessageFilter['direction'] {
  if (text === undefined) return undefined;
  if (text.toUpperCase() === 'MT') return 'outbound';
  if (text.toUpperCase() === 'MO') return 'inbound';
  throw refusal('direction');
}

function statusesOf(text: string | undefined): string[] | undefined {
  return listOf('statuses', text, (word) => statesOf(word.toLowerCase()))?.flat();
}

function senderId(text: string): string | null {
  return isUuid(text) ? text.toLowerCase() : null;
}

/** A number in any form; or a sender's name, which may look like one. */
function partyOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const phone = parsePhone(text);
  return phone === null ? [text] : [text, phone];
}

function prefixOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const digits = text.replace(/^\+/, '');
  if (!/^[0-9]{1,15}$/.test(digits)) throw refusal('to_prefix');
  return `+${digits}`;
}

function patternOf(text: string | undefined): string | undefined {
  const patterns = listOf('countries', text, (code) => numbersOf(code.toUpperCase()));
  return patterns?.join('|');
}

function dateOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const moment = readDexatelDate(text);
  if (moment === null) throw refusal(name);
  return moment.toJSDate();
}

/** Dates are shown to the second: all of it belongs to the range. */
function endOf(date: Date | undefined): Date | undefined {
  return date && new Date(date.getTime() + 999);
}

/** A comma list of what can be read. */
function listOf<T>(
  name: string,
  text: string | undefined,
  read: (part: string) => T | null,
): T[] | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > LIST_MAX) throw refusal(name);
  return parts.map((part) => {
    const value = read(part);
    if (value === null) throw refusal(name);
    return value;
  });
}

function refusal(name: string): DomainError {
  return new DomainError('invalid_request', `'filter[${name}]' is invalid`);
}
