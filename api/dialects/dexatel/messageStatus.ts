/** Dexatel's words, as it lists them; `received` is what customers wrote. */
export const STATUS_NAMES = [
  'sent',
  'enroute',
  'delivered',
  'read',
  'failed',
  'unsubscribed',
  'received',
] as const;

type StatusName = (typeof STATUS_NAMES)[number];

/** What each stands for in the send ledger: `sent` is accepted and queued, `enroute` is with WhatsApp, or may be. */
const LEDGER: Readonly<Record<StatusName, readonly string[]>> = {
  sent: ['pending', 'claimed'],
  enroute: ['sent', 'unknown'],
  delivered: ['delivered'],
  read: ['read'],
  failed: ['failed'],
  unsubscribed: ['skipped'],
  received: ['received'],
};

/** Other words of its documentation, one of them misspelt there; nothing is ever `scheduled` here. */
const FURTHER: Readonly<Record<string, readonly string[]>> = {
  seen: LEDGER.read,
  faild: LEDGER.failed,
  scheduled: [],
};

export function statusName(status: string): StatusName {
  return STATUS_NAMES.find((name) => LEDGER[name].includes(status)) ?? 'enroute';
}

/** The ledger's states behind a word; null when nobody knows it. */
export function statesOf(word: string): readonly string[] | null {
  const name = STATUS_NAMES.find((known) => known === word);
  if (name !== undefined) return LEDGER[name];
  return Object.hasOwn(FURTHER, word) ? FURTHER[word]! : null;
}
