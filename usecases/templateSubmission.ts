import type { Provider } from '../domain/ports';
import type { Db } from '../db/connect';
import type { Sender } from '../db/schema';

export interface SubmissionDeps {
  db: Db;
  providerFor: (sender: Sender) => Provider;
}

/**
 * Submits the oldest template that waits for it to its sender's provider. The row is locked meanwhile, so two workers
 * never submit one template twice; an unclear outcome is tried again (the provider refuses a second of the same name).
 * Returns how many were submitted.
 */
export async function submitTemplates({ db, providerFor }: SubmissionDeps): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const template = await tx
      .selectFrom('templates')
      .selectAll()
      .where('status', '=', 'in_review')
      .where('submitted_at', 'is', null)
      .where('sender_id', 'is not', null)
      .where('deleted_at', 'is', null)
      .orderBy('created_at')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (!template?.sender_id) return 0;
    const sender = await tx
      .selectFrom('senders')
      .selectAll()
      .where('id', '=', template.sender_id)
      .executeTakeFirstOrThrow();
    const outcome = await providerFor(sender).submitTemplate({
      name: template.name,
      language: template.language,
      category: template.category,
      body: template.body,
      parameterFormat: template.parameter_format,
      examples: template.placeholders.map((name) => ({ name, value: `${name} example` })),
    });
    if (outcome.kind === 'unknown') throw new Error(`Template not submitted: ${outcome.detail}`);
    await tx
      .updateTable('templates')
      .set({
        submitted_at: new Date(),
        ...(outcome.kind === 'submitted'
          ? { provider_template_id: outcome.providerTemplateId }
          : { status: 'rejected', status_reason: outcome.detail }),
      })
      .where('id', '=', template.id)
      .execute();
    return 1;
  });
}
