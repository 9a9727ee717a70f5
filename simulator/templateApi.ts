import type { Call } from './calls';
import type { SimulatedNumber } from './config';
import { ok, readJson, SUCCESS, type Answer } from './answers';
import { healthOf } from './health';
import { UNSUPPORTED, type GraphError } from './graphError';
import { review, tellStatus } from './templateEvents';
import { readEdit, readSubmission } from './templateRules';
import type { SimulatedTemplate } from './templates';
import type { SubmittedComponent } from './templateShape';
import type { World } from './world';

/** The endpoints of the template registry. Meta's and 360dialog's differ in paging and in a few names. */

/** What of a request these endpoints look at. */
export type TemplateRequest = Pick<Call, 'method' | 'query' | 'raw' | 'number' | 'reviewDelayMs'>;

const DAY = 24 * 3_600_000;
/** An approved template may be edited so often in 30 days, and once a day. */
const MOST_EDITS = 10;

export function answerTemplates(world: World, request: TemplateRequest): Answer | GraphError {
  const { method, query, number } = request;
  switch (method) {
    case 'GET':
      return number.kind === '360dialog'
        ? listByOffset(world, request)
        : listByCursor(world, request);
    case 'POST':
      return submit(world, request);
    case 'DELETE':
      return remove(world, number, query.get('name'), query.get('hsm_id'));
    default:
      return UNSUPPORTED;
  }
}

/** `/{template_id}`, and `/{template_id}/unpause`. */
export function answerTemplate(
  world: World,
  template: SimulatedTemplate,
  { method, query, raw, reviewDelayMs, number }: TemplateRequest,
  edge: string | undefined,
): Answer | GraphError {
  if (edge === 'unpause') return method === 'POST' ? unpause(world, template) : UNSUPPORTED;
  if (edge !== undefined) return UNSUPPORTED;
  switch (method) {
    case 'GET':
      return query.get('fields') === 'health_status'
        ? ok({ health_status: healthOf(world, number), id: template.id })
        : ok(templateView(template));
    case 'POST':
      return edit(world, template, raw, reviewDelayMs);
    case 'DELETE':
      return remove(world, number, template.name, template.id);
    default:
      return UNSUPPORTED;
  }
}

function submit(
  world: World,
  { raw, number, reviewDelayMs }: TemplateRequest,
): Answer | GraphError {
  const submission = readSubmission(readJson(raw));
  if ('code' in submission) return submission;
  const unknown = handlesIn(submission.components).find(
    (handle) => !world.uploads.isHandle(handle),
  );
  if (unknown !== undefined)
    return { code: 100, subcode: 2494102, userMessage: 'The uploaded media handle is invalid.' };
  const template = world.templates.submit(number.wabaId, submission);
  if ('code' in template) return template;
  if (template.libraryName === null)
    world.reviews.schedule(reviewDelayMs, () => review(world, template));
  else tellStatus(world, template, template.status);
  const { id, status, category } = template;
  return number.kind === '360dialog'
    ? { kind: 'answer', status: 201, body: dialog360View(template) }
    : ok({ id, status, category });
}

function handlesIn(components: readonly SubmittedComponent[]): string[] {
  return components.flatMap((component) => {
    if (component.type === 'CAROUSEL')
      return component.cards.flatMap((card) => handlesIn(card.components));
    return component.type === 'HEADER' ? (component.example?.header_handle ?? []) : [];
  });
}

function edit(
  world: World,
  template: SimulatedTemplate,
  raw: Buffer,
  reviewDelayMs: number,
): Answer | GraphError {
  const changes = readEdit(readJson(raw), template);
  if ('code' in changes) return changes;
  if (template.status === 'PENDING')
    return { code: 100, userMessage: 'A template under review cannot be edited.' };
  const now = world.now();
  const recent = template.editedAt.filter((at) => at > now - 30 * DAY);
  if (recent.length >= MOST_EDITS || recent.some((at) => at > now - DAY))
    return { code: 100, userMessage: 'An approved template may be edited once a day.' };
  world.templates.edit(template, changes, now);
  world.reviews.schedule(reviewDelayMs, () => review(world, template));
  return SUCCESS;
}

function unpause(world: World, template: SimulatedTemplate): Answer {
  if (template.status !== 'PAUSED') return ok({ success: false, reason: 'Not paused.' });
  template.status = 'APPROVED';
  template.reason = null;
  tellStatus(world, template, 'APPROVED');
  return SUCCESS;
}

function remove(
  world: World,
  { wabaId }: SimulatedNumber,
  name: string | null,
  id: string | null,
): Answer | GraphError {
  if (name === null) return { code: 100, message: '(#100) The parameter name is required.' };
  const removed = world.templates.remove(wabaId, name, id);
  if (removed.length === 0)
    return { code: 100, subcode: 2593002, userMessage: 'Message template was not found.' };
  for (const template of removed) tellStatus(world, template, 'DELETED');
  return SUCCESS;
}

function matching(world: World, { query, number }: TemplateRequest): SimulatedTemplate[] {
  const wanted = (name: string, value: string) => {
    const filter = query.get(name);
    return filter === null || filter.toLowerCase() === value.toLowerCase();
  };
  return world.templates
    .of(number.wabaId)
    .filter(
      ({ name, status, language, category }) =>
        wanted('status', status) &&
        wanted('language', language) &&
        wanted('category', category) &&
        name.includes(query.get('name') ?? ''),
    );
}

const DEFAULT_PAGE = 25;
const LARGEST_PAGE = 1000;

function pageSize(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE);
  return Number.isInteger(limit) ? Math.min(LARGEST_PAGE, Math.max(1, limit)) : DEFAULT_PAGE;
}

/** Cursors are ids, in base64 so that nobody takes them for more. */
function listByCursor(world: World, request: TemplateRequest): Answer | GraphError {
  const { query } = request;
  const all = matching(world, request);
  const after = query.get('after');
  const start = after === null ? 0 : all.findIndex(({ id }) => cursorOf(id) === after) + 1;
  if (after !== null && start === 0)
    return { code: 131059, details: 'The paging cursor is not valid.' };
  const page = all.slice(start, start + pageSize(query));
  const [first, last] = [page.at(0), page.at(-1)];
  const more = start + page.length < all.length && last !== undefined;
  return ok({
    data: page.map(templateView),
    ...(first &&
      last && {
        paging: {
          cursors: { before: cursorOf(first.id), after: cursorOf(last.id) },
          ...(more && { next: `message_templates?after=${cursorOf(last.id)}` }),
        },
      }),
  });
}

function cursorOf(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function listByOffset(world: World, request: TemplateRequest): Answer {
  const { query } = request;
  const all = matching(world, request);
  const offset = Math.max(0, Number(query.get('offset') ?? 0) || 0);
  const limit = pageSize(query);
  const page = all.slice(offset, offset + limit);
  return ok({
    count: page.length,
    limit,
    offset,
    total: all.length,
    waba_templates: page.map(dialog360View),
  });
}

/** A template as Meta shows it. */
export function templateView(template: SimulatedTemplate): object {
  const { id, name, language, category, status, format, components, quality, reason } = template;
  return {
    id,
    name,
    language,
    category,
    status,
    parameter_format: format,
    components,
    ...(template.libraryName !== null && { library_template_name: template.libraryName }),
    quality_score: { score: quality },
    rejected_reason: status === 'REJECTED' ? (reason ?? 'INVALID_FORMAT') : 'NONE',
  };
}

/** 360dialog's own id in front, Meta's as `external_id`, and the status in lower case. */
function dialog360View(template: SimulatedTemplate): object {
  return {
    ...templateView(template),
    id: `${Buffer.from(template.id).toString('base64url')}WT`,
    external_id: template.id,
    status: template.status.toLowerCase(),
    namespace: 'simulated',
  };
}
