import type { InteractiveContent, OutboundContent } from './message';

/** What a reader of the conversation sees of a message; null where there is nothing to read. */
export function contentText(content: OutboundContent): string | null {
  switch (content.type) {
    case 'text':
      return content.body;
    case 'image':
    case 'video':
      return content.caption ?? null;
    case 'document':
      return content.caption ?? content.filename ?? null;
    case 'location':
      return content.name ?? content.address ?? null;
    case 'contacts':
      return content.contacts.map(({ name }) => name.formattedName).join(', ');
    case 'interactive':
      return interactiveText(content);
    case 'reaction':
      return content.emoji || null;
    case 'audio':
    case 'sticker':
    case 'template':
      return null;
  }
}

function interactiveText({ header, body }: InteractiveContent): string | null {
  return body ?? (header?.type === 'text' ? header.text : null);
}
