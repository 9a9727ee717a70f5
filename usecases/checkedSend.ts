import { contentText } from '../domain/contentText';
import type { OutboundContent } from '../domain/message';
import type { E164 } from '../domain/phone';
import type { MessageView } from '../db/message';
import { senderOfCaller } from './callerSender';
import type { Caller } from './deps';
import type { MediaChecks } from './mediaCheck';
import { getSent, sendNow, type SendNowDeps } from './sendNow';
import { templateMessage } from './templateMessage';

export type CheckedSendDeps = SendNowDeps & { media: Pick<MediaChecks, 'check'> };

export interface CheckedMessage {
  to: E164;
  content: OutboundContent;
  /** What it answers: one of our messages, or what WhatsApp calls it. */
  context: { messageId: string } | { wamid: string } | null;
}

/**
 * Sends a message from the key's number, after a look at what can be known beforehand: that its template may be sent,
 * and that its media can be shown. Throws as `senderOfCaller`, `templateMessage`, `MediaChecks.check` and `sendNow` do,
 * and `message_not_found` for an answer to nothing.
 */
export async function sendChecked(
  deps: CheckedSendDeps,
  caller: Caller,
  { to, content, context }: CheckedMessage,
): Promise<MessageView> {
  const sender = await senderOfCaller(deps, caller);
  const contextWamid = await wamidOf(deps, caller, context);
  const message =
    content.type === 'template'
      ? await templateMessage(deps, sender, content)
      : { content, text: contentText(content) };
  await deps.media.check(message.content);
  return sendNow(deps, sender, {
    ...message,
    recipient: { phone: to, bsuid: null },
    ...(contextWamid !== null && { contextWamid }),
  });
}

/** Null also for a message that WhatsApp has not taken yet: it cannot be quoted. */
async function wamidOf(
  deps: SendNowDeps,
  caller: Caller,
  context: CheckedMessage['context'],
): Promise<string | null> {
  if (context === null) return null;
  return 'wamid' in context
    ? context.wamid
    : (await getSent(deps, caller, context.messageId)).wamid;
}
