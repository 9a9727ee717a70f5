import { DomainError } from '../../../domain/errors';

/** Dexatel's channels. Only WHATSAPP has adapters; the others are known so that filters by them are just empty. */
export const CHANNELS = [
  'SMS',
  'VIBER',
  'WHATSAPP',
  'TELEGRAM',
  'G_RCS',
  'EMAIL_OTP',
  'VOICE',
] as const;

/** Channels an audience may have. */
export const AUDIENCE_CHANNELS: readonly string[] = ['SMS', 'WHATSAPP', 'VIBER'];

/** A known channel in upper case, undefined when there is no filter. Throws `channel_invalid`. */
export function parseChannelFilter(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const channel = CHANNELS.find((known) => known === text.toUpperCase());
  if (channel === undefined) throw new DomainError('channel_invalid', 'Unknown channel');
  return channel;
}
