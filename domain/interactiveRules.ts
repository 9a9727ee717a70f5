import { invalid, isLonger, missing, sourceProblem, type ContentProblem } from './contentProblem';
import type {
  AddressAction,
  FlowAction,
  InteractiveAction,
  InteractiveActionType,
  InteractiveContent,
  InteractiveHeader,
  ListSection,
  ProductSection,
} from './message';

type HeaderType = InteractiveHeader['type'];

/** What may stand around each action; the body is at most so long. */
const FRAMES: Record<
  InteractiveActionType,
  { headers: readonly HeaderType[]; headerRequired?: true; body: number; bodyOptional?: true }
> = {
  buttons: { headers: ['text', 'image', 'video', 'document'], body: 1024 },
  list: { headers: ['text'], body: 4096 },
  cta_url: { headers: ['text', 'image', 'video', 'document'], body: 1024 },
  flow: { headers: ['text', 'image', 'video', 'document'], body: 1024 },
  location_request: { headers: [], body: 1024 },
  contact_request: { headers: [], body: 1024 },
  product: { headers: [], body: 1024, bodyOptional: true },
  product_list: { headers: ['text'], headerRequired: true, body: 1024 },
  catalog: { headers: [], body: 1024 },
  address: { headers: ['text'], body: 1024 },
};

/** Limits of interactive messages, in WhatsApp's words where they are known. */
export function interactiveProblem(content: InteractiveContent): ContentProblem | null {
  return frameProblem(content) ?? actionProblem(content.action);
}

function frameProblem({ header, body, footer, action }: InteractiveContent): ContentProblem | null {
  const frame = FRAMES[action.type];
  if (header === undefined) {
    if (frame.headerRequired) return missing('interactive: header is required');
  } else {
    const problem = headerProblem(header, frame.headers);
    if (problem !== null) return problem;
  }
  if (body === undefined) {
    if (!frame.bodyOptional)
      return { code: 100, details: "The parameter interactive['body'] is required." };
  } else if (body === '' || isLonger(body, frame.body)) {
    return lengthInvalid('Body text', 1, frame.body);
  }
  return footer !== undefined && isLonger(footer, 60) ? lengthInvalid('Footer text', 0, 60) : null;
}

function headerProblem(
  header: InteractiveHeader,
  allowed: readonly HeaderType[],
): ContentProblem | null {
  if (!allowed.includes(header.type)) return invalid(`Header type ${header.type} is not allowed`);
  if (header.type !== 'text') return sourceProblem(`header.${header.type}`, header);
  return within(header.text, 1, 60) ? null : lengthInvalid('Header text', 1, 60);
}

function lengthInvalid(what: string, min: number, max: number): ContentProblem {
  return invalid(`${what} length invalid. Min length: ${min}, Max length: ${max}`);
}

function within(text: string, min: number, max: number): boolean {
  return text.length >= min && !isLonger(text, max);
}

function actionProblem(action: InteractiveAction): ContentProblem | null {
  switch (action.type) {
    case 'buttons':
      return buttonsProblem(action.buttons);
    case 'list':
      return listProblem(action.button, action.sections);
    case 'cta_url':
      if (!within(action.displayText, 1, 20)) return lengthInvalid('Display text', 1, 20);
      return /^https?:\/\/[^\s/]/.test(action.url) ? null : invalid('URL is not valid');
    case 'flow':
      return flowProblem(action);
    case 'product_list':
      return productsProblem(action.sections);
    case 'address':
      return addressProblem(action);
    default:
      return null;
  }
}

function buttonsProblem(buttons: readonly { id: string; title: string }[]): ContentProblem | null {
  if (buttons.length < 1 || buttons.length > 3)
    return invalid('Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3');
  for (const { id, title } of buttons) {
    if (!within(id, 1, 256)) return lengthInvalid('Button id', 1, 256);
    if (!within(title, 1, 20)) return lengthInvalid('Button title', 1, 20);
  }
  if (hasRepeated(buttons.map(({ id }) => id))) return invalid('Duplicate button id');
  return hasRepeated(buttons.map(({ title }) => title)) ? invalid('Duplicate button title') : null;
}

function listProblem(button: string, sections: readonly ListSection[]): ContentProblem | null {
  if (!within(button, 1, 20)) return lengthInvalid('Button text', 1, 20);
  const frame = sectionsProblem(sections);
  if (frame !== null) return frame;
  const rows = sections.flatMap((section) => section.rows);
  if (rows.length > 10) return invalid('Total row count exceed max allowed count: 10');
  for (const { id, title, description } of rows) {
    if (!within(id, 1, 200)) return lengthInvalid('Row id', 1, 200);
    if (title === '') return missing('Row title is required');
    if (isLonger(title, 24)) return invalid('Row title is too long. Max length is 24');
    if (description !== undefined && isLonger(description, 72))
      return invalid('Row description is too long. Max length is 72');
  }
  return hasRepeated(rows.map(({ id }) => id)) ? invalid('Duplicate row id') : null;
}

function sectionsProblem(
  sections: readonly (Pick<ListSection, 'title'> & { rows: readonly unknown[] })[],
): ContentProblem | null {
  if (sections.length < 1 || sections.length > 10)
    return invalid('Invalid sections count. Min allowed sections: 1, Max allowed sections: 10');
  for (const { title, rows } of sections) {
    if (rows.length === 0) return invalid('Section without rows');
    if (!title && sections.length > 1)
      return missing('Section title is required when there is more than one section');
    if (title !== undefined && isLonger(title, 24))
      return invalid('Section title is too long. Max length is 24');
  }
  return null;
}

function productsProblem(sections: readonly ProductSection[]): ContentProblem | null {
  const frame = sectionsProblem(
    sections.map(({ title, productIds }) => ({ title, rows: productIds })),
  );
  if (frame !== null) return frame;
  const products = sections.flatMap(({ productIds }) => productIds);
  return products.length > 30 ? invalid('Total product count exceed max allowed count: 30') : null;
}

function flowProblem({
  flowId,
  flowName,
  cta,
  action,
  payload,
}: FlowAction): ContentProblem | null {
  if ((flowId === undefined) === (flowName === undefined))
    return invalid('Exactly one of flow_id and flow_name must be given');
  if (!within(cta, 1, 30)) return lengthInvalid('Flow CTA', 1, 30);
  if (payload !== undefined && action === 'data_exchange')
    return invalid('flow_action_payload is not allowed with data_exchange');
  return payload?.data !== undefined && Object.keys(payload.data).length === 0
    ? invalid('flow_action_payload data must be dynamic_object')
    : null;
}

function addressProblem({ country }: AddressAction): ContentProblem | null {
  return /^[A-Z]{2}$/.test(country) ? null : invalid('country must be an ISO code');
}

function hasRepeated(texts: readonly string[]): boolean {
  return new Set(texts).size < texts.length;
}
