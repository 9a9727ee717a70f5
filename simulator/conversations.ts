import { z } from 'zod';
import { readSendRequest } from '../wire/sendRequest';
import { addressOf } from './inbound';
import { viewReceived, viewSent, type MessageView } from './messageView';
import type { ReceivedMessage } from './inbox';
import type { AcceptedMessage } from './ledger';
import type { World } from './world';

/** What was said between business numbers and customers, as the chat page shows it. */

/** How far back the list of conversations looks. */
const LATEST = 5000;
/** Messages of one conversation that are shown. */
const SHOWN = 200;

interface Summary {
  phone_number_id: string;
  user: string;
  name: string | null;
  at: number;
}

/** The conversations of the newest messages, newest first. */
export function listConversations(world: World): object {
  const found = new Map<string, Summary>();
  const note = (phone_number_id: string, user: string, at: number, name: string | null) => {
    const key = `${phone_number_id} ${user}`;
    const known = found.get(key);
    found.set(key, {
      phone_number_id,
      user,
      name: name ?? known?.name ?? null,
      at: Math.max(at, known?.at ?? 0),
    });
  };
  for (const { number, to, at } of world.ledger.latest(LATEST))
    note(number.phoneNumberId, to, at, null);
  for (const { phoneNumberId, user, at, profileName } of world.inbox.all())
    note(phoneNumberId, user, at, profileName);
  const newest = [...found.values()].sort((a, b) => b.at - a.at).slice(0, SHOWN);
  return { conversations: newest.map((one) => ({ ...one, at: new Date(one.at).toISOString() })) };
}

const conversationQuery = z.object({ number: z.string().min(1), user: z.string().min(1) });

/** One conversation with all that the customer's phone would show. Throws for a number that is not registered. */
export function readConversation(world: World, query: URLSearchParams): object {
  const asked = conversationQuery.parse(Object.fromEntries(query));
  const number = world.byAddress(addressOf(asked.number));
  if (number === undefined) throw new Error(`No number ${asked.number} is registered.`);
  const user = world.users.userOf(addressOf(asked.user));
  const sent = world.ledger
    .messages(user, SHOWN)
    .filter((message) => message.number.phoneNumberId === number.phoneNumberId);
  const received = world.inbox
    .all(number.phoneNumberId)
    .filter((message) => message.user === user)
    .slice(-SHOWN);
  const messages = [
    ...sent.flatMap((message) => sentView(world, message)),
    ...received.map(receivedView),
  ].sort((a, b) => a.at - b.at);
  return {
    phone_number_id: number.phoneNumberId,
    phone: number.phone,
    user,
    window_open: world.windowOpen(number, user),
    marketing_stopped: world.marketingStopped(number, user),
    blocked: world.isBlocked(number, user),
    typing: world.inbox.isTyping(number.phoneNumberId, user, world.now()),
    messages: messages.slice(-SHOWN).map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
  };
}

interface Shown extends MessageView {
  id: string;
  direction: 'in' | 'out';
  at: number;
  status: string;
  error_code: number | null;
}

/** Held and failed messages never reach the phone, but developers want to see them. */
function sentView(world: World, message: AcceptedMessage): Shown[] {
  const request = readSendRequest(message.body === null ? null : JSON.parse(message.body));
  if ('code' in request || request.kind !== 'message') return [];
  const { content, contextWamid } = request;
  const template =
    content.type === 'template'
      ? world.templates.find(message.number.wabaId, content.name, content.language)
      : undefined;
  return [
    {
      ...viewSent(content, template?.parts ?? null),
      id: message.wamid,
      direction: 'out',
      at: message.at,
      status: message.held && message.status === 'accepted' ? 'held' : message.status,
      error_code: message.errorCode,
      ...(contextWamid !== null && { reply_to: contextWamid }),
    },
  ];
}

function receivedView({ id, at, read, message }: ReceivedMessage): Shown {
  return {
    ...viewReceived(message),
    id,
    direction: 'in',
    at,
    status: read ? 'read' : 'delivered',
    error_code: null,
  };
}
