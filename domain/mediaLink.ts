import type { MediaSource, OutboundContent, TemplateComponent } from './message';

/** What a link of a message must lead to. */
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

export interface MediaLink {
  kind: MediaKind;
  link: string;
}

/** What a server says of a file; null where it says nothing. */
export interface MediaFacts {
  /** In lower case, without parameters. */
  type: string | null;
  sizeBytes: number | null;
}

const MB = 1024 * 1024;

/** WhatsApp's limits. Documents may be of any type. */
const RULES: Readonly<Record<MediaKind, { types: readonly string[] | null; most: number }>> = {
  image: { types: ['image/jpeg', 'image/png'], most: 5 * MB },
  video: { types: ['video/mp4', 'video/3gpp'], most: 16 * MB },
  audio: { types: ['audio/aac', 'audio/mp4', 'audio/mpeg', 'audio/ogg'], most: 16 * MB },
  document: { types: null, most: 100 * MB },
  sticker: { types: ['image/webp'], most: 0.5 * MB },
};

/** What is wrong with a file as this kind of media; null where nothing is known to be. */
export function mediaProblem(kind: MediaKind, { type, sizeBytes }: MediaFacts): string | null {
  const { types, most } = RULES[kind];
  if (type !== null && types !== null && !types.includes(type)) {
    return `is ${type}, and must be ${types.join(' or ')}`;
  }
  return sizeBytes !== null && sizeBytes > most ? `is larger than ${most / MB} MB` : null;
}

/** Every link of a message that WhatsApp will fetch. */
export function mediaLinks(content: OutboundContent): MediaLink[] {
  switch (content.type) {
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return linkOf(content.type, content);
    case 'interactive': {
      const { header } = content;
      return header === undefined || header.type === 'text' ? [] : linkOf(header.type, header);
    }
    case 'template':
      return linksOf(content.components);
    default:
      return [];
  }
}

/** Headers of the message and of the cards of its carousel. */
function linksOf(components: readonly TemplateComponent[]): MediaLink[] {
  return components.flatMap((component) => {
    if (component.type === 'carousel')
      return component.cards.flatMap((card) => linksOf(card.components));
    return component.type === 'header' ? component.parameters.flatMap(linkOfParameter) : [];
  });
}

function linkOf(kind: MediaKind, { link }: MediaSource): MediaLink[] {
  return link === undefined ? [] : [{ kind, link }];
}

function linkOfParameter(parameter: { type: string } & MediaSource): MediaLink[] {
  const { type } = parameter;
  return type === 'image' || type === 'video' || type === 'document' ? linkOf(type, parameter) : [];
}
