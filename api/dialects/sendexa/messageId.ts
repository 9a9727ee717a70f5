/**
 * Our ids of messages in Sendexa's form: a prefix, then the uuid without its hyphens. A resend is called so, as in
 * Sendexa's own examples; either form finds either kind.
 */
const ID =
  /^exa_wa_(?:resend_)?([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

export function formatMessageId(uuid: string, isResend = false): string {
  return `exa_wa_${isResend ? 'resend_' : ''}${uuid.replaceAll('-', '')}`;
}

/** The uuid; null when the text is not the id of one of our messages. */
export function parseMessageId(text: string): string | null {
  return ID.exec(text)?.slice(1).join('-') ?? null;
}
