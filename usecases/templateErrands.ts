import { DateTime } from 'luxon';
import { failureRule } from '../domain/failure';
import type { Clock, Rejected, Unknown } from '../domain/ports';
import type { Db, Tx } from '../db/connect';
import { updateTemplate, type Errand } from '../db/template';

/** An errand that failed is tried again after half of the time it has waited, between these (milliseconds). */
const SOONEST_MS = 10_000;
const LATEST_MS = 3_600_000;

export interface Postponed {
  /** Since when the errand has been waiting. */
  since: Date;
  problem: string;
}

/**
 * Takes on the next errand, if there is one: its row is locked meanwhile, so that two workers never do it twice.
 * `carryOut` returns null when it is done, for better or worse. Returns how many were taken on.
 */
export function runErrand(
  { db, clock }: { db: Db; clock: Clock },
  next: (tx: Tx, now: Date) => Promise<Errand | undefined>,
  carryOut: (tx: Tx, errand: Errand) => Promise<Postponed | null>,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const now = clock.now();
    const errand = await next(tx, now.toJSDate());
    if (!errand) return 0;
    const postponed = await carryOut(tx, errand);
    if (postponed === null) return 1;
    const waited = now.diff(DateTime.fromJSDate(postponed.since)).toMillis();
    const delay = Math.min(LATEST_MS, Math.max(SOONEST_MS, waited / 2));
    await updateTemplate(tx, errand.template.id, {
      next_try_at: now.plus(delay).toJSDate(),
      status_reason: postponed.problem,
    });
    return 1;
  });
}

/** An unclear outcome, or a refusal for reasons other than the template: too fast, unreachable, a token that expired. */
export function mayPassLater(outcome: Rejected | Unknown): boolean {
  if (outcome.kind === 'unknown') return true;
  const { class: of } = failureRule(outcome.code);
  return of === 'retry' || of === 'slow_down' || of === 'halt_sender';
}
