import type { SimulatedTemplate, TemplateChange } from './templates';
import type { World } from './world';

/** What business accounts are told about their templates. */

/** The review's decision: names that contain `reject` are rejected. */
export function review(world: World, template: SimulatedTemplate): void {
  if (template.status !== 'PENDING') return;
  const rejected = template.name.includes('reject');
  template.status = rejected ? 'REJECTED' : 'APPROVED';
  template.reason = rejected ? 'INVALID_FORMAT' : 'NONE';
  tellStatus(world, template, template.status);
}

export function tellChange(world: World, change: TemplateChange): void {
  const { template, previousQuality, previousCategory } = change;
  if (change.status) tellStatus(world, template, template.status);
  if (previousQuality !== null)
    world.tellAccount(template.wabaId, 'message_template_quality_update', {
      previous_quality_score: previousQuality,
      new_quality_score: template.quality,
      ...identity(template),
    });
  if (previousCategory !== null)
    world.tellAccount(template.wabaId, 'template_category_update', {
      ...identity(template),
      previous_category: previousCategory,
      new_category: template.category,
    });
}

/** `event` is the template's status, or what became of it: DELETED. */
export function tellStatus(world: World, template: SimulatedTemplate, event: string): void {
  world.tellAccount(template.wabaId, 'message_template_status_update', {
    event,
    ...identity(template),
    message_template_category: template.category,
    reason: template.reason,
    ...(event === 'REJECTED' && {
      rejection_info: {
        reason: 'The template was rejected by the simulated review.',
        recommendation: 'Choose a name without "reject".',
      },
    }),
    ...(event === 'PAUSED' && {
      other_info: {
        title: 'FIRST_PAUSE',
        description: 'The template is paused because customers did not take it well.',
      },
    }),
    ...(event === 'DISABLED' && { disable_info: { disable_date: Math.floor(world.now() / 1000) } }),
  });
}

/** Meta gives the id as a number. */
function identity({ id, name, language }: SimulatedTemplate): object {
  return {
    message_template_id: Number(id),
    message_template_name: name,
    message_template_language: language,
  };
}
