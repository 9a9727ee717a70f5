import type { Clock, MediaStore, TemplateStore, TemplateSubmission } from '../domain/ports';
import { templateStatusOf, type TemplateStatus } from '../domain/template';
import { awaitsContent } from '../domain/templateLibrary';
import type { TemplateCard, TemplateHeader } from '../domain/templateParts';
import { json, type Db, type Tx } from '../db/connect';
import type { Sender, Template } from '../db/schema';
import { askForTemplates } from '../db/sender';
import { nextSubmission, nextWithdrawal, updateTemplate, type Errand } from '../db/template';
import type { UrlGuard } from '../outbound/guard';
import { mayPassLater, runErrand, type Postponed } from './templateErrands';
import { uploadSample, type SampleOutcome } from './templateSample';

export interface SubmissionDeps {
  db: Db;
  clock: Clock;
  urlGuard: UrlGuard;
  providerFor: (sender: Sender) => TemplateStore & MediaStore;
}

/**
 * Submits the oldest template that waits for it to its sender's provider, with a sample of the media it shows. An
 * unclear outcome is tried again (the provider refuses a second of the same name). What a template of the provider's
 * library says is read from the provider's list next, whatever the outcome: it may be there. Returns how many it took on.
 */
export async function submitTemplates(deps: SubmissionDeps): Promise<number> {
  const unread: Sender[] = [];
  const taken = await runErrand(deps, nextSubmission, async (tx, errand) => {
    if (awaitsContent(errand.template)) unread.push(errand.sender);
    const { template } = errand;
    const header = await withSample(deps, errand, template.header);
    if (header !== null && 'detail' in header) return refused(deps, tx, template, header);
    const cards: TemplateCard[] = [];
    for (const card of template.cards) {
      const shown = await withSample(deps, errand, card.header);
      if (shown !== null && 'detail' in shown) return refused(deps, tx, template, shown);
      cards.push({ ...card, header: shown });
    }
    return submit(deps, tx, errand, { ...template, header, cards });
  });
  // After the commit: who holds a sender's row (news by webhook) may be waiting for the template's.
  for (const { id, waba_id } of unread) await askForTemplates(deps.db, id, waba_id);
  return taken;
}

type NoSample = Exclude<SampleOutcome, { handle: string }>;

/** A header whose media reviewers can see, or why they cannot. */
async function withSample(
  { urlGuard, providerFor }: SubmissionDeps,
  { sender }: Errand,
  header: TemplateHeader | null,
): Promise<TemplateHeader | NoSample | null> {
  if (!header || !('media' in header)) return header;
  const sample = await uploadSample(urlGuard, providerFor(sender), header);
  return 'handle' in sample ? { ...header, handle: sample.handle } : sample;
}

async function refused(
  deps: SubmissionDeps,
  tx: Tx,
  template: Template,
  { detail, passing }: NoSample,
): Promise<Postponed | null> {
  if (passing) return { since: template.created_at, problem: detail };
  return reject(deps, tx, template, detail);
}

async function submit(
  deps: SubmissionDeps,
  tx: Tx,
  { template, sender }: Errand,
  submission: TemplateSubmission,
): Promise<Postponed | null> {
  const outcome = await deps.providerFor(sender).submitTemplate(submission);
  if (outcome.kind !== 'submitted') {
    const { detail: problem } = outcome;
    return mayPassLater(outcome)
      ? { since: template.created_at, problem }
      : reject(deps, tx, template, problem);
  }
  const now = deps.clock.now().toJSDate();
  await updateTemplate(tx, template.id, {
    submitted_at: now,
    updated_at: now,
    provider_template_id: outcome.providerTemplateId,
    status: statusOf(template, outcome.status),
    status_reason: null,
    header: submission.header && json(submission.header),
    cards: json(submission.cards ?? []),
  });
  return null;
}

/** What is approved at once may be sent, unless nobody here knows what it says. */
function statusOf(template: Template, told: string): TemplateStatus {
  const status = templateStatusOf(told) ?? 'in_review';
  return status === 'approved' && awaitsContent(template) ? 'in_review' : status;
}

async function reject(
  { clock }: SubmissionDeps,
  tx: Tx,
  { id }: Template,
  status_reason: string,
): Promise<null> {
  const now = clock.now().toJSDate();
  const told = { submitted_at: now, updated_at: now };
  await updateTemplate(tx, id, { ...told, status: 'rejected', status_reason });
  return null;
}

/**
 * Deletes the oldest template at its provider that was deleted here. What the provider refuses for good (it does not
 * know the template, or has disabled it) is not tried again. Returns how many it took on.
 */
export function withdrawTemplates(
  deps: Pick<SubmissionDeps, 'db' | 'clock'> & { providerFor: (sender: Sender) => TemplateStore },
): Promise<number> {
  return runErrand(deps, nextWithdrawal, async (tx, { template, sender }) => {
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
