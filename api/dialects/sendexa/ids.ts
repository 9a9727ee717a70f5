/**
 * Ids in Sendexa's form: a prefix that says of what, then the uuid without its hyphens. Both ways, so that nothing needs
 * to be stored.
 */
const UUID = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

export type IdPrefix = 'exa_wa' | 'exa_wa_resend' | 'tpl_wa' | 'wba_num';

export function formatId(prefix: IdPrefix, uuid: string): string {
  return `${prefix}_${uuid.replaceAll('-', '')}`;
}

/** The uuid; null when the text is no id of this kind. */
export function parseId(prefix: IdPrefix, text: string): string | null {
  if (!text.startsWith(`${prefix}_`)) return null;
  return (
    UUID.exec(text.slice(prefix.length + 1))
      ?.slice(1)
      .join('-') ?? null
  );
}

/** A resend's id differs in its prefix, as in Sendexa's own examples; either form finds either kind of message. */
export function formatMessageId(uuid: string, isResend = false): string {
  return formatId(isResend ? 'exa_wa_resend' : 'exa_wa', uuid);
}

export function parseMessageId(text: string): string | null {
  return parseId('exa_wa_resend', text) ?? parseId('exa_wa', text);
}
