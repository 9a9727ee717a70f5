import { findSentState, findWamid, isReceived, nameMessage } from '../db/cloudId';
import type { Sender, Template } from '../db/schema';
import { findSendableTemplate } from '../db/template';
import { contentText } from '../domain/contentText';
import { isAccountBlocked } from '../domain/failure';
import { isBsuid } from '../domain/identity';
import type { OutboundContent, ReactionContent, TemplateContent } from '../domain/message';
import { filledBody, templateMisfit } from '../domain/templateFit';
import type { TemplateStatus } from '../domain/template';
import { ownCloudId } from '../wire/cloudId';
import type { RequestProblem } from '../wire/requestProblem';
import type { SendRequest } from '../wire/sendRequest';
import type { Deps } from './deps';
import type { DirectMessage } from './message';
import { doneOrThrow, providerRefusal, rejection } from './providerRefusal';

type MessageRequest = Extract<SendRequest, { kind: 'message' }>;

/**
 * The message that a client asks for in the Cloud API's words. `marketingOnly`: of the API for marketing messages.
 * Throws `provider_refused` for what WhatsApp would not take, as far as that can be known here.
 */
export async function readDirectMessage(
  { db }: Pick<Deps, 'db'>,
  sender: Sender,
  request: MessageRequest,
  marketingOnly: boolean,
): Promise<DirectMessage> {
  const { to, content, contextWamid, reference, activitySharing } = request;
  const template =
    content.type === 'template' ? await fittingTemplate(db, sender, content) : undefined;
  if (marketingOnly) refuseUnlessMarketing(template);
  const resolved = content.type === 'reaction' ? await reactionTo(db, sender, content) : content;
  return {
    recipient: isBsuid(to) ? { phone: null, bsuid: to } : { phone: to, bsuid: null },
    content: resolved,
    text:
      template && resolved.type === 'template'
        ? filledBody(template, resolved)
        : contentText(resolved),
    ...(template && { template }),
    ...(contextWamid !== null && { contextWamid }),
    ...(reference !== null && { clientData: reference }),
    ...(marketingOnly && { marketing: activitySharing === null ? {} : { activitySharing } }),
  };
}

/** What stands in the way of a template that cannot be sent. */
const NOT_NOW: Readonly<Record<Exclude<TemplateStatus, 'approved'>, RequestProblem>> = {
  in_review: { code: 132001, details: 'The template is being reviewed.' },
  rejected: { code: 132001, details: 'The template was rejected.' },
  paused: { code: 132015, details: 'The template is paused.' },
  disabled: { code: 132016, details: 'The template is disabled.' },
};

async function fittingTemplate(
  db: Deps['db'],
  sender: Sender,
  content: TemplateContent,
): Promise<Template> {
  const { name, language } = content;
  const template = await findSendableTemplate(db, sender, name, language);
  if (!template) {
    const details = `template name (${name}) does not exist in ${language}`;
    throw providerRefusal({ code: 132001, details });
  }
  if (template.status !== 'approved') throw providerRefusal(NOT_NOW[template.status]);
  const misfit = templateMisfit(template, content);
  if (misfit) throw providerRefusal(misfit);
  return template;
}

function refuseUnlessMarketing(template: Template | undefined): void {
  if (!template) {
    throw providerRefusal({ code: 100, message: '(#100) Message must be a template message.' });
  }
  if (template.category !== 'MARKETING') {
    const details = 'Only marketing template messages are supported';
    throw providerRefusal({ code: 131055, message: `(#131055) ${details}`, details });
  }
}

async function reactionTo(
  db: Deps['db'],
  { id: senderId }: Sender,
  reaction: ReactionContent,
): Promise<OutboundContent> {
  const wamid = await findWamid(db, senderId, reaction.wamid);
  if (wamid === undefined) return reaction;
  if (wamid !== null) return { ...reaction, wamid };
  throw providerRefusal({ code: 131009, details: 'reaction: the message has not been sent yet' });
}

/**
 * Throws `provider_refused` with the code of the block while the provider has blocked the sender's account: it would take
 * nothing, and what its clients were refused may not go out later.
 */
export function refuseWhileBlocked({ health, health_reason: reason }: Sender): void {
  if (health === 'halted' && isAccountBlocked(reason)) throw rejection(Number(reason));
}

export interface SentMessage {
  /** The id by which the client knows the message from now on. */
  id: string;
  /** The provider keeps it back until it has seen how others are taken. */
  held: boolean;
}

/** Of our own making, and told by webhook: WhatsApp accepts such messages, and fails them later. */
const TOLD_LATER: ReadonlySet<string> = new Set(['outside_service_window', 'blocked']);

/**
 * What to answer for a message that was queued, once its answer is known or was waited for long enough. Throws
 * `provider_refused` with what the provider said when it did not take the message.
 */
export async function sentMessage({ db }: Pick<Deps, 'db'>, id: string): Promise<SentMessage> {
  await nameMessage(db, id, ownCloudId(id));
  const { status, reason, errorCode, wamid, cloudId } = await findSentState(db, id);
  const refused = status === 'failed' && wamid === null && !TOLD_LATER.has(reason ?? '');
  if (refused && errorCode !== null) throw rejection(errorCode);
  return { id: cloudId ?? wamid!, held: reason === 'held_for_quality_assessment' };
}

/**
 * Shows a customer's message, and those before it, as read. Throws `provider_refused` for a message that no customer
 * wrote to this sender.
 */
export async function markMessageRead(
  deps: Pick<Deps, 'db' | 'providerFor'>,
  sender: Sender,
  { wamid, typing }: { wamid: string; typing: boolean },
): Promise<void> {
  if (!(await isReceived(deps.db, sender.id, wamid))) {
    throw providerRefusal({
      code: 100,
      message: '(#100) Invalid parameter',
      details: 'message_id is not the id of a message that was received.',
    });
  }
  doneOrThrow(await deps.providerFor(sender).markRead(wamid, { typing }));
}
