import type { SimulatedNumber } from './config';
import { recipientFaultOf } from './faults';
import { errorBody, errorStatus, type GraphError } from './graphError';
import type { AcceptedMessage } from './ledger';
import { scheduleStatuses } from './statuses';
import { templateProblem, type SimulatedTemplate } from './templates';
import { isObject, messageProblem, readRecipient, templateParameterProblem } from './validate';
import type { World } from './world';

/** How the server ends a request: with an answer, by cutting the connection, or never. */
export type Answer =
  | { kind: 'answer'; status: number; body: object | string; headers?: Record<string, string> }
  | { kind: 'reset' }
  | { kind: 'hang' };

const GATEWAY_ERROR: Answer = {
  kind: 'answer',
  status: 500,
  body: '<html><body>Internal Server Error</body></html>',
};

export function ok(body: object): Answer {
  return { kind: 'answer', status: 200, body };
}

export function refuse(error: GraphError): Answer {
  return { kind: 'answer', status: errorStatus(error.code), body: errorBody(error) };
}

/** Answers one POST of a message by a number whose token was already checked. */
export function takeMessage(world: World, number: SimulatedNumber, raw: string): Answer {
  const early = faultBefore(world);
  if (early !== null) return early;

  const body = readJson(raw);
  if (!isObject(body))
    return reject(world, { code: 100, details: 'The body is not a JSON object.' });
  if (body.status === 'read') return takeReadMark(world, body);

  const recipient = readRecipient(body);
  if ('code' in recipient) return reject(world, recipient);
  const { to } = recipient;
  const problem = messageProblem(body) ?? limitProblem(world, number, to);
  if (problem !== null) return reject(world, problem);
  const template = body.type === 'template' ? findTemplate(world, number, body.template) : null;
  if (template !== null && 'code' in template) return reject(world, template);

  const message = accept(world, number, { to, body, template, raw });
  scheduleStatuses(world, message, failureOf(world, message));
  return answerTo(world, message, body);
}

/** Faults that strike before the message is read. */
function faultBefore(world: World): Answer | null {
  const { faults, occurrences } = world;
  if (occurrences.hit('reset_before_accept', faults.reset_before_accept?.every))
    return { kind: 'reset' };
  const { server_error, reject: rejection } = faults;
  if (server_error?.after_accept === false && occurrences.hit('server_error', server_error.every))
    return GATEWAY_ERROR;
  if (rejection === undefined || !occurrences.hit('reject', rejection.every)) return null;
  const answer = reject(world, { code: rejection.code, details: 'Rejected as configured.' });
  const seconds = rejection.retry_after_seconds;
  return seconds === undefined || answer.kind !== 'answer'
    ? answer
    : { ...answer, headers: { 'retry-after': String(seconds) } };
}

function reject(world: World, error: GraphError): Answer {
  world.ledger.reject(error.code);
  return refuse(error);
}

/** Read marks and typing indicators share the address of messages and are none. */
function takeReadMark(world: World, { message_id }: Record<string, unknown>): Answer {
  return typeof message_id === 'string' && message_id !== ''
    ? ok({ success: true })
    : reject(world, { code: 131008, details: 'Required parameter message_id is missing.' });
}

function limitProblem(world: World, number: SimulatedNumber, to: string): GraphError | null {
  if (to === number.phone) return { code: 131021, details: 'The recipient is the sender itself.' };
  const fault = recipientFaultOf(world.faults, to);
  if (fault?.via === 'response') return { code: fault.code, details: 'Rejected as configured.' };
  if (!world.takeThroughput(number))
    return { code: 130429, details: 'Message failed to send because of too many messages.' };
  const pair = `${number.phoneNumberId} ${to}`;
  if (world.faults.pair_limit && !world.pairs.take(pair, performance.now()))
    return { code: 131056, details: 'Too many messages from this number to the same user.' };
  return null;
}

function findTemplate(
  world: World,
  number: SimulatedNumber,
  content: unknown,
): SimulatedTemplate | GraphError {
  const shape = isObject(content) ? content : {};
  const code = isObject(shape.language) ? shape.language.code : undefined;
  const found = templateProblem(world.templates, number, String(shape.name), String(code));
  if ('code' in found) return found;
  return templateParameterProblem(found, shape.components) ?? found;
}

interface Incoming {
  to: string;
  body: Record<string, unknown>;
  template: SimulatedTemplate | null;
  raw: string;
}

function accept(
  world: World,
  number: SimulatedNumber,
  { to, body, template, raw }: Incoming,
): AcceptedMessage {
  const { ledger, faults, occurrences } = world;
  const reference = body.biz_opaque_callback_data;
  const message: AcceptedMessage = {
    sequence: ledger.accepted + 1,
    wamid: world.nextWamid('outbound', to),
    number,
    to,
    type: typeof body.type === 'string' ? body.type : 'text',
    template: template?.name ?? null,
    marketing: template?.category === 'MARKETING',
    reference: typeof reference === 'string' ? reference : null,
    at: world.now(),
    held: template !== null && occurrences.hit('held', faults.held?.every),
    status: 'accepted',
    errorCode: null,
    body: raw,
  };
  ledger.accept(message);
  return message;
}

/** The code with which an accepted message will fail, or null. */
function failureOf(world: World, message: AcceptedMessage): number | null {
  const { faults, occurrences, ledger } = world;
  const { number, to, marketing, template } = message;
  const fault = recipientFaultOf(faults, to);
  if (fault !== null) return fault.code;
  if (occurrences.hit('unreachable', faults.unreachable_every)) return 131026;
  if (template === null && !world.windowOpen(number, to)) return 131047;
  if (marketing && world.marketingStopped(number, to)) return 131050;
  const capped = faults.per_user_cap !== undefined && ledger.countFor(to) > faults.per_user_cap;
  return marketing && capped ? 131049 : null;
}

function answerTo(world: World, message: AcceptedMessage, body: Record<string, unknown>): Answer {
  const { faults, occurrences } = world;
  if (occurrences.hit('reset_after_accept', faults.reset_after_accept?.every))
    return { kind: 'reset' };
  if (occurrences.hit('hang', faults.hang?.every)) return { kind: 'hang' };
  const { server_error } = faults;
  if (server_error?.after_accept === true && occurrences.hit('server_error', server_error.every))
    return GATEWAY_ERROR;

  const input = typeof body.to === 'string' && body.to !== '' ? body.to : message.to;
  const contact = input.includes('.')
    ? { input, user_id: message.to }
    : { input, wa_id: message.to };
  const status = message.held ? 'held_for_quality_assessment' : 'accepted';
  const id = { id: message.wamid, ...(message.template !== null && { message_status: status }) };
  const named = !occurrences.hit('no_wamid', faults.no_wamid?.every);
  return ok({
    messaging_product: 'whatsapp',
    contacts: [contact],
    ...(named && { messages: [id] }),
  });
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
