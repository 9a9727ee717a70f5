import type { Tx } from '../db/connect';
import { lockConversations, openWindows, type ConversationKey } from '../db/conversation';
import { findArrived, findArriving, lockUnmarked } from '../db/delivery';
import { applyMessageStatuses, type MessageStatus } from '../db/messageStatus';
import { applyStatuses, type LedgerStatus, type StatusMove } from '../db/status';
import { tellWindows } from './windowSignals';

/**
 * Applies statuses to the ledger. Where the sender's provider lets a business write freely once a template has arrived
 * (`template_delivered`), each recipient that this moves to delivered or read opens or extends its window.
 */
export async function settleStatuses(
  tx: Tx,
  statuses: readonly LedgerStatus[],
): Promise<StatusMove[]> {
  const arriving = await findArriving(tx, statuses);
  if (arriving.length === 0) return applyStatuses(tx, statuses);
  await lockUnmarked(
    tx,
    arriving.map(({ contactId }) => contactId),
  );
  const conversations = await lockConversations(tx, arriving);
  const moves = await applyStatuses(tx, statuses);
  await open(tx, conversations, await findArrived(tx, arriving));
  return moves;
}

/** Applies statuses to direct messages, and opens windows likewise. */
export async function settleMessages(tx: Tx, statuses: readonly MessageStatus[]): Promise<void> {
  await tellWindows(tx, await openWindows(tx, await applyMessageStatuses(tx, statuses)));
}

async function open(
  tx: Tx,
  conversations: ReadonlyMap<string, string>,
  arrived: readonly (ConversationKey & { at: Date })[],
): Promise<void> {
  const openings = arrived.flatMap(({ senderId, contactId, at }) => {
    const conversationId = conversations.get(`${senderId} ${contactId}`);
    return conversationId === undefined ? [] : [{ conversationId, at }];
  });
  await tellWindows(tx, await openWindows(tx, openings));
}
