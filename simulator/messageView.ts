import type {
  InteractiveAction,
  InteractiveContent,
  MediaSource,
  OutboundContent,
  Place,
  TemplateComponent,
} from '../domain/message';
import { fill, type TemplateButton, type TemplateParts } from './templateParts';

/** A message as a phone shows it, ready for the chat page: it draws these parts and knows no types. */
export interface MessageView {
  media?: { type: string; url: string; name: string | null };
  place?: { latitude: number; longitude: number; name: string | null };
  /** Above the text, in bold. */
  header?: string;
  text?: string;
  footer?: string;
  /** What stands in for something that the page cannot draw. */
  note?: string;
  /** Shown at another message. */
  reaction?: { to: string; emoji: string };
  buttons?: ViewedButton[];
  /** The message this one answers. */
  reply_to?: string;
}

export interface ViewedButton {
  label: string;
  description?: string;
  url?: string;
  /** What tapping it says: a body for `POST /_sim/inbound`, to which the page adds who and to what. */
  inbound?: Record<string, unknown>;
}

/** `parts` are those of the message's template; null where it is none, or is gone. */
export function viewSent(content: OutboundContent, parts: TemplateParts | null): MessageView {
  switch (content.type) {
    case 'text':
      return { text: content.body };
    case 'location':
      return { place: placeView(content) };
    case 'contacts':
      return { note: `👤 ${content.contacts.map(({ name }) => name.formattedName).join(', ')}` };
    case 'reaction':
      return { reaction: { to: content.wamid, emoji: content.emoji } };
    case 'interactive':
      return interactiveView(content);
    case 'template':
      return parts === null
        ? { note: `Template ${content.name}` }
        : templateView(content.components, parts);
    default:
      return {
        media: mediaView(content.type, content),
        ...('caption' in content && content.caption !== undefined && { text: content.caption }),
      };
  }
}

function mediaView(
  type: string,
  { id, link, filename }: MediaSource & { filename?: string },
): NonNullable<MessageView['media']> {
  return { type, url: link ?? `/_sim/media/${id}`, name: filename ?? null };
}

function placeView({ latitude, longitude, name, address }: Place): MessageView['place'] {
  return { latitude, longitude, name: name ?? address ?? null };
}

function interactiveView({ header, body, footer, action }: InteractiveContent): MessageView {
  return {
    ...(header?.type === 'text' && { header: header.text }),
    ...(header !== undefined &&
      header.type !== 'text' && { media: mediaView(header.type, header) }),
    ...(body !== undefined && { text: body }),
    ...(footer !== undefined && { footer }),
    buttons: actionButtons(action),
  };
}

const interactiveReply = (reply: Record<string, unknown>): ViewedButton['inbound'] => ({
  type: 'interactive',
  interactive: reply,
});
const formReply = (name: string, answers: object): ViewedButton['inbound'] =>
  interactiveReply({
    type: 'nfm_reply',
    nfm_reply: { name, body: 'Sent', response_json: answers },
  });

function actionButtons(action: InteractiveAction): ViewedButton[] {
  switch (action.type) {
    case 'buttons':
      return action.buttons.map((reply) => ({
        label: reply.title,
        inbound: interactiveReply({ type: 'button_reply', button_reply: reply }),
      }));
    case 'list':
      return action.sections.flatMap(({ rows }) =>
        rows.map((row) => ({
          label: row.title,
          ...(row.description !== undefined && { description: row.description }),
          inbound: interactiveReply({ type: 'list_reply', list_reply: row }),
        })),
      );
    case 'cta_url':
      return [{ label: action.displayText, url: action.url }];
    case 'flow': {
      const answers = { flow_token: action.token ?? 'unused' };
      return [{ label: action.cta, inbound: formReply('flow', answers) }];
    }
    case 'location_request':
      return [{ label: 'Send location', inbound: { type: 'location', location: HERE } }];
    case 'contact_request':
      return [{ label: 'Share contact', inbound: { type: 'contacts', contacts: [ME] } }];
    case 'address': {
      const answers = { saved_address_id: action.savedAddresses?.[0]?.id, values: action.values };
      return [{ label: 'Provide address', inbound: formReply('address_message', answers) }];
    }
    case 'product':
      return [orderButton('View', action.catalogId, action.productId)];
    case 'product_list':
      return action.sections.flatMap(({ productIds }) =>
        productIds.map((id) => orderButton(`Order ${id}`, action.catalogId, id)),
      );
    case 'catalog':
      return [orderButton('View catalog', 'catalog', action.thumbnailProductId ?? 'product')];
  }
}

const HERE = { latitude: 37.7749, longitude: -122.4194, name: 'San Francisco' };
const ME = { name: { formatted_name: 'Simulated customer', first_name: 'Simulated' } };

function orderButton(label: string, catalog_id: string, product_retailer_id: string): ViewedButton {
  const item = { product_retailer_id, quantity: '1', item_price: '10', currency: 'USD' };
  return { label, inbound: { type: 'order', order: { catalog_id, product_items: [item] } } };
}

function templateView(components: readonly TemplateComponent[], parts: TemplateParts): MessageView {
  const { header, body, footer, buttons, cards } = parts;
  const place = headerPlace(components);
  const media = headerMedia(components);
  return {
    ...(media && { media }),
    ...(place && { place }),
    ...(header?.format === 'TEXT' && { header: filled(header.text, components, 'header') }),
    text: filled(body, components, 'body'),
    ...(footer !== null && { footer }),
    ...(cards.length > 0 && { note: `${cards.length} cards` }),
    buttons: buttons.map((button, index) => templateButton(button, components, index)),
  };
}

type Filling = Exclude<TemplateComponent, { type: 'carousel' }>;

function parametersOf(
  components: readonly TemplateComponent[],
  matches: (component: Filling) => boolean,
): Filling['parameters'] {
  for (const component of components)
    if (component.type !== 'carousel' && matches(component)) return component.parameters;
  return [];
}

function filled(
  text: string,
  components: readonly TemplateComponent[],
  type: 'header' | 'body',
): string {
  const values = new Map<string, string>();
  for (const [index, one] of parametersOf(components, (part) => part.type === type).entries()) {
    if (one.type === 'text') values.set(one.name ?? String(index + 1), one.text);
    else if (one.type === 'currency' || one.type === 'date_time')
      values.set(one.name ?? String(index + 1), one.fallback);
  }
  return fill(text, (name) => values.get(name));
}

function headerMedia(components: readonly TemplateComponent[]): MessageView['media'] {
  for (const one of parametersOf(components, ({ type }) => type === 'header'))
    if (one.type === 'image' || one.type === 'video' || one.type === 'document')
      return mediaView(one.type, one);
  return undefined;
}

function headerPlace(components: readonly TemplateComponent[]): MessageView['place'] {
  for (const one of parametersOf(components, ({ type }) => type === 'header'))
    if (one.type === 'location') return placeView(one);
  return undefined;
}

function templateButton(
  { type, text, target }: TemplateButton,
  components: readonly TemplateComponent[],
  index: number,
): ViewedButton {
  const [value] = parametersOf(
    components,
    (part) => part.type === 'button' && part.index === index,
  );
  switch (type) {
    case 'QUICK_REPLY': {
      const payload = value?.type === 'payload' ? value.payload : text;
      return { label: text, inbound: { type: 'button', button: { payload, text } } };
    }
    case 'URL':
      return { label: text, url: fill(target, () => (value?.type === 'text' ? value.text : '')) };
    case 'PHONE_NUMBER':
      return { label: text, url: `tel:${target}` };
    case 'COPY_CODE':
      return { label: text, ...(value?.type === 'coupon_code' && { description: value.code }) };
    case 'FLOW': {
      const token = value?.type === 'flow' ? value.token : undefined;
      return { label: text, inbound: formReply('flow', { flow_token: token ?? 'unused' }) };
    }
    default:
      return { label: text };
  }
}

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** A customer's message, as its webhook has it. */
export function viewReceived(message: Readonly<Record<string, unknown>>): MessageView {
  const type = String(message.type);
  const content = object(message[type]);
  const answered = textOf(object(message.context).id);
  const answer = answered === undefined ? {} : { reply_to: answered };
  switch (type) {
    case 'text':
      return { text: textOf(content.body) ?? '', ...answer };
    case 'button':
      return { text: textOf(content.text) ?? '', ...answer };
    case 'interactive': {
      const reply = object(content[String(content.type)]);
      return { text: textOf(reply.title) ?? textOf(reply.response_json) ?? '', ...answer };
    }
    case 'reaction':
      return {
        reaction: { to: textOf(content.message_id) ?? '', emoji: textOf(content.emoji) ?? '' },
      };
    case 'location':
      return {
        place: {
          latitude: Number(content.latitude),
          longitude: Number(content.longitude),
          name: textOf(content.name) ?? null,
        },
        ...answer,
      };
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return {
        media: mediaView(type, { id: textOf(content.id), filename: textOf(content.filename) }),
        ...(textOf(content.caption) !== undefined && { text: textOf(content.caption) }),
        ...answer,
      };
    default:
      return { note: type, ...answer };
  }
}
