import { isBsuid } from '../domain/identity';
import type { OutboundContent } from '../domain/message';
import { phoneDigits } from '../domain/phone';
import { readSendRequest, type SendRequest } from '../wire/sendRequest';
import { ok, readJson, refuse, SUCCESS, type Answer } from './answers';
import type { SimulatedNumber } from './config';
import { recipientFaultOf } from './faults';
import type { GraphError } from './graphError';
import type { AcceptedMessage } from './ledger';
import { mediaFailure, unknownMedia } from './messageMedia';
import { scheduleStatuses } from './statuses';
import { templateMismatch } from './templateMatch';
import { tellStatus } from './templateEvents';
import { usableTemplate, type SimulatedTemplate } from './templates';
import type { World } from './world';

function gatewayError(status: number): Answer {
  return { kind: 'answer', status, body: '<html><body>The gateway has failed</body></html>' };
}

/** Milliseconds for which a typing indicator is shown when no message follows. */
const TYPING_MS = 25_000;
const MONTH = 30 * 24 * 3_600_000;

/** Which address a message came in by: the one for marketing takes marketing templates alone. */
export type SendEdge = 'messages' | 'marketing_messages';

/** Answers one POST of a message by a number whose token was already checked. */
export function takeMessage(
  world: World,
  number: SimulatedNumber,
  { raw, edge }: { raw: Buffer; edge: SendEdge },
): Answer | GraphError {
  const early = faultBefore(world);
  if (early !== null) return early;

  const body = readJson(raw);
  const request = readSendRequest(body);
  if ('code' in request) return request;
  if (request.kind === 'read') return takeReadMark(world, number, request);
  const incoming = readIncoming(world, request);
  const template =
    request.content.type === 'template'
      ? usableTemplate(world.templates, number, request.content)
      : null;
  const problem =
    accountProblem(world, number, incoming) ??
    edgeProblem(edge, template) ??
    contentMismatch(world, number, incoming, template) ??
    pairProblem(world, number, incoming);
  if (problem !== null) return problem;
  if (template !== null && 'code' in template) return template;

  const message = accept(world, { ...incoming, number, edge, template, raw: raw.toString('utf8') });
  dispatch(world, message, incoming.content, template);
  return answerTo(world, message, request.input);
}

interface Incoming {
  /** Digits, or an id that belongs to no number known here. */
  user: string;
  toBsuid: string | null;
  content: OutboundContent;
  reference: string | null;
  toGroup: boolean;
}

type MessageRequest = Extract<SendRequest, { kind: 'message' }>;

function readIncoming(world: World, request: MessageRequest): Incoming {
  const { to, content, reference, toGroup } = request;
  const toBsuid = isBsuid(to) ? to : null;
  const user = world.users.userOf(phoneDigits(to));
  return { user, toBsuid, content, reference, toGroup };
}

/** Faults that strike before the message is read. */
function faultBefore(world: World): Answer | null {
  const { faults, occurrences } = world;
  if (occurrences.hit('reset_before_accept', faults.reset_before_accept?.every))
    return { kind: 'reset' };
  const { server_error, reject: rejection } = faults;
  if (server_error?.after_accept === false && occurrences.hit('server_error', server_error.every))
    return gatewayError(server_error.status);
  if (rejection === undefined || !occurrences.hit('reject', rejection.every)) return null;
  world.ledger.reject(rejection.code);
  const answer = refuse({ code: rejection.code, details: 'Rejected as configured.' });
  const seconds = rejection.retry_after_seconds;
  return seconds === undefined || answer.kind !== 'answer'
    ? answer
    : { ...answer, headers: { 'retry-after': String(seconds) } };
}

/** Read marks and typing indicators share the address of messages and are none. */
function takeReadMark(
  world: World,
  number: SimulatedNumber,
  { wamid, typing }: Extract<SendRequest, { kind: 'read' }>,
): Answer | GraphError {
  const message = world.inbox.find(wamid);
  if (message === undefined || message.phoneNumberId !== number.phoneNumberId)
    return { code: 100, details: 'The message_id is not that of a message from a customer.' };
  world.inbox.markRead(message);
  if (typing) world.inbox.showTyping(message, world.now() + TYPING_MS);
  return SUCCESS;
}

function accountProblem(
  world: World,
  number: SimulatedNumber,
  { user, toGroup }: Incoming,
): GraphError | null {
  if (!number.registered) return { code: 133010, details: 'The number is not registered.' };
  if (number.canSend === 'BLOCKED')
    return { code: 131031, details: 'The business account has been locked.' };
  if (toGroup) return { code: 100, details: 'This number has no groups.' };
  if (user === number.phone)
    return { code: 131021, details: 'The recipient is the sender itself.' };
  const fault = recipientFaultOf(world.faults, user);
  if (fault?.via === 'response') return { code: fault.code, details: 'Rejected as configured.' };
  return world.takeThroughput(number)
    ? null
    : { code: 130429, details: 'Message failed to send because of too many messages.' };
}

/** Last of all: what is refused for another reason does not count. */
function pairProblem(world: World, number: SimulatedNumber, { user }: Incoming): GraphError | null {
  return world.takePair(number, user)
    ? null
    : { code: 131056, details: 'Too many messages from this number to the same user.' };
}

function edgeProblem(
  edge: SendEdge,
  template: SimulatedTemplate | GraphError | null,
): GraphError | null {
  if (edge === 'messages') return null;
  if (template === null) return { code: 100, details: 'Message must be a template message.' };
  return 'code' in template || template.category === 'MARKETING'
    ? null
    : { code: 131055, details: 'Only marketing template messages are supported' };
}

/** What is wrong with the content for this number: its template, its files, whom it is for. */
function contentMismatch(
  world: World,
  number: SimulatedNumber,
  { content, toBsuid }: Incoming,
  template: SimulatedTemplate | GraphError | null,
): GraphError | null {
  if (template !== null && content.type === 'template') {
    const problem = 'code' in template ? template : templateMismatch(content, template);
    if (problem !== null) return problem;
    if (toBsuid !== null && !('code' in template) && template.category === 'AUTHENTICATION')
      return { code: 131062, details: 'Authentication templates go to phone numbers alone.' };
  }
  return unknownMedia(world, number, content);
}

interface Accepted extends Incoming {
  number: SimulatedNumber;
  edge: SendEdge;
  template: SimulatedTemplate | null;
  raw: string;
}

function accept(world: World, incoming: Accepted): AcceptedMessage {
  const { user, toBsuid, content, reference, number, edge, template, raw } = incoming;
  const { ledger } = world;
  const voice = content.type === 'audio' && content.voice === true;
  const message: AcceptedMessage = {
    sequence: ledger.accepted + 1,
    wamid: world.nextWamid('outbound', user),
    number,
    to: user,
    toBsuid,
    type: voice ? 'voice' : content.type,
    template: template?.name ?? null,
    category: categoryOf(template, edge),
    inWindow: world.windowOpen(number, user),
    reference,
    at: world.now(),
    held: false,
    skipsDelivered: false,
    status: 'accepted',
    errorCode: null,
    body: raw,
  };
  ledger.accept(message);
  world.inbox.stopTyping(number.phoneNumberId, user);
  return message;
}

const CATEGORIES = {
  MARKETING: 'marketing',
  UTILITY: 'utility',
  AUTHENTICATION: 'authentication',
} as const;

function categoryOf(
  template: SimulatedTemplate | null,
  edge: SendEdge,
): AcceptedMessage['category'] {
  if (template === null) return 'service';
  return edge === 'marketing_messages' ? 'marketing_lite' : CATEGORIES[template.category];
}

/** Decides when a message goes out and what becomes of it. */
function dispatch(
  world: World,
  message: AcceptedMessage,
  content: OutboundContent,
  template: SimulatedTemplate | null,
): void {
  const failure = failureOf(world, message, content);
  const { held, pacing } = world.faults;
  if (template !== null && held !== undefined && world.occurrences.hit('held', held.every)) {
    message.held = true;
    const outcome = held.outcome === 'drop' ? held.code : failure;
    world.timeline.schedule(held.release_ms, () => scheduleStatuses(world, message, outcome));
    return;
  }
  if (template?.category === 'MARKETING' && pacing !== undefined && failure === null) {
    const hold = world.pacing.hold(pacing, template, message);
    message.held = hold !== 'no';
    if (hold === 'first')
      world.timeline.schedule(pacing.decide_ms, () => judge(world, template, pacing));
  }
  if (!message.held) scheduleStatuses(world, message, failure);
}

/** Ends the pacing of a template: its messages go out, or all of them fail and it is paused. */
function judge(
  world: World,
  template: SimulatedTemplate,
  { outcome, code }: { outcome: 'release' | 'drop'; code: number },
): void {
  const good = outcome === 'release';
  const waited = world.pacing.decide(template, good);
  for (const message of waited) scheduleStatuses(world, message, good ? null : code);
  if (good || template.status !== 'APPROVED') return;
  template.status = 'PAUSED';
  tellStatus(world, template, 'PAUSED');
}

/** The code with which an accepted message will fail, or null. */
function failureOf(
  world: World,
  message: AcceptedMessage,
  content: OutboundContent,
): number | null {
  const { faults, occurrences } = world;
  const { number, to, template } = message;
  const fault = recipientFaultOf(faults, to);
  if (fault !== null) return fault.code;
  if (occurrences.hit('unreachable', faults.unreachable_every)) return 131026;
  if (world.isBlocked(number, to)) return 131026;
  if (template === null && !message.inWindow) return 131047;
  if (content.type === 'reaction' && !canReact(world, content.wamid)) return 131009;
  const media = mediaFailure(world, content);
  if (media !== null) return media;
  const marketing = message.category === 'marketing' || message.category === 'marketing_lite';
  if (marketing) {
    const problem = marketingFailure(world, message);
    if (problem !== null) return problem;
  }
  return message.inWindow || world.takeDaily(number, to) ? null : 131048;
}

function marketingFailure(world: World, { number, to }: AcceptedMessage): number | null {
  const { faults, ledger } = world;
  if (world.marketingStopped(number, to)) return 131050;
  if (faults.us_marketing_blocked && to.startsWith('1')) return 131049;
  const capped = faults.per_user_cap !== undefined && ledger.countFor(to) > faults.per_user_cap;
  return capped ? 131049 : null;
}

/** Only to a message of the last 30 days that is not a reaction itself. */
function canReact(world: World, wamid: string): boolean {
  const received = world.inbox.find(wamid);
  const target =
    received === undefined
      ? world.ledger.find(wamid)
      : { type: received.message.type, at: received.at };
  return target !== undefined && target.type !== 'reaction' && target.at >= world.now() - MONTH;
}

function answerTo(world: World, message: AcceptedMessage, input: string): Answer {
  const { faults, occurrences } = world;
  if (occurrences.hit('reset_after_accept', faults.reset_after_accept?.every))
    return { kind: 'reset' };
  if (occurrences.hit('hang', faults.hang?.every)) return { kind: 'hang' };
  const { server_error } = faults;
  if (server_error?.after_accept === true && occurrences.hit('server_error', server_error.every))
    return gatewayError(server_error.status);

  const contact =
    message.toBsuid === null ? { input, wa_id: message.to } : { input, user_id: message.toBsuid };
  const status = message.held ? 'held_for_quality_assessment' : 'accepted';
  const id = { id: message.wamid, ...(message.template !== null && { message_status: status }) };
  const named = !occurrences.hit('no_wamid', faults.no_wamid?.every);
  return ok({
    messaging_product: 'whatsapp',
    contacts: [contact],
    ...(named && { messages: [id] }),
  });
}
