/**
 * Our ids in Sendexa's form: a prefix that says of what, then the uuid without its hyphens. Both ways, so that nothing
 * needs to be stored.
 */
export type SendexaPrefix = 'exa_wa' | 'tpl_wa' | 'wba_num';

const UUID = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

export function sendexaId(prefix: SendexaPrefix, uuid: string): string {
  return `${prefix}_${uuid.replaceAll('-', '')}`;
}

/** The uuid; null when the text is no id of this kind. */
export function parseSendexaId(prefix: SendexaPrefix, text: string): string | null {
  if (!text.startsWith(`${prefix}_`)) return null;
  const match = UUID.exec(text.slice(prefix.length + 1));
  return match ? match.slice(1).join('-') : null;
}
