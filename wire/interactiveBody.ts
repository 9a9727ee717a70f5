import type {
  AddressAction,
  FlowAction,
  InteractiveAction,
  InteractiveActionType,
  InteractiveContent,
  InteractiveHeader,
  ListSection,
  ProductSection,
} from '../domain/message';

/** What each action is called on the wire. */
const TYPES: Record<InteractiveActionType, string> = {
  buttons: 'button',
  list: 'list',
  cta_url: 'cta_url',
  flow: 'flow',
  location_request: 'location_request_message',
  contact_request: 'contact_request',
  product: 'product',
  product_list: 'product_list',
  catalog: 'catalog_message',
  address: 'address_message',
};

/** The version that flow messages are written in; the only one there is. */
const FLOW_MESSAGE_VERSION = '3';

/** An interactive message, as `POST …/messages` takes it. Undefined keys vanish in JSON. */
export function interactiveBody({ header, body, footer, action }: InteractiveContent): object {
  return {
    type: TYPES[action.type],
    header: header && headerBody(header),
    body: body === undefined ? undefined : { text: body },
    footer: footer === undefined ? undefined : { text: footer },
    action: actionBody(action),
  };
}

function headerBody(header: InteractiveHeader): object {
  if (header.type === 'text') return { type: 'text', text: header.text };
  const { type, id, link } = header;
  const filename = type === 'document' ? header.filename : undefined;
  return { type, [type]: { id, link, filename } };
}

function actionBody(action: InteractiveAction): object {
  switch (action.type) {
    case 'buttons':
      return {
        buttons: action.buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })),
      };
    case 'list':
      return { button: action.button, sections: action.sections.map(listSectionBody) };
    case 'cta_url': {
      const { displayText, url } = action;
      return { name: 'cta_url', parameters: { display_text: displayText, url } };
    }
    case 'flow':
      return { name: 'flow', parameters: flowParameters(action) };
    case 'location_request':
      return { name: 'send_location' };
    case 'contact_request':
      return { name: 'request_contact_info' };
    case 'product':
      return { catalog_id: action.catalogId, product_retailer_id: action.productId };
    case 'product_list':
      return {
        catalog_id: action.catalogId,
        sections: action.sections.map(productSectionBody),
      };
    case 'catalog': {
      const thumbnail = action.thumbnailProductId;
      return {
        name: 'catalog_message',
        ...(thumbnail !== undefined && {
          parameters: { thumbnail_product_retailer_id: thumbnail },
        }),
      };
    }
    case 'address':
      return { name: 'address_message', parameters: addressParameters(action) };
  }
}

function listSectionBody({ title, rows }: ListSection): object {
  return {
    title,
    rows: rows.map(({ id, title: name, description }) => ({ id, title: name, description })),
  };
}

export function productSectionBody({ title, productIds }: ProductSection): object {
  return { title, product_items: productIds.map((id) => ({ product_retailer_id: id })) };
}

function flowParameters(action: FlowAction): object {
  return {
    flow_message_version: FLOW_MESSAGE_VERSION,
    flow_id: action.flowId,
    flow_name: action.flowName,
    flow_cta: action.cta,
    flow_token: action.token,
    mode: action.mode,
    flow_action: action.action,
    flow_action_payload: action.payload,
  };
}

function addressParameters(action: AddressAction): object {
  return {
    country: action.country,
    values: action.values,
    saved_addresses: action.savedAddresses,
    validation_errors: action.validationErrors,
  };
}
