import { DateTime } from 'luxon';
import { failureRule } from '../domain/failure';
import { templateStatusOf } from '../domain/template';
import type { Clock, Rejected, TemplateStore, Unknown } from '../domain/ports';
import type { Db, Tx } from '../db/connect';
import type { Sender } from '../db/schema';
import { nextSubmission, nextWithdrawal, updateTemplate, type Errand } from '../db/template';

export interface SubmissionDeps {
  db: Db;
  clock: Clock;
  providerFor: (sender: Sender) => TemplateStore;
}

/** An errand that failed is tried again after half of the time it has waited, between these (milliseconds). */
const SOONEST_MS = 10_000;
const LATEST_MS = 3_600_000;

/**
 * Submits the oldest template that waits for it to its sender's provider. The row is locked meanwhile, so two workers
 * never submit one template twice; an unclear outcome is tried again (the provider refuses a second of the same name).
 * Returns how many it took on.
 */
export function submitTemplates(deps: SubmissionDeps): Promise<number> {
  return run(deps, nextSubmission, async (tx, { template, sender }) => {
    const outcome = await deps.providerFor(sender).submitTemplate(template);
    const now = deps.clock.now().toJSDate();
    const told = { submitted_at: now, updated_at: now };
    if (outcome.kind === 'submitted') {
      await updateTemplate(tx, template.id, {
        ...told,
        provider_template_id: outcome.providerTemplateId,
        status: templateStatusOf(outcome.status) ?? 'in_review',
        status_reason: null,
      });
      return null;
    }
    const { detail: problem } = outcome;
    if (mayPassLater(outcome)) return { since: template.created_at, problem };
    await updateTemplate(tx, template.id, { ...told, status: 'rejected', status_reason: problem });
    return null;
  });
}

/**
 * Deletes the oldest template at its provider that was deleted here. What the provider refuses for good (it does not
 * know the template, or has disabled it) is not tried again. Returns how many it took on.
 */
export function withdrawTemplates(deps: SubmissionDeps): Promise<number> {
  return run(deps, nextWithdrawal, async (tx, { template, sender }) => {
    const { name, provider_template_id: providerTemplateId } = template;
    if (providerTemplateId === null) return null;
    const outcome = await deps.providerFor(sender).deleteTemplate({ name, providerTemplateId });
    if (outcome.kind !== 'done' && mayPassLater(outcome)) {
      return { since: template.updated_at, problem: outcome.detail };
    }
    await updateTemplate(tx, template.id, { withdrawn_at: deps.clock.now().toJSDate() });
    return null;
  });
}

interface Postponed {
  /** Since when the errand has been waiting. */
  since: Date;
  problem: string;
}

/** `carryOut` returns null when it is done, for better or worse. */
function run(
  { db, clock }: SubmissionDeps,
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
function mayPassLater(outcome: Rejected | Unknown): boolean {
  if (outcome.kind === 'unknown') return true;
  const { class: of } = failureRule(outcome.code);
  return of === 'retry' || of === 'slow_down' || of === 'halt_sender';
}
