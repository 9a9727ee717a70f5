import { sql } from 'kysely';
import type { JsonObject } from '../domain/json';
import { json, type Tx } from './connect';

/** A fact that a workflow has to learn. Ids and times only: payloads end up in Temporal's history. */
export interface OutboxSignal {
  workflowId: string;
  workflowType: string;
  /** One line for the Temporal UI's list: ids and times, never names or numbers of people. */
  summary: string;
  /** Input of the workflow, should it have to be started. */
  input: JsonObject;
  signal: string;
  payload: JsonObject;
}

export interface StoredSignal extends OutboxSignal {
  version: number;
}

/** Part of the transaction that makes the fact true. A newer fact replaces an undelivered older one. */
export function enqueueSignal(tx: Tx, signal: OutboxSignal): Promise<void> {
  return enqueueSignals(tx, [signal]);
}

/** Each of another workflow. */
export async function enqueueSignals(tx: Tx, signals: readonly OutboxSignal[]): Promise<void> {
  if (signals.length === 0) return;
  await tx
    .insertInto('workflow_signals')
    .values(
      signals.map((signal) => ({
        workflow_id: signal.workflowId,
        workflow_type: signal.workflowType,
        summary: signal.summary,
        signal: signal.signal,
        input: json(signal.input),
        payload: json(signal.payload),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['workflow_id', 'signal']).doUpdateSet((eb) => ({
        payload: eb.ref('excluded.payload'),
        version: sql<number>`workflow_signals.version + 1`,
      })),
    )
    .execute();
}

/** Undelivered signals, oldest first; of the given workflows, or all that are older than `olderThanMs`. */
export async function undeliveredSignals(
  tx: Tx,
  filter: { workflowIds: readonly string[] } | { olderThanMs: number },
  limit: number,
): Promise<StoredSignal[]> {
  if ('workflowIds' in filter && filter.workflowIds.length === 0) return [];
  const rows = await tx
    .selectFrom('workflow_signals')
    .selectAll()
    .$if('workflowIds' in filter, (query) =>
      query.where('workflow_id', 'in', 'workflowIds' in filter ? filter.workflowIds : []),
    )
    .$if('olderThanMs' in filter, (query) =>
      query.where(
        'created_at',
        '<=',
        sql<Date>`now() - make_interval(secs => ${'olderThanMs' in filter ? filter.olderThanMs / 1000 : 0})`,
      ),
    )
    .orderBy('created_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    workflowId: row.workflow_id,
    workflowType: row.workflow_type,
    summary: row.summary,
    signal: row.signal,
    input: row.input,
    payload: row.payload,
    version: row.version,
  }));
}

/**
 * Except those that a newer fact has replaced meanwhile. A row that is locked is being replaced or forgotten by another:
 * passing it by costs one delivery more at worst, and waiting for several such rows could deadlock.
 */
export async function forgetSignals(tx: Tx, signals: readonly StoredSignal[]): Promise<void> {
  if (signals.length === 0) return;
  await sql`
    WITH told AS (
      SELECT s.workflow_id, s.signal
      FROM workflow_signals AS s
      JOIN unnest(
        ${signals.map(({ workflowId }) => workflowId)}::text[],
        ${signals.map(({ signal }) => signal)}::text[],
        ${signals.map(({ version }) => version)}::bigint[]
      ) AS t (workflow_id, signal, version) USING (workflow_id, signal, version)
      FOR UPDATE OF s SKIP LOCKED
    )
    DELETE FROM workflow_signals AS s USING told
    WHERE s.workflow_id = told.workflow_id AND s.signal = told.signal`.execute(tx);
}
