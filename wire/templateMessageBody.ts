import type {
  TemplateComponent,
  TemplateContent,
  TemplateParameter,
  Place,
} from '../domain/message';
import { productSectionBody } from './interactiveBody';

/** What a template is filled with, as `POST …/messages` takes it. */
export function templateMessageBody({ name, language, components }: TemplateContent): object {
  return {
    name,
    language: { code: language },
    ...(components.length > 0 && { components: components.map(componentBody) }),
  };
}

function componentBody(component: TemplateComponent): object {
  switch (component.type) {
    case 'carousel':
      return {
        type: 'carousel',
        cards: component.cards.map(({ index, components }) => ({
          card_index: index,
          components: components.map(componentBody),
        })),
      };
    case 'button':
      return {
        type: 'button',
        sub_type: component.subType,
        index: String(component.index),
        parameters: component.parameters.map(parameterBody),
      };
    default:
      return { type: component.type, parameters: component.parameters.map(parameterBody) };
  }
}

function parameterBody(parameter: TemplateParameter): object {
  switch (parameter.type) {
    case 'text':
      return { type: 'text', parameter_name: parameter.name, text: parameter.text };
    case 'currency': {
      const { fallback, code, amount1000, name } = parameter;
      const currency = { fallback_value: fallback, code, amount_1000: amount1000 };
      return { type: 'currency', parameter_name: name, currency };
    }
    case 'date_time': {
      const { fallback, name } = parameter;
      return { type: 'date_time', parameter_name: name, date_time: { fallback_value: fallback } };
    }
    case 'location':
      return { type: 'location', location: placeBody(parameter) };
    case 'payload':
      return { type: 'payload', payload: parameter.payload };
    case 'coupon_code':
      return { type: 'coupon_code', coupon_code: parameter.code };
    case 'product': {
      const { productId, catalogId } = parameter;
      return {
        type: 'product',
        product: { product_retailer_id: productId, catalog_id: catalogId },
      };
    }
    case 'limited_time_offer':
      return {
        type: 'limited_time_offer',
        limited_time_offer: { expiration_time_ms: parameter.expiresAtMs },
      };
    case 'flow':
    case 'catalog':
    case 'product_list':
      return { type: 'action', action: buttonActionBody(parameter) };
    default: {
      const { type, id, link, filename } = parameter;
      return { type, [type]: { id, link, filename } };
    }
  }
}

export function placeBody({ latitude, longitude, name, address }: Place): object {
  return { latitude, longitude, name, address };
}

type ButtonAction = Extract<TemplateParameter, { type: 'flow' | 'catalog' | 'product_list' }>;

function buttonActionBody(action: ButtonAction): object {
  switch (action.type) {
    case 'flow':
      return { flow_token: action.token, flow_action_data: action.data };
    case 'catalog':
      return { thumbnail_product_retailer_id: action.thumbnailProductId };
    case 'product_list':
      return {
        thumbnail_product_retailer_id: action.thumbnailProductId,
        sections: action.sections.map(productSectionBody),
      };
  }
}
