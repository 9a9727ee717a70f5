import type { CampaignMessageView } from '../../../db/campaignMessage';
import type { MessageView } from '../../../db/message';
import { countryOf } from '../../../domain/country';
import type { OutboundContent, TemplateComponent } from '../../../domain/message';
import { phoneDigits } from '../../../domain/phone';
import { formatReference } from '../../../domain/reference';
import { renderBody } from '../../../domain/template';
import { parseContent } from '../../../wire/content';
import { dexatelDate } from './date';
import { encodingOf } from './encoding';
import type { MessageAnswer } from './messageOperations';
import { statusName } from './messageStatus';

/** The fields of the answer to a send first, then Dexatel's further ones, then ours. */
export function renderMessage(row: MessageView): MessageAnswer {
  const inbound = row.direction === 'inbound';
  const customer = customerOf(row);
  const business = phoneDigits(row.sender_phone);
  return {
    id: row.id,
    account_id: row.account_id,
    text: row.text,
    from: inbound ? customer : row.sender_name,
    to: [inbound ? business : customer],
    channel: 'WHATSAPP',
    status: statusName(row.status),
    segments_count: 1,
    encoding: encodingOf(row.text ?? ''),
    ...(inbound
      ? { type: row.type, url: null, variables: [] }
      : partsOf(parseContent(row.content))),
    schedule: null,
    template_id: row.template_id,
    create_date: dexatelDate(row.created_at),
    update_date: dexatelDate(row.updated_at),
    sender: { id: row.sender_id, name: row.sender_name, code: business },
    direction: inbound ? 'MO' : 'MT',
    source: inbound ? null : 'API',
    country: row.contact_phone === null ? null : countryOf(row.contact_phone),
    links: {
      self: `/v1/messages/${row.id}`,
      account: null,
      template: row.template_id === null ? null : `/v1/templates/${row.template_id}`,
    },
    payload: row.client_data,
    error_code: row.error_code,
  };
}

/** The same of what a campaign sent, under the name that webhooks give it. */
export function renderCampaignMessage(row: CampaignMessageView): MessageAnswer {
  const id = formatReference(row.campaign_id, row.position);
  const variables = row.parameters ?? [];
  const values = variables.map((value, index) => [row.placeholders[index], value]);
  const text = renderBody(row.body, Object.fromEntries(values));
  return {
    id,
    account_id: row.account_id,
    text,
    from: row.sender_name,
    to: [customerOf(row)],
    channel: 'WHATSAPP',
    status: campaignStatusName(row),
    segments_count: 1,
    encoding: encodingOf(text),
    type: 'template',
    url: null,
    variables,
    schedule: null,
    template_id: row.template_id,
    create_date: dexatelDate(row.created_at),
    update_date: dexatelDate(row.updated_at),
    sender: { id: row.sender_id, name: row.sender_name, code: phoneDigits(row.sender_phone) },
    direction: 'MT',
    source: 'API',
    country: row.contact_phone === null ? null : countryOf(row.contact_phone),
    links: {
      self: `/v1/messages/${id}`,
      account: null,
      template: `/v1/templates/${row.template_id}`,
    },
    payload: null,
    error_code: /^[0-9]{1,9}$/.test(row.reason ?? '') ? Number(row.reason) : null,
  };
}

/** Only who has opted out is `unsubscribed`: others are skipped because they lack something, or the campaign ended. */
function campaignStatusName({ state, reason }: CampaignMessageView): MessageAnswer['status'] {
  return state === 'skipped' && reason !== 'blocked' ? 'failed' : statusName(state);
}

/** The number, or the business-scoped id of a customer whose number is hidden. */
function customerOf({
  contact_phone,
  contact_bsuid,
}: Pick<MessageView, 'contact_phone' | 'contact_bsuid'>): string {
  return contact_phone === null ? (contact_bsuid ?? '') : phoneDigits(contact_phone);
}

type Parts = Pick<MessageAnswer, 'type' | 'url' | 'variables'>;

/** In the words of the request that made it. */
function partsOf(content: OutboundContent): Parts {
  switch (content.type) {
    case 'template':
      return { type: 'template', url: null, variables: valuesOf(content.components) };
    case 'interactive': {
      const { header } = content;
      if (header === undefined || header.type === 'text') return bare('text');
      return { ...bare(header.type), url: header.link ?? null };
    }
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return { ...bare(content.type), url: content.link ?? null };
    default:
      return bare(content.type);
  }
}

function bare(type: string): Parts {
  return { type, url: null, variables: [] };
}

/** In the order in which requests give them: the body's first. */
function valuesOf(components: readonly TemplateComponent[]): string[] {
  const bodyFirst = components.toSorted((a, b) => +(b.type === 'body') - +(a.type === 'body'));
  const parameters = bodyFirst.flatMap((part) => (part.type === 'carousel' ? [] : part.parameters));
  return parameters.flatMap((parameter) => (parameter.type === 'text' ? [parameter.text] : []));
}
