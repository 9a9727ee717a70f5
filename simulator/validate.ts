import type { GraphError } from './graphError';
import type { SimulatedTemplate } from './templates';

/** Shape and limits of `POST …/messages`, by hand: this runs for every message. Null means valid. */

type Json = Record<string, unknown>;

const missing = (what: string): GraphError => ({
  code: 131008,
  details: `Required parameter ${what} is missing.`,
});
const invalid = (what: string, why = 'is not valid'): GraphError => ({
  code: 131009,
  details: `Parameter ${what} ${why}.`,
});
const wrong = (details: string): GraphError => ({ code: 100, details });
const tooLong = (what: string, length: number): GraphError =>
  wrong(`Parameter ${what} must be at most ${length} characters long.`);

const PHONE = /^\+?[1-9][0-9]{6,14}$/;
const PHONE_DECORATION = /[\s().-]/g;
const BSUID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The recipient as digits or business-scoped id. `to` wins over `recipient`. */
export function readRecipient(body: Json): { to: string } | GraphError {
  if (typeof body.to === 'string' && body.to !== '') {
    const phone = body.to.replace(PHONE_DECORATION, '');
    return PHONE.test(phone) ? { to: phone.replace('+', '') } : invalid('to');
  }
  if (typeof body.recipient === 'string')
    return BSUID.test(body.recipient) ? { to: body.recipient } : invalid('recipient');
  return wrong('The parameter to is required.');
}

/** Checks everything that needs no registry. */
export function messageProblem(body: Json): GraphError | null {
  if (body.messaging_product !== 'whatsapp')
    return wrong('The parameter messaging_product is required.');
  const recipientType = body.recipient_type ?? 'individual';
  if (recipientType !== 'individual' && recipientType !== 'group') return invalid('recipient_type');
  const reference = body.biz_opaque_callback_data;
  if (reference !== undefined && typeof reference !== 'string')
    return invalid('biz_opaque_callback_data');
  if (typeof reference === 'string' && reference.length > 512)
    return tooLong('biz_opaque_callback_data', 512);
  if (body.context !== undefined && !(isObject(body.context) && isText(body.context.message_id)))
    return invalid('context');

  const type = body.type ?? 'text';
  if (typeof type !== 'string') return invalid('type');
  const check = CHECKS.get(type);
  if (check === undefined) return wrong(`Unknown message type ${type}.`);
  if (type === 'contacts') return contactsProblem(body.contacts);
  const content = body[type];
  return isObject(content) ? check(content) : missing(type);
}

const CHECKS = new Map<string, (content: Json) => GraphError | null>([
  ['text', textProblem],
  ['image', (media) => mediaProblem('image', media)],
  ['video', (media) => mediaProblem('video', media)],
  ['audio', (media) => mediaProblem('audio', media)],
  ['document', (media) => mediaProblem('document', media)],
  ['sticker', (media) => mediaProblem('sticker', media)],
  ['location', locationProblem],
  ['contacts', () => null],
  ['reaction', ({ message_id }) => (isText(message_id) ? null : missing('reaction.message_id'))],
  ['interactive', interactiveProblem],
  ['template', templateShapeProblem],
]);

function textProblem({ body }: Json): GraphError | null {
  if (!isText(body)) return missing('text.body');
  return body.length > 4096 ? tooLong('text.body', 4096) : null;
}

function mediaProblem(type: string, { id, link, caption }: Json): GraphError | null {
  if (!isText(id) && !isText(link)) return missing(`${type}.id or ${type}.link`);
  if (isText(id) && isText(link)) return invalid(type, 'takes either an id or a link');
  if (isText(link) && !/^https?:\/\//.test(link)) return invalid(`${type}.link`);
  if (typeof caption === 'string' && caption.length > 1024) return tooLong(`${type}.caption`, 1024);
  return null;
}

function locationProblem({ latitude, longitude }: Json): GraphError | null {
  const within = (value: unknown, bound: number) =>
    (isText(value) || typeof value === 'number') && Math.abs(Number(value)) <= bound;
  if (latitude === undefined || longitude === undefined) return missing('location');
  return within(latitude, 90) && within(longitude, 180) ? null : invalid('location');
}

function contactsProblem(contacts: unknown): GraphError | null {
  if (!Array.isArray(contacts) || contacts.length === 0) return missing('contacts');
  const named = contacts.every(
    (contact: unknown) =>
      isObject(contact) && isObject(contact.name) && isText(contact.name.formatted_name),
  );
  return named ? null : missing('contacts.name.formatted_name');
}

function interactiveProblem({ type, body, action, footer }: Json): GraphError | null {
  if (!isText(type)) return missing('interactive.type');
  if (!isObject(action)) return missing('interactive.action');
  if (!isObject(body) || !isText(body.text)) return missing('interactive.body.text');
  const bodyLimit = type === 'list' ? 4096 : 1024;
  if (body.text.length > bodyLimit) return tooLong('interactive.body.text', bodyLimit);
  if (isObject(footer) && isText(footer.text) && footer.text.length > 60)
    return tooLong('interactive.footer.text', 60);
  switch (type) {
    case 'button':
      return buttonsProblem(action.buttons);
    case 'list':
      return listProblem(action);
    case 'cta_url':
    case 'flow':
    case 'location_request_message':
    case 'contact_request':
      return isText(action.name) ? null : missing('interactive.action.name');
    default:
      return invalid('interactive.type');
  }
}

function buttonsProblem(buttons: unknown): GraphError | null {
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3)
    return invalid('interactive.action.buttons', 'must hold one to three buttons');
  const titles = new Set<string>();
  for (const button of buttons as unknown[]) {
    const reply = isObject(button) && isObject(button.reply) ? button.reply : {};
    if (!isText(reply.id) || !isText(reply.title)) return missing('button.reply');
    if (reply.id.length > 256) return tooLong('button.reply.id', 256);
    if (reply.title.length > 20) return tooLong('button.reply.title', 20);
    titles.add(reply.title);
  }
  return titles.size === buttons.length ? null : invalid('button.reply.title', 'must be unique');
}

function listProblem({ button, sections }: Json): GraphError | null {
  if (!isText(button)) return missing('interactive.action.button');
  if (button.length > 20) return tooLong('interactive.action.button', 20);
  if (!Array.isArray(sections) || sections.length < 1 || sections.length > 10)
    return invalid('interactive.action.sections', 'must hold one to ten sections');
  let rows = 0;
  for (const section of sections as unknown[]) {
    if (!isObject(section) || !Array.isArray(section.rows)) return missing('section.rows');
    for (const row of section.rows as unknown[]) {
      if (!isObject(row) || !isText(row.id) || !isText(row.title)) return missing('row');
      if (row.id.length > 200) return tooLong('row.id', 200);
      if (row.title.length > 24) return tooLong('row.title', 24);
      if (isText(row.description) && row.description.length > 72)
        return tooLong('row.description', 72);
      rows += 1;
    }
  }
  return rows >= 1 && rows <= 10 ? null : invalid('sections', 'must hold one to ten rows in all');
}

function templateShapeProblem({ name, language, components }: Json): GraphError | null {
  if (!isText(name)) return missing('template.name');
  if (!isObject(language) || !isText(language.code)) return missing('template.language.code');
  if (components !== undefined && !Array.isArray(components)) return invalid('template.components');
  return null;
}

/** Checks the values against the template they fill. */
export function templateParameterProblem(
  template: SimulatedTemplate,
  components: unknown,
): GraphError | null {
  const given: unknown[] = Array.isArray(components) ? components : [];
  let body: unknown[] = [];
  let header: string | null = null;
  for (const component of given) {
    if (!isObject(component) || !isText(component.type)) return invalid('template.components');
    const parameters: unknown[] = Array.isArray(component.parameters) ? component.parameters : [];
    const type = component.type.toLowerCase();
    if (type === 'body') body = parameters;
    else if (type === 'header') header = mediaOf(parameters[0]);
    else if (type !== 'button') return invalid('template.components.type');
  }
  if (template.header !== null && template.header !== header)
    return { code: 132012, details: `The header must hold one ${template.header}.` };
  return bodyParameterProblem(template, body);
}

function mediaOf(parameter: unknown): string | null {
  if (!isObject(parameter) || !isText(parameter.type)) return null;
  const media = parameter[parameter.type];
  return isObject(media) && mediaProblem(parameter.type, media) === null ? parameter.type : null;
}

function bodyParameterProblem(
  template: SimulatedTemplate,
  parameters: unknown[],
): GraphError | null {
  const { placeholders, format } = template;
  if (parameters.length !== placeholders.length) {
    const details = `body: number of localizable_params (${parameters.length}) does not match the expected number of params (${placeholders.length})`;
    return { code: 132000, details };
  }
  let length = template.body.length;
  for (const parameter of parameters) {
    if (!isObject(parameter)) return invalid('template.components.parameters');
    const { text, parameter_name: name } = parameter;
    if (parameter.type === 'currency' || parameter.type === 'date_time') continue;
    if (!isText(text)) return missing('parameters.text');
    if (/[\n\t]| {5,}/.test(text))
      return {
        code: 132018,
        details: 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
      };
    const fits =
      format === 'named' ? isText(name) && placeholders.includes(name) : name === undefined;
    if (!fits) return { code: 132012, details: `The template takes ${format} parameters.` };
    length += text.length;
  }
  return length > 1024 + 5 * placeholders.length
    ? { code: 132005, details: 'The text with these values is too long.' }
    : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
