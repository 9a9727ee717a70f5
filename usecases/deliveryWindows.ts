import type { Tx } from '../db/connect';
import {
  lockConversations,
  openWindows,
  type ConversationKey,
  type WindowMove,
} from '../db/conversation';
import { findArrived, findArriving, lockUnmarked } from '../db/delivery';
import { applyMessageStatuses, type MessageStatus } from '../db/messageStatus';
import { applyStatuses, type LedgerStatus, type StatusMove } from '../db/status';
import { tellWindows } from './windowSignals';

/**
 * Applies statuses to the ledger. Where the sender's provider lets a business write freely once a template has arrived
 * (`template_delivered`), each recipient that this moves to delivered or read opens or extends its window. Returns the moves
 * in the ledger, and the windows that moved.
 */
export async function settleStatuses(
  tx: Tx,
  statuses: readonly LedgerStatus[],
): Promise<{ moves: StatusMove[]; windows: WindowMove[] }> {
  const arriving = await findArriving(tx, statuses);
  if (arriving.length === 0) return { moves: await applyStatuses(tx, statuses), windows: [] };
  await lockUnmarked(
    tx,
    arriving.map(({ contactId }) => contactId),
  );
  const conversations = await lockConversations(tx, arriving);
  const moves = await applyStatuses(tx, statuses);
  const windows = await open(tx, conversations, await findArrived(tx, arriving));
  return { moves, windows };
}

/** Applies statuses to direct messages, and opens windows likewise. */
export async function settleMessages(
  tx: Tx,
  statuses: readonly MessageStatus[],
): Promise<WindowMove[]> {
  const windows = await openWindows(tx, await applyMessageStatuses(tx, statuses));
  await tellWindows(tx, windows);
  return windows;
}

async function open(
  tx: Tx,
  conversations: ReadonlyMap<string, string>,
  arrived: readonly (ConversationKey & { at: Date })[],
): Promise<WindowMove[]> {
  const openings = arrived.flatMap(({ senderId, contactId, at }) => {
    const conversationId = conversations.get(`${senderId} ${contactId}`);
    return conversationId === undefined ? [] : [{ conversationId, at }];
  });
  const windows = await openWindows(tx, openings);
  await tellWindows(tx, windows);
  return windows;
}
