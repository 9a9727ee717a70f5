/** Dexatel's channels. Only WHATSAPP has adapters; the others are known so that filters by them are just empty. */
const CHANNELS: ReadonlySet<string> = new Set([
  'SMS',
  'VIBER',
  'WHATSAPP',
  'TELEGRAM',
  'G_RCS',
  'EMAIL_OTP',
  'VOICE',
]);

/** Channels an audience may have. */
export const AUDIENCE_CHANNELS: readonly string[] = ['SMS', 'WHATSAPP', 'VIBER'];

export function isKnownChannel(upperCase: string): boolean {
  return CHANNELS.has(upperCase);
}
