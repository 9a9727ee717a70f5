import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { StackDescription } from '../stack/stack';
import { createApiClient } from './client';

/** One from the middle of the campaign, who asks back. */
const CUSTOMER = '14155602012';
const QUESTION = 'Where is my order?';
const ANSWER = 'It arrives on Friday. Anything else we can do for you?';

const DEADLINE_MS = 120_000;
const POLL_MS = 250;

const conversations = z.array(z.object({ id: z.string(), windowClosesAt: z.string().nullable() }));
const message = z.object({ id: z.string(), status: z.string() });

export interface DemoReply {
  question: string;
  /** From the question, as the customer sent it, to WhatsApp's word that it has the answer (milliseconds). */
  answeredAfterMs: number;
  /** Of the answer: `delivered` or `read` when all is well. */
  status: string;
}

const received = z.object({ messages: z.array(z.unknown()) });

/**
 * A customer whom the campaign has just reached writes back, which opens a customer service window. As soon as the
 * conversation is there it is answered, and the delivery awaited. Throws when that takes too long.
 */
export async function answerCustomer(
  { api, simulator, sender, keys }: StackDescription,
  signal: AbortSignal,
): Promise<DemoReply> {
  const inbox = createApiClient(api, { Authorization: `Bearer ${keys.inbox}` });
  const dexatel = createApiClient(api, { 'X-Dexatel-Key': keys.dexatel });
  await until('The campaign did not reach the customer.', signal, async () => {
    const answer = await fetch(`${simulator}/_sim/messages?to=${CUSTOMER}`);
    return received.parse(await answer.json()).messages.length > 0;
  });
  const began = Date.now();
  await write(simulator, sender.phone);
  await until('The question did not arrive.', signal, async () => {
    const found = await inbox.call('GET', `/v1/messaging/conversations?search=${CUSTOMER}`);
    return conversations.parse(found).some(({ windowClosesAt }) => windowClosesAt !== null);
  });
  const text = {
    channel: 'WHATSAPP',
    from: sender.name,
    to: [CUSTOMER],
    type: 'text',
    text: ANSWER,
  };
  const [sent] = z.tuple([message]).parse(await dexatel.call('POST', '/v1/messages', text));
  const answeredAfterMs = Date.now() - began;
  let { status } = sent;
  await until('The answer was not delivered.', signal, async () => {
    ({ status } = message.parse(await dexatel.call('GET', `/v1/messages/${sent.id}`)));
    return isOver(status);
  });
  return { question: QUESTION, answeredAfterMs, status };
}

export function isDelivered({ status }: DemoReply): boolean {
  return status === 'delivered' || status === 'read';
}

function isOver(status: string): boolean {
  return status !== 'sent' && status !== 'enroute';
}

/** The simulator's customers write when they are told to. */
async function write(simulator: string, to: string): Promise<void> {
  const response = await fetch(`${simulator}/_sim/inbound`, {
    method: 'POST',
    body: JSON.stringify({ from: CUSTOMER, to, text: QUESTION, profile_name: 'Customer 2012' }),
  });
  if (!response.ok) throw new Error(`The simulator refused: ${await response.text()}`);
}

async function until(
  otherwise: string,
  signal: AbortSignal,
  check: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await sleep(POLL_MS, undefined, { signal });
  }
}
