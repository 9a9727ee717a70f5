import { isBsuid } from '../domain/identity';
import type {
  ContactCard,
  ContactsContent,
  MediaContent,
  OutboundContent,
} from '../domain/message';
import type { OutboundMessage } from '../domain/ports';
import { interactiveBody } from './interactiveBody';
import { placeBody, templateMessageBody } from './templateMessageBody';

/**
 * The body of `POST …/messages`, alike for Meta and 360dialog. The reference travels along and is echoed by every status
 * webhook. Undefined keys vanish in JSON.
 */
export function sendBody(message: OutboundMessage): object {
  const { to, reference, context, marketing, content } = message;
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...(isBsuid(to) ? { recipient: to } : { to }),
    type: content.type,
    biz_opaque_callback_data: reference,
    ...(context !== undefined && { context: { message_id: context.wamid } }),
    ...(marketing?.activitySharing !== undefined && {
      message_activity_sharing: marketing.activitySharing,
    }),
    [content.type]: contentBody(content),
  };
}

/** Marks a customer's message as read, on the same address as messages; `typing` shows that an answer is written. */
export function readMarkBody(wamid: string, typing: boolean): object {
  return {
    messaging_product: 'whatsapp',
    status: 'read',
    message_id: wamid,
    ...(typing && { typing_indicator: { type: 'text' } }),
  };
}

function contentBody(content: OutboundContent): object {
  switch (content.type) {
    case 'template':
      return templateMessageBody(content);
    case 'text':
      return { body: content.body, preview_url: content.previewUrl ?? false };
    case 'location':
      return placeBody(content);
    case 'contacts':
      return contactsBody(content);
    case 'interactive':
      return interactiveBody(content);
    case 'reaction':
      return { message_id: content.wamid, emoji: content.emoji };
    default:
      return mediaBody(content);
  }
}

/** Key by key: what a caller may have left beside them would be refused as unknown. */
function mediaBody(media: MediaContent): object {
  const { id, link } = media;
  switch (media.type) {
    case 'image':
    case 'video':
      return { id, link, caption: media.caption };
    case 'audio':
      return { id, link, voice: media.voice };
    case 'document':
      return { id, link, caption: media.caption, filename: media.filename };
    case 'sticker':
      return { id, link };
  }
}

function contactsBody({ contacts }: ContactsContent): object[] {
  return contacts.map(contactBody);
}

function contactBody(contact: ContactCard): object {
  const { name, phones, emails, urls, addresses, org, birthday } = contact;
  return {
    name: {
      formatted_name: name.formattedName,
      first_name: name.firstName,
      middle_name: name.middleName,
      last_name: name.lastName,
      prefix: name.prefix,
      suffix: name.suffix,
    },
    phones: phones?.map(({ phone, type, waId }) => ({ phone, type, wa_id: waId })),
    emails,
    urls,
    addresses: addresses?.map(({ countryCode, ...address }) => ({
      ...address,
      country_code: countryCode,
    })),
    org,
    birthday,
  };
}
